package render

import (
	"encoding/xml"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"trunkstat/report"
)

// parsePage reads a page as XML, which is stricter than a browser is, and returns how many there
// are of each element. The doctype is not XML's.
func parsePage(t *testing.T, text string) map[string]int {
	t.Helper()
	elements := map[string]int{}
	dec := xml.NewDecoder(strings.NewReader(strings.TrimPrefix(text, "<!DOCTYPE html>")))
	for {
		token, err := dec.Token()
		if err == io.EOF {
			return elements
		}
		if err != nil {
			t.Fatalf("line %d: %v", strings.Count(text[:dec.InputOffset()], "\n")+1, err)
		}
		if start, ok := token.(xml.StartElement); ok {
			elements[start.Name.Local]++
			checkAttributes(t, start)
		}
	}
}

func checkAttributes(t *testing.T, start xml.StartElement) {
	for _, a := range start.Attr {
		switch name := strings.ToLower(a.Name.Local); {
		case strings.HasPrefix(name, "on"), name == "src", name == "href", name == "style",
			name == "action", name == "srcset", name == "data":
			t.Errorf("<%s> has %s=%q", start.Name.Local, name, a.Value)
		}
	}
}

// outside finds what a page could load; the name of SVG is none of it.
var outside = regexp.MustCompile(`(?i)url\(|@import|<script|<link|<iframe|https?://`)

func TestPageStandsAlone(t *testing.T) {
	for name, res := range reports() {
		t.Run(name, func(t *testing.T) {
			text := render(t, res, "html", Terminal{})
			elements := parsePage(t, text)
			if want := (res.Rows.Len() + 2) * elements["table"]; elements["tr"] != want && res.Others == nil {
				t.Errorf("%d lines in the tables instead of %d", elements["tr"], want)
			}
			for _, e := range []string{"script", "img", "link", "iframe", "object", "base", "a"} {
				if elements[e] > 0 {
					t.Errorf("%d of <%s>", elements[e], e)
				}
			}
			own := strings.NewReplacer("http://www.w3.org/2000/svg", "", "http://x", "").Replace(text)
			own = strings.ReplaceAll(own, "&lt;script", "")
			if found := outside.FindString(own); found != "" {
				t.Errorf("the page has %q", found)
			}
		})
	}
}

func TestPageOfRandomText(t *testing.T) {
	for seed := range seeds(200) {
		res := randomReport(rand.New(rand.NewPCG(seed, 4)))
		for _, row := range rowsOf(res) {
			row.Keys[0] += "</td><script>alert(1)</script>\"'`${x}<!--"
		}
		parsePage(t, render(t, res, "html", Terminal{}))
	}
}

// TestPagePictures: each question has its picture, with as many marks as there are numbers.
func TestPagePictures(t *testing.T) {
	tests := []struct {
		name   string
		res    *report.Result
		bars   int // by their classes
		before int
		rest   int
		none   int // what has no value, such as no team
		areas  int
		cells  int
		rules  int // at least: ticks
	}{
		{name: "bars over time", res: byMonth(14), bars: 14, rules: 8},
		{name: "line over time", res: byDays(130), areas: 1, cells: 130, rules: 8},
		{name: "compared over time", res: compared(), bars: 2, before: 2, rules: 6},
		{name: "compared line", res: comparedDays(130), areas: 2, rules: 8},
		{name: "ranked", res: byRepository(), bars: 6},
		{name: "ranked, with others", res: withOthers(), bars: 3, rest: 1},
		{name: "ranked, compared", res: comparedRepositories(), bars: 3, before: 3},
		{name: "stack", res: stacked(6, 8, false), bars: 48, rules: 8},
		{name: "stack, with others", res: stacked(6, 8, true), bars: 48, rest: 6, rules: 8},
		{name: "stack of areas", res: stackedDays(130), areas: 2, rules: 8},
		{name: "matrix", res: stacked(6, 9, false), cells: 9 + 9*6, rest: 6, rules: 6},
		{name: "weekdays and hours", res: weekdaysAndHours(), cells: 7 + 7*24 - 7, rest: 23, rules: 24},
		{name: "weekdays alone", res: byWeekday(), bars: 7, rules: 10},
		{name: "two without time", res: repositoriesAndAuthors(), bars: 20, rest: 1},
		{name: "two without time, as a pivot", res: repositoriesByAuthor(), bars: 20, rest: 1},
		{name: "time down, others across", res: monthsByAuthor(), bars: 8, none: 4, rules: 8},
		{name: "nothing", res: blankReport(report.Repository)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := picturesOf(tt.res)
			marks, rules, areas := map[string]int{}, 0, 0
			for _, p := range got {
				rules += len(p.Rules)
				areas += len(p.Areas)
				for _, r := range p.Rects {
					marks[kindOf(r.Class)]++
				}
			}
			want := map[string]int{"bars": tt.bars, "before": tt.before, "rest": tt.rest, "none": tt.none,
				"cells": tt.cells}
			for kind, n := range want {
				if marks[kind] != n {
					t.Errorf("%d %s, want %d", marks[kind], kind, n)
				}
			}
			if areas != tt.areas || rules < tt.rules {
				t.Errorf("%d areas and %d rules, want %d and %d", areas, rules, tt.areas, tt.rules)
			}
			elements := parsePage(t, render(t, tt.res, "html", Terminal{}))
			if elements["desc"] != len(got) || elements["figcaption"] != len(got) {
				t.Errorf("%d of %d pictures are described", elements["desc"], len(got))
			}
		})
	}
}

