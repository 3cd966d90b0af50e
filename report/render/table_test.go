package render

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/clipperhouse/displaywidth"

	"trunkstat/report"
	"trunkstat/store"
)

var sgr = regexp.MustCompile("\x1b\\[[0-9;]*m")

// render writes a report, or fails the test. It checks where the footer goes, and takes it off a
// table on a terminal.
func render(t testing.TB, res *report.Result, format string, term Terminal) string {
	t.Helper()
	var out, footer bytes.Buffer
	if err := Write(&out, res, format, Options{Terminal: term, Footer: &footer}); err != nil {
		t.Fatal(err)
	}
	elsewhere := ""
	switch {
	case format == "table" && term.Width > 0:
		table, found := strings.CutSuffix(out.String(), Wrap(Footer(res), term.Width))
		if !found {
			t.Fatalf("no footer under the table:\n%s", out.String())
		}
		out.Reset()
		out.WriteString(table)
	case format == "table" || format == "csv":
		elsewhere = Footer(res)
	}
	if footer.String() != elsewhere {
		t.Fatalf("%s on %+v: the footer beside it is %q", format, term, footer.String())
	}
	return out.String()
}

// randomText is apt to break a layout: wide, narrow, joined, broken and hostile characters.
func randomText(r *rand.Rand) string {
	pieces := []string{
		"a", "B7", "-", "repository", "フ", "山田", "👨‍👩‍👧", "🇩🇪", "❤️", "👍🏽", "1️⃣", "e\u0301", "\u200d", " ",
		"\t", "\n", "\x1b[31m", "\x1b]0;x\a", "\x1b", "\xff", "\u202e", "\u2066", "\u009b1m", "\U000F0000",
		"\U0010FFFD", "|", "\u0600", "\u20e3", "\ufe0f", "\U0001F3FD", "שלום", "नमस्ते", "…", "█", "\r", "\ufeff", "=", "\u0085", "\x00",
	}
	var b strings.Builder
	for range r.IntN(12) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	return b.String()
}

func randomReport(r *rand.Rand) *report.Result {
	dims := slices.Clone(report.Dimensions)
	r.Shuffle(len(dims), func(i, j int) { dims[i], dims[j] = dims[j], dims[i] })
	res := blankReport(dims[:1+r.IntN(3)]...)
	if r.IntN(3) == 0 {
		res.Pivot = dims[4]
		for range r.IntN(40) {
			res.PivotValues = append(res.PivotValues, randomText(r))
			res.TotalCells = append(res.TotalCells, r.IntN(1e6))
		}
	}
	for range r.IntN(20) {
		row := report.Row{Counts: counts(r.IntN(1e8), r.IntN(100), r.IntN(9)), Email: randomText(r)}
		for range res.By {
			row.Keys = append(row.Keys, randomText(r))
		}
		for range res.PivotValues {
			row.Cells = append(row.Cells, r.IntN(1e6))
		}
		push(res, row)
	}
	if r.IntN(3) == 0 {
		res.Others = &report.Others{Rows: r.IntN(1e5), Counts: counts(5, 1, 1), Cells: res.TotalCells}
	}
	if r.IntN(3) == 0 && res.Pivot == "" {
		previous := counts(r.IntN(1e6), 1, 1)
		res.PreviousTotal = &previous
	}
	res.Total = counts(r.IntN(1e9), r.IntN(1e6), r.IntN(1000))
	return res
}

// seeds returns how many random reports a test makes of n; a short run makes a fifth of them.
func seeds(n uint64) uint64 {
	if testing.Short() {
		return n / 5
	}
	return n
}

func TestTableFitsTerminal(t *testing.T) {
	for seed := range seeds(1500) {
		r := rand.New(rand.NewPCG(seed, 1))
		res := randomReport(r)
		term := Terminal{Width: 1 + r.IntN(160), Color: r.IntN(2) == 0}
		for l := range strings.Lines(render(t, res, "table", term)) {
			l = strings.TrimSuffix(l, "\n")
			if term.Color {
				l = sgr.ReplaceAllString(l, "")
			}
			if w := displaywidth.String(l); w > term.Width {
				t.Fatalf("seed %d: %d columns on a terminal of %d: %q", seed, w, term.Width, l)
			}
			if store.Clean(l) != l {
				t.Fatalf("seed %d: not clean: %q", seed, l)
			}
		}
	}
}

