package render

import (
	"fmt"
	"time"

	"trunkstat/report"
)

// pages are reports of which each has another picture on its page.
func pages() map[string]*report.Result {
	all := map[string]*report.Result{
		"time-bars":        byMonth(14),
		"time-line":        byDays(130),
		"time-compared":    compared(),
		"ranked":           withOthers(),
		"ranked-compared":  comparedRepositories(),
		"stack":            stacked(14, 3, true),
		"matrix":           stacked(14, 9, false),
		"weekday-hour":     weekdaysAndHours(),
		"weekday":          byWeekday(),
		"two":              repositoriesAndAuthors(),
		"transposed":       monthsByAuthor(),
		"paper-parts":      pivoted(24),
		"long-and-hostile": hostile(),
	}
	bars := all["time-bars"]
	bars.Partial = []report.Partial{{Period: "2025-01"}, {Period: "2026-02", NotOver: true}}
	bars.Notes = []string{"bots: 12 commits by 1 bot left out", "the account of Ada joins 7 e-mails"}
	bars.LeftOut = bars.Notes[:1]
	return all
}

// filled sets the totals of a report to the sums of its rows.
func filled(res *report.Result) *report.Result {
	commits := 0
	for _, row := range rowsOf(res) {
		commits += row.Counts.Commits
		for j, n := range row.Cells {
			if res.TotalCells == nil {
				res.TotalCells = make([]int, len(row.Cells))
			}
			res.TotalCells[j] += n
		}
	}
	if res.Others != nil {
		commits += res.Others.Counts.Commits
		for j, n := range res.Others.Cells {
			res.TotalCells[j] += n
		}
	}
	res.Total = counts(commits, commits/9, 12)
	return res
}

// cells is a row of a pivot.
func cells(numbers []int, keys ...string) report.Row {
	sum := 0
	for _, n := range numbers {
		sum += n
	}
	r := row(counts(sum, 0, 3), keys...)
	r.Cells = numbers
	return r
}

func monthName(i int) string { return day("2025-01-01 00:00:00").AddDate(0, i, 0).Format("2006-01") }

func nthDay(i int) string { return day("2024-11-20 00:00:00").AddDate(0, 0, i).Format(time.DateOnly) }

func byMonth(months int) *report.Result {
	res := blankReport(report.Month)
	for i := range months {
		push(res, row(counts(100+i*37%200, i, 5), monthName(i)))
	}
	return filled(res)
}

// byDays has a calendar too.
func byDays(days int) *report.Result {
	res := blankReport(report.Day)
	for i := range days {
		push(res, row(counts(1+i*13%40, 0, 2), nthDay(i)))
		res.Calendar = append(res.Calendar, report.DayCommits{
			Day: time.Date(2024, 11, 20+i, 0, 0, 0, 0, time.UTC), Commits: 1 + i*13%40})
	}
	return filled(res)
}

// compare gives each row a count of the range before, the last one none.
func compare(res *report.Result) *report.Result {
	res.PreviousSince, res.PreviousUntil = day("2024-10-01 00:00:00"), day("2024-12-31 23:59:59")
	rows, all := rowsOf(res), report.Counts{}
	for i := range rows[:len(rows)-1] {
		previous := counts(rows[i].Counts.Commits*(i%3+1)/2+i%2, 0, 3)
		rows[i].Previous = &previous
		all.Commits += previous.Commits
	}
	res.Rows, res.PreviousTotal = report.NewRows(rows...), &all
	return res
}

func comparedDays(days int) *report.Result {
	res := compare(byDays(days))
	res.Calendar = nil
	return res
}

func comparedRepositories() *report.Result {
	res := blankReport(report.Repository)
	push(res, row(counts(1234, 3, 9), "backend-api"), row(counts(640, 0, 5), "web"), row(counts(64, 0, 1), "new"),
		row(counts(0, 0, 0), "quiet"))
	res = compare(filled(res))
	rows := rowsOf(res)
	previous := counts(90, 0, 1)
	rows[2].Previous, rows[3].Previous = nil, &previous
	res.Rows = report.NewRows(rows...)
	return res
}

// stacked is a pivot of repositories by month.
func stacked(months, repositories int, others bool) *report.Result {
	res := blankReport(report.Repository)
	res.Pivot = report.Month
	numbers := func(i int) []int {
		all := make([]int, months)
		for m := range all {
			all[m] = 1 + (m*7+i*13)%50
		}
		return all
	}
	for m := range months {
		res.PivotValues = append(res.PivotValues, monthName(m))
	}
	for i := range repositories {
		push(res, cells(numbers(i), fmt.Sprintf("repository-%d", i+1)))
	}
	if others {
		rest := cells(numbers(11))
		res.Others = &report.Others{Rows: 7, Counts: rest.Counts, Cells: rest.Cells}
	}
	return filled(res)
}

func stackedDays(days int) *report.Result {
	res := blankReport(report.Team)
	res.Pivot = report.Day
	var payments, search []int
	for i := range days {
		res.PivotValues = append(res.PivotValues, nthDay(i))
		payments, search = append(payments, 1+i%5), append(search, 1+i%3)
	}
	push(res, cells(payments, "payments"), cells(search, "search"))
	return filled(res)
}

// weekdaysAndHours is sorted by commits, and one column has nothing.
func weekdaysAndHours() *report.Result {
	res := blankReport(report.Weekday)
	res.Pivot = report.Hour
	for h := range 24 {
		res.PivotValues = append(res.PivotValues, fmt.Sprintf("%02d", h))
	}
	for i := range weekdays {
		numbers := make([]int, 24)
		for h := 1; h < 24; h++ {
			numbers[h] = 1 + (h*5+i*11)%60
		}
		push(res, cells(numbers, weekdays[(i+3)%7]))
	}
	return filled(res)
}

func byWeekday() *report.Result {
	res := blankReport(report.Weekday)
	for i := range weekdays {
		push(res, row(counts(40+i*31%90, 0, 5), weekdays[(i+3)%7]))
	}
	return filled(res)
}

func repositoriesAndAuthors() *report.Result {
	res := blankReport(report.Repository, report.AuthorDim)
	for i := range 24 {
		push(res, row(counts(300-i*11, 0, 1), fmt.Sprintf("repository-%d", i%3+1), fmt.Sprintf("Author %d", i+1)))
	}
	return filled(res)
}

func repositoriesByAuthor() *report.Result {
	res := stacked(9, 3, false)
	res.Pivot = report.AuthorDim
	for i := range res.PivotValues {
		res.PivotValues[i] = fmt.Sprintf("Author %d", i+1)
	}
	return res
}

func monthsByAuthor() *report.Result {
	res := blankReport(report.Month)
	res.Pivot, res.PivotValues = report.Assistant, []string{"(none)", "claude", "copilot"}
	for m := range 4 {
		push(res, cells([]int{200 - 20*m, 5 + 30*m, 7}, monthName(m)))
	}
	return filled(res)
}