// kindOf is what kind of mark has a class.
func kindOf(class string) string {
	switch class[0] {
	case 'm', 's':
		return "bars"
	case 'd':
		return "cells"
	}
	return strings.Fields(class)[0]
}

// TestPartialPeriods are lighter and say why, in bars, lines and stacks.
func TestPartialPeriods(t *testing.T) {
	for _, res := range []*report.Result{byMonth(14), stacked(6, 3, false)} {
		first, last := periodsOf(res)[0], periodsOf(res)[len(periodsOf(res))-1]
		res.Partial = []report.Partial{{Period: first}, {Period: last, NotOver: true}}
		p, _ := chartOf(res)
		light := 0
		for _, r := range p.Rects {
			why := ""
			switch {
			case strings.Contains(r.Title, first):
				why = ", cut by the range"
			case strings.Contains(r.Title, last):
				why = ", not over"
			}
			if isLight := strings.HasSuffix(r.Class, " light"); isLight != (why != "") || !strings.HasSuffix(r.Title, why) {
				t.Errorf("%q has class %q", r.Title, r.Class)
			} else if isLight {
				light++
			}
		}
		if light < 2 {
			t.Errorf("%d lighter bars", light)
		}
	}
	res := byDays(130)
	res.Partial = []report.Partial{{Period: periodsOf(res)[129], NotOver: true}}
	p, _ := chartOf(res)
	var classes []string
	for _, a := range p.Areas {
		classes = append(classes, a.Class)
	}
	if want := []string{"mark light", "mark"}; !slices.Equal(classes, want) {
		t.Errorf("the areas are %q, want %q", classes, want)
	}
}

// TestPrepositions: what has the most commits has them on a day, but in a month.
func TestPrepositions(t *testing.T) {
	for d, want := range map[report.Dimension]string{
		report.Weekday: "An Author With a Name 9 on Sunday has ", report.Hour: "An Author With a Name 9 06:00 to 06:59 has ",
		report.Day: "An Author With a Name 9 on 2024-10-26 has ", report.Month: "An Author With a Name 9 in 2025-04 has ",
	} {
		res := pivotOf(d, 7)
		if isCyclic(d) {
			res = pivotOf(report.Month, 7)
			res.Pivot, res.PivotValues = d, valuesOf(d, 0)[:7]
		}
		if p, _ := chartOf(res); !strings.HasPrefix(p.Desc, want) {
			t.Errorf("by %s: %q, want %q…", d, p.Desc, want)
		}
	}
}

