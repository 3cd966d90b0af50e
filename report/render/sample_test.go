package render

import (
	"fmt"
	"time"

	"trunkstat/report"
)

var berlin = must(time.LoadLocation("Europe/Berlin"))

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func day(s string) time.Time { return must(time.ParseInLocation("2006-01-02 15:04:05", s, berlin)) }

// blank is a report of the first quarter of 2025 without rows.
func blankReport(by ...report.Dimension) *report.Result {
	return &report.Result{
		By:          by,
		Columns:     report.DefaultColumns,
		Since:       day("2025-01-01 00:00:00"),
		Until:       day("2025-03-31 23:59:59"),
		Zone:        berlin,
		ZoneName:    "Europe/Berlin",
		GeneratedAt: day("2026-11-23 10:05:00"),
		Coverage: report.Coverage{
			Repositories: 300, Incomplete: 2, OldestSync: day("2026-11-23 10:00:00"),
		},
	}
}

func counts(commits, merges, authors int) report.Counts {
	c := report.Counts{Commits: commits, Merges: merges, Authors: authors}
	if commits > 0 {
		c.First, c.Last = day("2025-01-02 09:00:00"), day("2025-03-31 18:30:00")
	}
	return c
}

func row(c report.Counts, keys ...string) report.Row { return report.Row{Keys: keys, Counts: c} }

// push adds rows to a report.
func push(res *report.Result, rows ...report.Row) {
	res.Rows = report.NewRows(append(rowsOf(res), rows...)...)
}

func rowsOf(res *report.Result) []report.Row {
	var rows []report.Row
	for row := range res.Rows.All() {
		rows = append(rows, *row)
	}
	return rows
}

// byRepository has names that can break a table: wide, joined and long ones.
func byRepository() *report.Result {
	res := blankReport(report.Repository)
	push(res,
		row(counts(12345, 1200, 42), "backend-api"),
		row(counts(987, 3, 7), "web/フロントエンド"),
		row(counts(640, 0, 5), "family-👨‍👩‍👧-and-🇩🇪-flag"),
		row(counts(612, 0, 5), "heart-❤️-keycap-1️⃣"),
		row(counts(64, 0, 1), "a-repository-whose-name-somebody-made-very-long-indeed-for-no-reason"),
		row(counts(7, 0, 1), "cafe\u0301 (gone)"),
		row(counts(0, 0, 0), "silent"),
	)
	res.Total = counts(14655, 1203, 51)
	res.Notes = []string{"30 commits are in several repositories and count once in the total"}
	return res
}

// hostile has authors whose names hold escape sequences, formulas and markup.
func hostile() *report.Result {
	res := blankReport(report.AuthorDim)
	for i, name := range []string{
		"\x1b[31mred\x1b[0m", "\x1b]0;title\apwned", "two\nlines\tand tab", "\u202Egnp.exe",
		"=HYPERLINK(\"http://x\")", "a|b`c*d_e<script>alert(1)</script>", "bad\xffutf8",
		"\"quoted\", with comma", "</title><img src=x onerror=y>", "𓀀\U000F0000\U0010FFFD",
	} {
		r := row(counts(100-i, i, 1), name)
		r.Email = fmt.Sprintf("+a%d@example.org", i)
		push(res, r)
	}
	res.Total = counts(955, 45, 10)
	return res
}

func withOthers() *report.Result {
	res := byRepository()
	res.Rows = report.NewRows(rowsOf(res)[:3]...)
	res.Others = &report.Others{Rows: 1297, Counts: counts(683, 0, 6)}
	return res
}

// pivotedWithOthers is a narrow pivot of which one row was cut off.
func pivotedWithOthers() *report.Result {
	res := pivoted(3)
	rows := rowsOf(res)
	last := rows[2]
	res.Rows = report.NewRows(rows[:2]...)
	res.Others = &report.Others{Rows: 1500, Counts: last.Counts, Cells: last.Cells}
	return res
}

func compared() *report.Result {
	res := blankReport(report.Month)
	res.PreviousSince, res.PreviousUntil = day("2024-10-01 00:00:00"), day("2024-12-31 23:59:59")
	for i, n := range []int{1300, 0, 250} {
		r := row(counts(n, n/10, n/100), fmt.Sprintf("2025-%02d", i+1))
		previous := counts([]int{1000, 0, 2500}[i], 0, 3)
		r.Previous = &previous
		push(res, r)
	}
	res.Total = counts(1550, 155, 12)
	previous := counts(3500, 0, 9)
	res.PreviousTotal = &previous
	return res
}

func pivoted(months int) *report.Result {
	res := blankReport(report.AuthorDim)
	res.Pivot = report.Month
	res.TotalCells = make([]int, months)
	for m := range months {
		res.PivotValues = append(res.PivotValues, fmt.Sprintf("%d-%02d", 2023+m/12, m%12+1))
	}
	for i, name := range []string{"Ada Lovelace", "山田太郎", "Grace"} {
		r := row(report.Counts{}, name)
		r.Email = fmt.Sprintf("person%d@example.org", i)
		for m := range months {
			n := (m*7 + i*13) % 50 * (m % 3)
			r.Cells = append(r.Cells, n)
			r.Counts.Commits += n
			res.TotalCells[m] += n
		}
		res.Total.Commits += r.Counts.Commits
		push(res, r)
	}
	return res
}

// byDay is a year of days: silent week-ends, and one day that towers above the others.
func byDay() *report.Result {
	res := blankReport(report.Day)
	res.Since, res.Until = day("2024-02-20 00:00:00"), day("2025-03-10 23:59:59")
	for d := res.Since; d.Before(res.Until); d = d.AddDate(0, 0, 1) {
		n := (d.YearDay()*37 + int(d.Month())*11) % 40
		if d.Weekday() == time.Saturday || d.Weekday() == time.Sunday {
			n = 0
		}
		if d.YearDay() == 100 {
			n = 160
		}
		c := report.Counts{Commits: n, Merges: n / 9, Authors: n / 5}
		if n > 0 {
			c.First, c.Last = d.Add(9*time.Hour), d.Add(18*time.Hour)
		}
		push(res, row(c, d.Format(time.DateOnly)))
		res.Calendar = append(res.Calendar, report.DayCommits{Day: d, Commits: n})
		res.Total.Commits += n
		res.Total.Merges += n / 9
	}
	res.Total.Authors = 12
	res.Total.First, res.Total.Last = res.Since.Add(9*time.Hour), res.Until
	return res
}

// reports are the cases of the golden files.
func reports() map[string]*report.Result {
	return map[string]*report.Result{
		"repository": byRepository(),
		"hostile":    hostile(),
		"others":     withOthers(),
		"compare":    compared(),
		"pivot":      pivoted(24),
		"rest":       pivotedWithOthers(),
		"empty":      blankReport(report.Repository),
		"day":        byDay(),
	}
}
