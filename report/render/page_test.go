package render

import (
	"encoding/xml"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
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
			if want := res.Rows.Len() + 2; elements["tr"] != want && res.Others == nil {
				t.Errorf("%d lines in the table instead of %d", elements["tr"], want)
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
	for seed := range uint64(200) {
		res := randomReport(rand.New(rand.NewPCG(seed, 4)))
		for _, row := range rowsOf(res) {
			row.Keys[0] += "</td><script>alert(1)</script>\"'`${x}<!--"
		}
		parsePage(t, render(t, res, "html", Terminal{}))
	}
}

func TestPagePictures(t *testing.T) {
	tests := []struct {
		name        string
		res, days   *report.Result
		svgs, rects int
	}{
		{"bars", byRepository(), blankReport(report.Day), 1, 7},
		{"bars and a calendar", byRepository(), byDay(), 3, 7 + byDay().Rows.Len()},
		{"columns", compared(), blankReport(report.Day), 1, 3},
		{"pivot over time", pivoted(24), blankReport(report.Day), 1, 24},
		{"area and a calendar", byDay(), byDay(), 3, byDay().Rows.Len()},
		{"nothing", blankReport(report.Repository), blankReport(report.Day), 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.days != nil {
				tt.res.Calendar = tt.days.Calendar
			}
			elements := parsePage(t, render(t, tt.res, "html", Terminal{}))
			if elements["svg"] != tt.svgs || elements["rect"] != tt.rects {
				t.Errorf("%d pictures with %d shapes, want %d with %d",
					elements["svg"], elements["rect"], tt.svgs, tt.rects)
			}
			if elements["desc"] != tt.svgs {
				t.Errorf("%d of %d pictures are described", elements["desc"], tt.svgs)
			}
		})
	}
}

// TestCalendarOfOddDays draws the days of the range alone, with those between that have no commits,
// and is not led astray by a clock that ran wrong.
func TestCalendarOfOddDays(t *testing.T) {
	all := calendars([]report.DayCommits{
		{Day: time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC), Commits: 1},
		{Day: day("2024-12-30 00:00:00"), Commits: 4},
		{Day: day("2025-01-03 00:00:00"), Commits: 2},
		{Day: time.Date(12025, 1, 1, 0, 0, 0, 0, time.UTC), Commits: 1},
	})
	if len(all) != 2 || all[0].ID != "year-2025" || all[1].ID != "year-2024" {
		t.Fatalf("got %d calendars", len(all))
	}
	if len(all[0].Rects) != 3 || len(all[1].Rects) != 2 {
		t.Errorf("%d and %d days, want 3 and 2", len(all[0].Rects), len(all[1].Rects))
	}
	if want := "2 commits on 1 day; the stronger the colour, the more commits."; all[0].Desc != want {
		t.Errorf("got %q", all[0].Desc)
	}
}

// TestBarChartOfMany keeps to the top, and sorts by commits whatever the table is sorted by.
func TestBarChartOfMany(t *testing.T) {
	res := blankReport(report.Repository)
	for i := range 50 {
		push(res, row(counts(i, 0, 1), string(rune('a'+i%26))))
	}
	res.Total = counts(1225, 0, 1)
	p := barChart(res)
	if len(p.Rects) != topBars || !strings.HasPrefix(p.Rects[0].Title, "x: 49 commits") {
		t.Errorf("%d bars, the first %q", len(p.Rects), p.Rects[0].Title)
	}
}

func TestTickDistance(t *testing.T) {
	for most, want := range map[int]int{0: 1, 1: 1, 5: 1, 6: 2, 10: 2, 11: 5, 26: 10, 160: 50, 99999: 20000} {
		if got := tickDistance(most); got != want {
			t.Errorf("tickDistance(%d) = %d, want %d", most, got, want)
		}
	}
}

// TestPageInBrowser lets Chromium read a page that was written to run a script, and looks at
// what became of it.
func TestPageInBrowser(t *testing.T) {
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
