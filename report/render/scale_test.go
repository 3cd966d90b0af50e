package render

import (
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"trunkstat/report"
	"trunkstat/report/calendar"
)

// TestLabelsHaveRoom: on a wide screen and on a narrow one, no label of a picture overlaps another or ends
// outside the picture.
func TestLabelsHaveRoom(t *testing.T) {
	all := pages()
	for name, res := range reports() {
		all[name] = res
	}
	for d, last := range map[report.Dimension]int{
		report.Day: 800, report.Week: 160, report.Month: 300, report.Quarter: 90, report.Year: 60,
	} {
		for n := 1; n <= last; n += 1 + n/6 {
			all[fmt.Sprint(n, " of ", d)] = periods(d, n)
			all[fmt.Sprint("pivot of ", n, " of ", d)] = pivotOf(d, n)
		}
	}
	// Long names leave totals and ticks the least room.
	longNames := func(res *report.Result) {
		rows := rowsOf(res)
		for i := range rows {
			rows[i].Keys = []string{"a-repository-with-a-name-of-many-letters", rows[i].Keys[0]}
		}
		res.By, res.Rows = []report.Dimension{report.Repository, report.AuthorDim}, report.NewRows(rows...)
		for j := range res.TotalCells {
			res.TotalCells[j] = 12_345
		}
		all[fmt.Sprint("long names and ", len(res.PivotValues), " of ", res.Pivot)] = res
	}
	for n := 2; n < 20; n++ {
		longNames(pivotOf(report.Month, n))
	}
	for _, d := range []report.Dimension{report.Weekday, report.Hour} {
		res := pivotOf(report.Month, len(valuesOf(d, 0)))
		res.Pivot, res.PivotValues = d, valuesOf(d, 0)
		longNames(res)
	}
	for name, res := range all {
		for _, p := range picturesOf(res) {
			for _, window := range []float64{312, 352, 368, 849, 1152} {
				checkLabels(t, fmt.Sprint(name, " at ", window), p, window)
			}
		}
	}
}

// TestTextWidth: labels are not wider than they are taken for. The widths are those of DejaVu Sans in Chromium.
func TestTextWidth(t *testing.T) {
	for text, pixels := range map[string]float64{
		"demo": 34.0, "mmmmmm": 70.1, "Mon": 25.3, "Wed": 26.2, "Wednesday": 69.5, "2026-10-11": 69.8,
		"Benjamin Wang <wachao@vmw…": 206.6, "Imogen O'Dare <imogen@dem…": 199.9, "MOHAMMED WWW": 114.0,
		"HOME-AUTOMATION": 121.2, "common-mammoth-framework": 187.6, "Жанна Шмидт-Щукина": 146.9,
		"田中太郎": 48.0, "\u00a0\u00a0▲ +1,794, +50.0 %": 117.1,
	} {
		if got := textWidth(text); got < pixels {
			t.Errorf("textWidth(%q) = %g, want %g or more", text, got, pixels)
		}
	}
}

// TestRandomPictures draws reports of all kinds: no label has too little room, and no mark is outside.
func TestRandomPictures(t *testing.T) {
	for seed := range seeds(150) {
		res := randomKind(rand.New(rand.NewPCG(seed, 9)))
		name := fmt.Sprint(seed, ": ", res.By, " ", res.Pivot)
		for _, p := range picturesOf(res) {
			for _, window := range []float64{312, 352, 849, 1152} {
				checkLabels(t, name, p, window)
			}
			for _, l := range p.Labels {
				if text := fmt.Sprint(l.X, " ", l.Y, " ", p.Left, " ", p.Right); len(text) > 28 {
					t.Errorf("%s: %q has long coordinates: %s", name, l.Text, text)
				}
			}
			for _, r := range p.Rects {
				if r.X < 0 || r.X+r.W > 100.05 || r.Y < 0 || r.Y+r.H > p.Height+0.05 || r.W < 0 || r.H < 0 {
					t.Errorf("%s: %+v is outside of %g", name, r, p.Height)
				}
			}
		}
	}
}