// TestTableAligns holds every line of a terminal's table to the same width: the one of the line
// under the header.
func TestTableAligns(t *testing.T) {
	for name, res := range reports() {
		lines := strings.Split(render(t, res, "table", Terminal{Width: 200}), "\n")
		want := displaywidth.String(lines[1])
		for _, l := range lines[:len(lines)-1] {
			if got := displaywidth.String(l); got != want && !strings.HasPrefix(l, "…") && !strings.HasPrefix(l, "trend: ") {
				t.Errorf("%s: %d columns instead of %d: %q", name, got, want, l)
			}
		}
	}
}

func TestPlainTable(t *testing.T) {
	for seed := range seeds(200) {
		res := randomReport(rand.New(rand.NewPCG(seed, 2)))
		out := render(t, res, "table", Terminal{})
		lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
		want := 2 + res.Rows.Len()
		if res.Others != nil {
			want++
		}
		if len(lines) != want {
			t.Fatalf("seed %d: %d lines instead of %d:\n%s", seed, len(lines), want, out)
		}
		for _, l := range lines {
			if strings.TrimRight(l, " ") != l || store.Clean(l) != l {
				t.Fatalf("seed %d: blanks at the end, or not clean: %q", seed, l)
			}
		}
	}
}

func TestTableOfGrid(t *testing.T) {
	g := Grid{
		Columns: []Column{
			{Name: "default_branch", Elastic: true}, {Name: "commits", Number: true},
			{Name: "last_sync"},
		},
		Rows: [][]Cell{
			{Text("main"), Number(1234567), Date(time.Date(2025, 3, 31, 10, 0, 0, 0, time.UTC))},
			{Text("trunk")}, {Text("-"), Number(-1000), Text("-")},
		},
	}
	tests := []struct {
		name string
		grid Grid
		term Terminal
		want string
	}{
		{"plain", g, Terminal{}, "" +
			"DEFAULT BRANCH    COMMITS  LAST SYNC\n" +
			"main            1,234,567  2025-03-31\n" +
			"trunk                   -  -\n" +
			"-                  -1,000  -\n"},
		{"terminal", g, Terminal{Width: 80}, "" +
			"DEFAULT BRANCH    COMMITS  LAST SYNC \n" +
			"─────────────────────────────────────\n" +
			"main            1,234,567  2025-03-31\n" +
			"trunk                                \n" +
			"-                  -1,000  -         \n"},
		{"narrow", g, Terminal{Width: 34}, "" +
			"DEFAULT BR…    COMMITS  LAST SYNC \n" +
			"──────────────────────────────────\n" +
			"main         1,234,567  2025-03-31\n" +
			"trunk                             \n" +
			"-               -1,000  -         \n"},
		{"no rows", Grid{Columns: g.Columns}, Terminal{}, "DEFAULT BRANCH  COMMITS  LAST SYNC\n"},
		{"no rows on a terminal", Grid{Columns: g.Columns}, Terminal{Width: 80}, "" +
			"DEFAULT BRANCH  COMMITS  LAST SYNC\n"},
		{"long", Grid{Columns: []Column{{Name: "a"}}, Rows: make([][]Cell, manyRows+1)},
			Terminal{Width: 10}, "A\n" + strings.Repeat("\n", manyRows+1)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			if err := Table(&out, tt.grid, tt.term); err != nil {
				t.Fatal(err)
			}
			if out.String() != tt.want {
				t.Errorf("got:\n%s\nwant:\n%s", out.String(), tt.want)
			}
		})
	}
}

// fullDisk takes so many bytes and no more.
type fullDisk struct{ room int }

func (d *fullDisk) Write(p []byte) (int, error) {
	if len(p) > d.room {
		n := d.room
		d.room = 0
		return n, syscall.ENOSPC
	}
	d.room -= len(p)
	return len(p), nil
}

func TestWriterErrorsSurface(t *testing.T) {
	for _, format := range Formats {
		for _, room := range []int{0, 100} {
			for _, term := range []Terminal{{}, {Width: 80}} {
				err := Write(&fullDisk{room}, byRepository(), format, Options{Terminal: term})
				if !errors.Is(err, syscall.ENOSPC) {
					t.Errorf("%s after %d bytes: %v", format, room, err)
				}
			}
		}
	}
	if err := CSV(&fullDisk{}, dataGrid(byRepository()), CSVOptions{}); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("CSV: %v", err)
	}
	if err := JSON(&fullDisk{}, "text"); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("JSON: %v", err)
	}
}