// TestPartialRows: where the rows of a pivot are periods, no mark is lighter, so the legend has no such mark.
func TestPartialRows(t *testing.T) {
	for _, n := range []int{3, 30} { // a stack, a matrix
		res := blankReport(report.Week)
		res.Pivot, res.PivotValues = report.Weekday, weekdays
		weeks := periodNames(report.Week, n)
		for _, week := range weeks {
			push(res, cells([]int{1, 2, 3, 4, 5, 6, 7}, week))
		}
		filled(res).Partial = []report.Partial{{Period: weeks[n-1], NotOver: true}}
		p, _ := chartOf(res)
		if last, want := p.Legend[len(p.Legend)-1], (key{"", weeks[n-1] + " is not over"}); last != want {
			t.Errorf("%d weeks: the legend ends with %+v, want %+v", n, last, want)
		}
	}
}

// periodsOf are the rows that are times, or the columns.
func periodsOf(res *report.Result) []string {
	if res.Pivot != "" {
		return res.PivotValues
	}
	var periods []string
	for _, row := range rowsOf(res) {
		periods = append(periods, row.Keys[0])
	}
	return periods
}

// TestCalendar has the days of the range alone, over New Year, and none where days say nothing.
func TestCalendar(t *testing.T) {
	res := blankReport(report.Repository)
	days := func(first string, n int) (days []report.DayCommits) {
		for d := day(first + " 00:00:00"); len(days) < n; d = d.AddDate(0, 0, 1) {
			days = append(days, report.DayCommits{Day: d, Commits: len(days) % 7})
		}
		return days
	}
	res.Calendar = days("2024-12-28", 10)
	res.Total.Commits = 21
	p, ok := calendarOf(res)
	if !ok || len(p.Rects) != 10 {
		t.Fatalf("%d days, want 10", len(p.Rects))
	}
	if got, want := p.Rects[0].Title, "Saturday 2024-12-28: 0 commits"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	monday := p.Rects[2] // 2024-12-30
	if newYear := p.Rects[4]; newYear.X != monday.X || newYear.Y <= monday.Y || p.Rects[0].X >= monday.X {
		t.Errorf("weeks are not columns over New Year: %v, %v, %v", p.Rects[0], monday, newYear)
	}
	if want := "Commits on 8 of 10 days. Friday 2025-01-03 has the most commits: 6, 29 % of 21."; p.Desc != want {
		t.Errorf("got %q, want %q", p.Desc, want)
	}
	if _, ok := calendarOf(&report.Result{By: []report.Dimension{report.Weekday}, Calendar: res.Calendar}); ok {
		t.Error("a report of weekdays has a calendar")
	}
	res.Pivot = report.Hour
	if _, ok := calendarOf(res); ok {
		t.Error("a report of hours has a calendar")
	}
	res.Pivot = ""
	for n, want := range map[int]bool{400: true, 401: false} {
		res.Calendar = days("2024-02-01", n)
		if _, ok := calendarOf(res); ok != want {
			t.Errorf("%d days have a calendar: %v", n, ok)
		}
	}
	res.Calendar = []report.DayCommits{{Day: time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)},
		{Day: time.Date(12025, 1, 1, 0, 0, 0, 0, time.UTC)}}
	if _, ok := calendarOf(res); ok {
		t.Error("a clock that ran wrong makes a calendar")
	}
}

// TestBarChartOfMany keeps to the top, and sorts by commits whatever the table is sorted by.
func TestBarChartOfMany(t *testing.T) {
	res := blankReport(report.Repository)
	for i := range 50 {
		push(res, row(counts(i, 0, 1), string(rune('a'+i%26))))
	}
	res.Total = counts(1225, 0, 1)
	p, _ := chartOf(res)
	if len(p.Labels) != 2*(topBars+1) || !strings.HasPrefix(p.Rects[0].Title, "x: 49 commits") {
		t.Errorf("%d labels, the first bar %q", len(p.Labels), p.Rects[0].Title)
	}
	last := p.Rects[len(p.Rects)-1]
	if want := "others (30): 435 commits"; last.Title != want || last.X+last.W > 100 {
		t.Errorf("the last bar is %v, want %q", last, want)
	}
}