// randomKind is a report of one or two random dimensions, maybe with a pivot, a comparison, others or a
// calendar. Its rows are in no order.
func randomKind(r *rand.Rand) *report.Result {
	dims := []report.Dimension{report.Repository, report.AuthorDim, report.Year, report.Quarter, report.Month,
		report.Week, report.Day, report.Weekday, report.Hour}
	r.Shuffle(len(dims), func(i, j int) { dims[i], dims[j] = dims[j], dims[i] })
	res, columns := blankReport(dims[0]), []string(nil)
	if r.IntN(2) == 0 {
		res.Pivot, columns = dims[1], valuesOf(dims[1], 1+r.IntN(150))
		res.PivotValues, res.TotalCells = columns, make([]int, len(columns))
	}
	if r.IntN(4) == 0 {
		res.By = append(res.By, dims[2])
	}
	numbers := func() []int {
		numbers := make([]int, len(columns))
		for i := range numbers {
			numbers[i] = r.IntN(1 + r.IntN(50))
		}
		return numbers
	}
	names := valuesOf(dims[0], 1+r.IntN(150))
	for _, i := range r.Perm(len(names)) {
		keys := []string{names[i], strings.Repeat("second", 1+r.IntN(8))}[:len(res.By)]
		if res.Pivot == "" {
			push(res, row(counts(r.IntN(1+r.IntN(100_000)), 0, 1), keys...))
		} else {
			push(res, cells(numbers(), keys...))
		}
	}
	if r.IntN(3) == 0 {
		others := cells(numbers())
		res.Others = &report.Others{Rows: 1 + r.IntN(3000), Counts: counts(r.IntN(5000), 0, 1), Cells: others.Cells}
	}
	if filled(res); res.Pivot == "" && r.IntN(2) == 0 {
		compare(res)
	}
	res.Partial = []report.Partial{{Period: names[0]}, {Period: append(columns, "")[0], NotOver: true}}
	if r.IntN(3) == 0 {
		res.Calendar = byDays(1 + r.IntN(420)).Calendar
	}
	return res
}

func valuesOf(d report.Dimension, n int) (values []string) {
	switch d {
	case report.Weekday:
		return weekdays
	case report.Hour, report.Repository, report.AuthorDim:
		for i := range map[bool]int{true: 24, false: n}[d == report.Hour] {
			values = append(values, strings.TrimPrefix(fmt.Sprintf("%s%02d", d, i), string(report.Hour)))
		}
		return values
	}
	return periodNames(d, n)
}

// checkLabels lays the labels out in a figure that is so many pixels wide.
func checkLabels(t *testing.T, name string, p picture, figure float64) {
	t.Helper()
	isWide, right := figure >= 848, p.Right
	if !isWide && p.NarrowRight > 0 {
		right = p.NarrowRight
	}
	if p.MaxWidth > 0 {
		figure = min(figure, p.MaxWidth)
	}
	plot := max(figure, p.Least()) - p.Left - right
	type span struct{ from, to float64 }
	byLine := map[float64][]span{}
	for _, l := range p.Labels {
		if !isWide && (l.Class == "minor" || l.Class == "wide") {
			continue
		}
		width := l.width(isWide)
		from := l.X/100*plot + l.Move
		switch l.Anchor {
		case "middle":
			from -= width / 2
		case "end":
			from -= width
		}
		if from < -p.Left-0.5 || from+width > plot+right+0.5 || l.Y < 8 || l.Y > p.Height {
			t.Errorf("%s: %q is outside: %g to %g of %g", name, l.Text, from, from+width, plot)
		}
		for _, other := range byLine[l.Y] {
			if from < other.to && other.from < from+width {
				t.Errorf("%s: %q overlaps another label", name, l.Text)
			}
		}
		byLine[l.Y] = append(byLine[l.Y], span{from, from + width})
	}
}