func TestCount(t *testing.T) {
	tests := map[int]string{
		0: "0", 7: "7", 999: "999", 1000: "1,000", 12345: "12,345", 1234567: "1,234,567",
		-1: "-1", -999: "-999", -1000: "-1,000", -123456: "-123,456",
	}
	for n, want := range tests {
		if got := Count(n); got != want {
			t.Errorf("Count(%d) = %q, want %q", n, got, want)
		}
	}
}

// manyReport has n rows of realistic length.
func manyReport(n int) *report.Result {
	res := blankReport(report.Repository, report.Day)
	var rows []report.Row
	for i := range n {
		rows = append(rows, row(counts(i%1000, i%10, i%7), fmt.Sprintf("repository-%d", i/300),
			day("2025-01-01 00:00:00").AddDate(0, 0, i%300).Format("2006-01-02")))
	}
	push(res, rows...)
	res.Total = counts(n, n/10, 100)
	return res
}

func BenchmarkReport(b *testing.B) {
	res := manyReport(100_000)
	for _, format := range Formats {
		b.Run(format, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := Write(io.Discard, res, format, Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("terminal", func(b *testing.B) {
		for b.Loop() {
			if err := Write(io.Discard, res, "table", Options{Terminal: Terminal{Width: 120}}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("terminal, 20000 columns", func(b *testing.B) {
		res := pivoted(20_000)
		for b.Loop() {
			if err := Write(io.Discard, res, "table", Options{Terminal: Terminal{Width: 120}}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("terminal, 2000 rows", func(b *testing.B) {
		res := manyReport(manyRows)
		for b.Loop() {
			if err := Write(io.Discard, res, "table", Options{Terminal: Terminal{Width: 120}}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// TestColumnsLeftOut: tables leave out what is the same in every row; CSV and JSON do not.
func TestColumnsLeftOut(t *testing.T) {
	const authors, dates = "AUTHORS", "FIRST COMMIT  LAST COMMIT"
	tests := []struct {
		by   []report.Dimension
		gone []string
	}{
		{[]report.Dimension{report.Repository}, nil},
		{[]report.Dimension{report.AuthorDim}, []string{authors}},
		{[]report.Dimension{report.Repository, report.AuthorDim}, []string{authors}},
		{[]report.Dimension{report.Weekday}, []string{dates}},
		{[]report.Dimension{report.Hour}, []string{dates}},
		{[]report.Dimension{report.AuthorDim, report.Hour}, []string{authors, dates}},
	}
	for _, tt := range tests {
		res := blankReport(tt.by...)
		push(res, row(counts(3, 1, 1), make([]string, len(tt.by))...))
		for _, term := range []Terminal{{}, {Width: 160}} {
			head, _, _ := strings.Cut(render(t, res, "table", term), "\n")
			for _, column := range []string{authors, dates} {
				if left := !strings.Contains(head, column); left != slices.Contains(tt.gone, column) {
					t.Errorf("%v: left out %s: %t in %s", tt.by, column, left, head)
				}
			}
		}
		head, _, _ := strings.Cut(render(t, res, "csv", Terminal{}), "\n")
		if !strings.HasSuffix(head, "commits,merges,authors,first_commit,last_commit") {
			t.Errorf("%v: CSV has %s", tt.by, head)
		}
		if got := decode(t, render(t, res, "json", Terminal{})); len(got.Rows[0]) != strings.Count(head, ",")+1 {
			t.Errorf("%v: JSON has %v", tt.by, got.Rows[0])
		}
	}
}

// TestTrendScale: a table with sparklines says that their heights are not to be compared across rows.
func TestTrendScale(t *testing.T) {
	const sentence = "trend: each row has its own scale"
	byAuthor := pivoted(12)
	byAuthor.Pivot = report.Repository
	tests := []struct {
		name string
		res  *report.Result
		term Terminal
		want bool
	}{
		{"terminal", pivoted(12), Terminal{Width: 120}, true},
		{"pipe", pivoted(12), Terminal{}, false},
		{"two columns", pivoted(2), Terminal{Width: 120}, false},
		{"no time", byAuthor, Terminal{Width: 120}, false},
		{"no pivot", byRepository(), Terminal{Width: 120}, false},
	}
	for _, tt := range tests {
		text := render(t, tt.res, "table", tt.term)
		if got := strings.Contains(text, sentence); got != tt.want || got != strings.Contains(text, "TREND") {
			t.Errorf("%s: says the scale: %v", tt.name, got)
		}
	}
}