// TestPaperWithoutNumbers: a table that is too wide is split although none of its columns is a count.
func TestPaperWithoutNumbers(t *testing.T) {
	res := blankReport()
	res.Columns = []report.Column{report.FirstCommit}
	var keys []string
	for i := range 12 {
		res.By, keys = append(res.By, report.Dimension(fmt.Sprint("c", i))), append(keys, strings.Repeat("x", 40))
	}
	push(res, row(counts(1, 0, 1), keys...))
	p := newPaper(res, tableGrid(res, tableColumns(res, false)))
	if len(p.Parts) < 2 {
		t.Fatalf("%d parts", len(p.Parts))
	}
	for i, part := range p.Parts {
		if part.Head[0].Text != "C0" {
			t.Errorf("part %d begins with %q", i, part.Head[0].Text)
		}
	}
}

// TestHeadLines: whatever the data lacks stands above the pictures, also of a report without commits.
func TestHeadLines(t *testing.T) {
	res := blankReport(report.Repository)
	res.Coverage.IncompleteListings = []string{"acme"}
	res.Incomplete = []string{"web"}
	want := strings.Split(strings.TrimSuffix(Footer(res), "\n"), "\n")
	if head, foot := headLines(res); !slices.Equal(head, want) || len(foot) > 0 {
		t.Errorf("the head is %q and the foot is %q, want a head of %q", head, foot, want)
	}
}

// TestPaper: a wide table is landscape, then smaller, then in parts that have every column, names of rows in
// each and the total in the last.
func TestPaper(t *testing.T) {
	for months, want := range map[int]struct {
		landscape bool
		points    float64
		parts     int
	}{3: {false, 9.5, 0}, 6: {true, 9.5, 0}, 12: {true, 7.77, 0}, 24: {true, 8, 2}, 60: {true, 8, 5}} {
		res := pivoted(months)
		g := tableGrid(res, tableColumns(res, false))
		p := newPaper(res, g)
		if p.Landscape != want.landscape || p.Points != want.points || len(p.Parts) != want.parts {
			t.Errorf("%d months: landscape %v, %g pt, %d parts, want %v", months, p.Landscape, p.Points,
				len(p.Parts), want)
		}
		var heads []string
		for i, part := range p.Parts {
			if part.Head[0].Text != "Author" || i > 0 && part.Head[1].Text == "Email" {
				t.Errorf("%d months: part %d begins with %v", months, i+1, part.Head[:2])
			}
			if ends := part.Head[len(part.Head)-1].Text; !strings.HasSuffix(part.Caption, " to "+ends) {
				t.Errorf("%d months: part %d is called %q and ends with %s", months, i+1, part.Caption, ends)
			}
			for _, cell := range part.Head[1:] {
				heads = append(heads, cell.Text)
			}
		}
		if n := len(heads); n > 0 && (n != months+2 || heads[n-1] != "Total" || heads[n-2] != g.Columns[months+1].Name) {
			t.Errorf("%d months: the parts have %q", months, heads)
		}
	}
}

// TestPageGolden holds the page of each picture.
func TestPageGolden(t *testing.T) {
	for name, res := range pages() {
		t.Run(name, func(t *testing.T) {
			golden(t, "page-"+name+".html", []byte(render(t, res, "html", Terminal{})))
		})
	}
}

// TestPageInBrowser lets Chromium read a page that was written to run a script, and looks at
// what became of it.
func TestPageInBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: no browser is started")
	}
	browser, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("no chromium on this machine: the page is not opened in a browser")
	}
	res := hostile()
	rowsOf(res)[0].Keys[0] = "</td></svg></title><script>document.body.id='pwned'</script><img src=x onerror=\"document.body.id='pwned'\">"
	file := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(file, []byte(render(t, res, "html", Terminal{})), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), browser, "--headless", "--no-sandbox", "--disable-gpu",
		"--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--user-data-dir="+t.TempDir(),
		"--dump-dom", "file://"+file)
	dom, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	text := string(dom)
	if strings.Contains(text, `id="pwned"`) || strings.Contains(text, "<script") || strings.Contains(text, "<img") {
		t.Error("the author's name became markup")
	}
	if n := strings.Count(text, `<th scope="row"`); n != res.Rows.Len()+1 {
		t.Errorf("the browser sees %d rows instead of %d", n, res.Rows.Len()+1)
	}
}