// periods is a report of so many periods from 2024-10-20 on.
func periods(d report.Dimension, n int) *report.Result {
	res := blankReport(d)
	for _, name := range periodNames(d, n) {
		push(res, row(counts(12345, 0, 1), name))
	}
	res.Total = counts(12345*n, 0, 1)
	return res
}

func pivotOf(d report.Dimension, n int) *report.Result {
	res := blankReport(report.AuthorDim)
	res.Pivot, res.PivotValues = d, periodNames(d, n)
	for i := range 10 {
		numbers := make([]int, n)
		for j := range numbers {
			numbers[j] = i * j
		}
		push(res, cells(numbers, fmt.Sprintf("An Author With a Name %d", i)))
	}
	return filled(res)
}

func periodNames(d report.Dimension, n int) (names []string) {
	unit := map[report.Dimension]calendar.Unit{report.Day: calendar.Day, report.Week: calendar.Week,
		report.Month: calendar.Month, report.Quarter: calendar.Quarter, report.Year: calendar.Year}[d]
	first := unit.Number(calendar.DateOf(time.Date(2024, 10, 20, 0, 0, 0, 0, time.UTC)))
	for i := range n {
		names = append(names, unit.Format(first+i))
	}
	return names
}

func valuesNamed(names ...string) (values []value) {
	for _, name := range names {
		values = append(values, value{name: name})
	}
	return values
}

// TestTicks are where periods begin.
func TestTicks(t *testing.T) {
	tests := []struct {
		d    report.Dimension
		n    int
		want string
	}{
		{report.Day, 5, "20 Oct/2024 21 Oct 22 Oct 23 Oct 24 Oct"},
		{report.Day, 40, "21 Oct/2024 28 Oct 4 Nov 11 Nov 18 Nov 25 Nov"},
		{report.Day, 150, "Nov/2024 Dec Jan/2025 Feb Mar"},
		{report.Week, 30, "Nov/2024 Dec Jan/2025 Feb Mar Apr May"},
		{report.Month, 3, "Oct/2024 Nov Dec"},
		{report.Month, 4, "Oct/2024 Nov Dec Jan/2025"},
		{report.Month, 14, "Oct Jan/2025 Apr Jul Oct"},
		{report.Quarter, 6, "Q4 Q1/2025 Q2 Q3 Q4 Q1/2026"},
		{report.Month, 130, "2025 2026 2027 2028 2029 2030 2031 2032 2033 2034 2035"},
		{report.Year, 30, "2025 2030 2035 2040 2045 2050"},
	}
	for _, tt := range tests {
		var got []string
		for _, tick := range ticksOf(tt.d, valuesNamed(periodNames(tt.d, tt.n)...), 800, 300) {
			text := tick.text
			if tick.year != "" {
				text += "/" + tick.year
			}
			got = append(got, text)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%d of %s: %q, want %q", tt.n, tt.d, got, tt.want)
		}
	}
	if ticks := ticksOf(report.Year, valuesNamed("-0001", "2025"), 800, 300); ticks != nil {
		t.Errorf("a year that cannot be read has ticks: %v", ticks)
	}
}

// TestTicksOnNarrowScreens: an axis has labels there as well, also where no week begins with a month.
func TestTicksOnNarrowScreens(t *testing.T) {
	for d, last := range map[report.Dimension]int{
		report.Day: 800, report.Week: 160, report.Month: 300, report.Quarter: 90, report.Year: 60,
	} {
		for n := 1; n <= last; n += 1 + n/6 {
			for _, narrow := range []float64{60, 233} {
				ticks := ticksOf(d, valuesNamed(periodNames(d, n)...), 600, narrow)
				if len(ticks) > 0 && !slices.ContainsFunc(ticks, func(t tick) bool { return !t.isMinor }) {
					t.Errorf("%d of %s have no label in %g pixels", n, d, narrow)
				}
			}
		}
	}
}

// TestMajorTicks: of the days of a week, not only Monday is shown, and of years by twos, not only those that are
// fifth years as well.
func TestMajorTicks(t *testing.T) {
	tests := []struct {
		d      report.Dimension
		names  []string
		narrow float64
		want   string
	}{
		{report.Day, periodNames(report.Day, 8)[1:], 250, "21 Oct, 23 Oct, 25 Oct, 27 Oct"},
		{report.Year, periodNames(report.Year, 14), 130, "2024, 2028, 2032, 2036"},
	}
	for _, tt := range tests {
		var got []string
		for _, tick := range ticksOf(tt.d, valuesNamed(tt.names...), 570, tt.narrow) {
			if !tick.isMinor {
				got = append(got, tick.text)
			}
		}
		if strings.Join(got, ", ") != tt.want {
			t.Errorf("%s: %q, want %s", tt.d, got, tt.want)
		}
	}
}

func TestTickDistance(t *testing.T) {
	for most, want := range map[int]int{0: 1, 1: 1, 5: 1, 6: 2, 10: 2, 11: 5, 26: 10, 160: 50, 99999: 20000} {
		if got := tickDistance(most); got != want {
			t.Errorf("tickDistance(%d) = %d, want %d", most, got, want)
		}
	}
}

func TestShades(t *testing.T) {
	tests := []struct {
		numbers []int
		want    string
	}{
		{nil, "d0 0"},
		{[]int{0, 7}, "d0 0, d5 7"},
		{[]int{1, 1, 1, 1, 9}, "d0 0, d4 1–8, d5 9"},
		{[]int{1, 2, 3, 4, 5, 6, 7, 8, 9, 1600}, "d0 0, d1 1–2, d2 3–4, d3 5–6, d4 7–8, d5 9–1,600"},
	}
	for _, tt := range tests {
		scale := newShadeScale(tt.numbers)
		var got []string
		for _, k := range scale.legend() {
			if k.Class != "" {
				got = append(got, k.Class+" "+k.Text)
			}
		}
		if strings.Join(got, ", ") != tt.want {
			t.Errorf("%v: %q, want %q", tt.numbers, got, tt.want)
		}
		for _, n := range tt.numbers {
			if class := scale.class(n); !strings.Contains(tt.want, class) {
				t.Errorf("%d has class %s", n, class)
			}
		}
	}
}

// TestContrast: in light and in dark, text has 4.5:1 and marks have 3:1. The shade of nothing is no mark.
func TestContrast(t *testing.T) {
	color := regexp.MustCompile(`--(\w+): (#\w+)`)
	schemes := regexp.MustCompile(`(?s):root \{(.*?)\}`).FindAllString(pageText, -1)
	if len(schemes) != 2 {
		t.Fatalf("%d colour schemes, want 2", len(schemes))
	}
	for _, scheme := range schemes {
		colors := map[string]string{}
		for _, match := range color.FindAllStringSubmatch(scheme, -1) {
			colors[match[1]] = match[2]
		}
		for name, c := range colors {
			least := 3.0
			switch name {
			case "page", "stripe", "line", "d0":
				continue
			case "ink", "soft", "up", "down":
				least = 4.5
			}
			for _, ground := range []string{"page", "stripe"} {
				if name[0] != 's' || name == "soft" || ground == "page" {
					if got := contrast(c, colors[ground]); got < least && (ground == "page" || least == 4.5) {
						t.Errorf("%s %s on %s has %.2f:1, want %.1f", name, c, ground, got, least)
					}
				}
			}
		}
	}
}

// contrast is that of WCAG 2.
func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(color string) (sum float64) {
	hex := strings.TrimPrefix(color, "#")
	if len(hex) == 3 {
		hex = strings.Join(strings.Fields(fmt.Sprintf("%c%[1]c%c%[2]c%c%[3]c", hex[0], hex[1], hex[2])), "")
	}
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, _ := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}
