package report

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"trunkstat/store"
)

// show writes first keys and commits.
func show(r *Result) string {
	var rows []string
	for _, row := range rowsOf(r) {
		rows = append(rows, fmt.Sprintf("%s:%d", strings.Join(row.Keys, "|"), row.Counts.Commits))
	}
	return strings.Join(rows, " ")
}

// silentNow is when the reports on silence are made: open ranges end there.
var silentNow = time.Date(2025, 1, 5, 12, 0, 0, 0, time.UTC)

func TestSilentRows(t *testing.T) {
	db := small(t, "2025-01-01", "2025-01-04", "2025-01-04")
	tests := []struct {
		name, since, until string
		by                 Dimension
		want               string
	}{
		{"open", "", "", Day, "2025-01-01:1 2025-01-02:0 2025-01-03:0 2025-01-04:2"},
		{"asked", "2024-12-31", "2025-01-05", Day,
			"2024-12-31:0 2025-01-01:1 2025-01-02:0 2025-01-03:0 2025-01-04:2 2025-01-05:0"},
		{"open end", "2024-12-31", "", Day,
			"2024-12-31:0 2025-01-01:1 2025-01-02:0 2025-01-03:0 2025-01-04:2 2025-01-05:0"},
		{"open beginning", "", "2025-01-03", Day, "2025-01-01:1 2025-01-02:0 2025-01-03:0"},
		{"nothing in the range", "2025-01-02", "2025-01-03", Day, "2025-01-02:0 2025-01-03:0"},
		{"nothing, open", "2025-02-01", "", Day, ""},
		{"weeks", "2024-12", "2025-01-05", Week,
			"2024-W48:0 2024-W49:0 2024-W50:0 2024-W51:0 2024-W52:0 2025-W01:3"},
		{"months", "2024-11", "2025-02", Month, "2024-11:0 2024-12:0 2025-01:3 2025-02:0"},
		{"quarters", "2024", "2025-Q1", Quarter,
			"2024-Q1:0 2024-Q2:0 2024-Q3:0 2024-Q4:0 2025-Q1:3"},
		{"years", "2023", "2026", Year, "2023:0 2024:0 2025:3 2026:0"},
		{"weekdays", "", "", Weekday,
			"Monday:0 Tuesday:0 Wednesday:1 Thursday:0 Friday:0 Saturday:2 Sunday:0"},
		{"repositories", "2024", "2024", Repository, "one:0"},
		{"authors", "2024", "2024", AuthorDim, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := mustVolume(t, db, Query{By: []Dimension{test.by}, Zone: time.UTC, Now: silentNow,
				Filter: mustRange(t, time.UTC, test.since, test.until)})
			if got := show(r); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
	hours := mustVolume(t, db, Query{By: []Dimension{Hour}, Zone: time.UTC, Now: silentNow})
	if hours.Rows.Len() != 24 || rowsOf(hours)[23].Keys[0] != "23" || rowsOf(hours)[0].Counts.Commits != 3 {
		t.Errorf("hours are %s", show(hours))
	}
	two := mustVolume(t, db, Query{By: []Dimension{Day, Hour}, Zone: time.UTC, Now: silentNow})
	if got := show(two); got != "2025-01-01|00:1 2025-01-04|00:2" {
		t.Errorf("two dimensions: %s", got)
	}
}

// TestOpenEndIsToday: a commit that is dated later is a row, and the years until then are not.
func TestOpenEndIsToday(t *testing.T) {
	r := mustVolume(t, small(t, "2025-01-04", "2125-01-09"), Query{By: []Dimension{Day}, Zone: time.UTC,
		Now: silentNow, Filter: mustRange(t, time.UTC, "2025-01-03", "")})
	if got, want := show(r), "2025-01-03:0 2025-01-04:1 2025-01-05:0 2125-01-09:1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSilentColumns(t *testing.T) {
	db := small(t, "2025-01-01", "2025-01-03")
	r := mustVolume(t, db, Query{Pivot: Day, Zone: time.UTC, Now: silentNow,
		Filter: mustRange(t, time.UTC, "2024-12-31", "")})
	want := []string{"2024-12-31", "2025-01-01", "2025-01-02", "2025-01-03", "2025-01-04", "2025-01-05"}
	if !slices.Equal(r.PivotValues, want) || !slices.Equal(r.TotalCells, []int{0, 1, 0, 1, 0, 0}) ||
		!slices.Equal(rowsOf(r)[0].Cells, []int{0, 1, 0, 1, 0, 0}) {
		t.Errorf("got %v %v %v", r.PivotValues, r.TotalCells, rowsOf(r))
	}
}

// TestSilentRowsOfPivot: rows of one dimension have no gaps, whether there are columns or not.
func TestSilentRowsOfPivot(t *testing.T) {
	db := small(t, "2025-01-01", "2025-01-04", "2025-01-04")
	tests := []struct {
		by, pivot Dimension
		want      string
	}{
		{Day, AuthorDim, "2025-01-01:1[1] 2025-01-02:0[0] 2025-01-03:0[0] 2025-01-04:2[2]"},
		{Day, Year, "2025-01-01:1[1] 2025-01-02:0[0] 2025-01-03:0[0] 2025-01-04:2[2]"},
		{AuthorDim, Day, "A:3[1 0 0 2]"},
		{Repository, Month, "one:3[3]"},
	}
	for _, test := range tests {
		q := Query{By: []Dimension{test.by}, Pivot: test.pivot, Zone: time.UTC, Now: silentNow}
		var rows []string
		for _, row := range rowsOf(mustVolume(t, db, q)) {
			rows = append(rows, fmt.Sprintf("%s:%d%v", row.Keys[0], row.Counts.Commits, row.Cells))
		}
		if got := strings.Join(rows, " "); got != test.want {
			t.Errorf("%s with %s: got %s, want %s", test.by, test.pivot, got, test.want)
		}
	}
	silent := Query{Pivot: Month, Zone: time.UTC, Now: silentNow,
		Filter: mustRange(t, time.UTC, "2024-11", "2024-12")}
	r := mustVolume(t, db, silent)
	if got := rowsOf(r); len(got) != 1 || !slices.Equal(got[0].Cells, []int{0, 0}) {
		t.Errorf("a silent repository has the rows %+v", got)
	}
	silent.Top, silent.By = 1, []Dimension{Month}
	silent.Pivot = Repository
	r = mustVolume(t, db, silent)
	if r.Others == nil || r.Others.Rows != 1 || r.Others.Counts.Commits != 0 {
		t.Errorf("what was cut off of silent months is %+v", r.Others)
	}
	if !slices.Equal(r.PivotValues, []string{"one"}) {
		t.Errorf("the columns of a silent repository are %q", r.PivotValues)
	}
}

// TestSkippedDay: on December 30, 2011, there was no such day in Samoa.
func TestSkippedDay(t *testing.T) {
	zone := mustZone(t, "Pacific/Apia")
	r := mustVolume(t, small(t, "2011-12-29"), Query{By: []Dimension{Day}, Zone: zone, Now: worldNow,
		Filter: mustRange(t, zone, "2011-12-28", "2012-01-01")})
	if got := show(r); got != "2011-12-28:1 2011-12-29:0 2011-12-31:0 2012-01-01:0" {
		t.Errorf("got %s", got)
	}
}

func TestTooManyPeriods(t *testing.T) {
	db := small(t, "0001-01-01", "2025-01-01")
	r := mustVolume(t, db, Query{By: []Dimension{Day}, Zone: time.UTC, Now: worldNow})
	if got := show(r); got != "0001-01-01:1 2025-01-01:1" ||
		!strings.Contains(r.Notes[0], "739,252 days") {
		t.Errorf("got %s, notes %q", got, r.Notes)
	}
	r = mustVolume(t, db, Query{By: []Dimension{Month}, Zone: time.UTC, Now: worldNow})
	if r.Rows.Len() != 2024*12+1 {
		t.Errorf("%d months", r.Rows.Len())
	}
}

// byText is the order of text: case matters only where nothing else differs.
func byText(a, b string) int {
	return cmp.Or(strings.Compare(strings.ToLower(a), strings.ToLower(b)), strings.Compare(a, b))
}

func TestSort(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	w := newWorld(rng, 9, 100, spanDates(t, rng, [2]string{"2025-01-01", "2025-03-10"}))
	db := w.open(t, rng)
	number := func(of func(Row) int) func(a, b Row) int {
		return func(a, b Row) int { return of(a) - of(b) }
	}
	key := func(i int) func(a, b Row) int {
		return func(a, b Row) int { return byText(a.Keys[i], b.Keys[i]) }
	}
	tests := []struct {
		by      string
		sort    string
		compare func(a, b Row) int
	}{
		{"repo", "", number(func(r Row) int { return -r.Counts.Commits })},
		{"author,day", "", number(func(r Row) int { return -r.Counts.Commits })},
		{"day,author", "", key(0)},
		{"repo,month", "month", key(1)},
		{"repo,month", "repo:desc", func(a, b Row) int { return byText(b.Keys[0], a.Keys[0]) }},
		{"author", "commits:asc", number(func(r Row) int { return r.Counts.Commits })},
		{"author", "merges", number(func(r Row) int { return -r.Counts.Merges })},
		{"day", "authors:desc", number(func(r Row) int { return -r.Counts.Authors })},
		{"author", "email", func(a, b Row) int { return byText(a.Email, b.Email) }},
		{"author", "email:desc", func(a, b Row) int { return byText(b.Email, a.Email) }},
		{"author", "first_commit:asc", func(a, b Row) int { return a.Counts.First.Compare(b.Counts.First) }},
		{"author", "last_commit", func(a, b Row) int { return b.Counts.Last.Compare(a.Counts.Last) }},
	}
	for _, test := range tests {
		t.Run(test.by+"/"+test.sort, func(t *testing.T) {
			q := Query{Zone: time.UTC, Now: worldNow}
			q.By = ParseDimensions(test.by)
			if test.sort != "" {
				q.Sort = ParseSort(test.sort)
			}
			r := mustVolume(t, db, q)
			rows := rowsOf(r)
			for i, row := range rows[1:] {
				c := test.compare(rows[i], row)
				if c > 0 || c == 0 && byText(rowKey(r, rows[i]), rowKey(r, row)) > 0 {
					t.Errorf("%v %+v stands before %v %+v", rows[i].Keys, rows[i].Counts, row.Keys, row.Counts)
				}
			}
		})
	}
}

func TestSortWeekdaysAndPivot(t *testing.T) {
	db := small(t, "2025-01-01", "2025-01-03", "2025-01-03")
	r := mustVolume(t, db, Query{By: []Dimension{Weekday}, Zone: time.UTC, Now: worldNow,
		Sort: Sort{Column: "weekday", Desc: true}})
	if rowsOf(r)[0].Keys[0] != "Sunday" || rowsOf(r)[6].Keys[0] != "Monday" {
		t.Errorf("got %s", show(r))
	}
	r = mustVolume(t, db, Query{By: []Dimension{Day}, Pivot: Weekday, Zone: time.UTC, Now: worldNow,
		Sort: Sort{Column: "Friday", Desc: true}})
	if got := show(r); got != "2025-01-03:2 2025-01-01:1 2025-01-02:0" {
		t.Errorf("by a column of the pivot: %s", got)
	}
	_, err := Volume(t.Context(), db, Query{By: []Dimension{Day}, Pivot: Weekday, Zone: time.UTC,
		Sort: Sort{Column: "Someday"}})
	if err == nil || !strings.Contains(err.Error(), "Someday") {
		t.Errorf("by a column that is not there: %v", err)
	}
	r = mustVolume(t, db, Query{By: []Dimension{Day}, Zone: time.UTC, Now: worldNow,
		Sort: Sort{Column: "first_commit"}})
	if got := show(r); got != "2025-01-01:1 2025-01-03:2 2025-01-02:0" {
		t.Errorf("what has no date comes last: %s", got)
	}
}

func TestSortComparison(t *testing.T) {
	db := small(t, "2025-01-01", "2025-02-02", "2025-02-02", "2025-02-01")
	q := Query{By: []Dimension{Day}, Compare: true, Zone: time.UTC, Now: worldNow,
		Filter: mustRange(t, time.UTC, "2025-02-01", "2025-02-02"), Sort: Sort{Column: "change", Desc: true}}
	if got := show(mustVolume(t, db, q)); got != "2025-02-02:2 2025-02-01:1" {
		t.Errorf("got %s", got)
	}
	q.Sort.Column = "previous_commits"
	if got := show(mustVolume(t, db, q)); got != "2025-02-01:1 2025-02-02:2" {
		t.Errorf("got %s", got)
	}
}

func TestLabels(t *testing.T) {
	w := &world{persons: []worldPerson{{authors: []store.Author{{Raw: "A <a@x>"}}}}}
	add := func(uuid store.UUID, workspace, slug string, absent int) {
		w.repos = append(w.repos, store.Repository{UUID: uuid, Workspace: workspace, Slug: slug,
			Listings: map[string]int{"a": absent}, Project: "P"})
		w.commits = append(w.commits, []worldCommit{{hash: store.Hash{byte(len(w.repos))}}})
	}
	add("{1}", "acme", "api", 0)
	add("{2}", "acme", "api", 2)
	add("{3}", "acme", "old", 2)
	add("{4}", "acme", "old", 3)
	add("{5}", "acme", "web", 1)
	db := w.open(t, rand.New(rand.NewPCG(1, 1)))
	r := mustVolume(t, db, Query{Zone: time.UTC, Now: worldNow})
	if got := show(r); got != "api:1 api (gone):1 old (gone) {3}:1 old (gone) {4}:1 web:1" {
		t.Errorf("got %s", got)
	}
	add("{6}", "beta", "api", 0)
	db = w.open(t, rand.New(rand.NewPCG(1, 1)))
	r = mustVolume(t, db, Query{By: []Dimension{Project, Repository}, Zone: time.UTC, Now: worldNow,
		Filter: Filter{Repos: []string{"API"}}})
	if got := show(r); got != "acme/P|acme/api:1 acme/P|acme/api (gone):1 beta/P|beta/api:1" {
		t.Errorf("got %s", got)
	}
	r = mustVolume(t, db, Query{Zone: time.UTC, Now: worldNow, Filter: Filter{Repos: []string{"beta/*"}}})
	if got := show(r); got != "api:1" {
		t.Errorf("got %s", got)
	}
}

func TestAuthorColumns(t *testing.T) {
	w := &world{persons: []worldPerson{
		{authors: []store.Author{{Raw: "Adam <a@x>"}}}, {authors: []store.Author{{Raw: "Adam <b@x>"}}},
		{authors: []store.Author{{Raw: "Eve <e@x>"}}}, {authors: []store.Author{{Raw: "Bo"}}},
		{authors: []store.Author{{Raw: "Bo", UUID: "{u}"}}}, {authors: []store.Author{{Raw: ""}}},
	}}
	w.repos = []store.Repository{{UUID: "{1}", Workspace: "acme", Slug: "one"}}
	w.commits = make([][]worldCommit, 1)
	for i := range w.persons {
		w.commits[0] = append(w.commits[0], worldCommit{hash: store.Hash{byte(i + 1)}, person: i})
	}
	db := w.open(t, rand.New(rand.NewPCG(1, 1)))
	r := mustVolume(t, db, Query{Pivot: AuthorDim, Zone: time.UTC, Now: worldNow})
	want := []string{"(unknown)", "Adam <a@x>", "Adam <b@x>", "Bo", "Bo (2)", "Eve"}
	if !slices.Equal(r.PivotValues, want) {
		t.Errorf("got %q, want %q", r.PivotValues, want)
	}
	r = mustVolume(t, db, Query{Pivot: AuthorDim, Anonymize: true, Zone: time.UTC, Now: worldNow})
	all := written(r)
	for _, secret := range []string{"Adam", "Eve", "@x", "{u}"} {
		if strings.Contains(all, secret) {
			t.Errorf("an anonymous report has %q: %s", secret, all)
		}
	}
}

// TestAnonymize: a person's pseudonym does not depend on what is filtered, and filters still
// know the names.
func TestAnonymize(t *testing.T) {
	rng := rand.New(rand.NewPCG(10, 10))
	w := newWorld(rng, 4, 100, spanDates(t, rng, [2]string{"2025-01-01", "2025-03-10"}))
	db := w.open(t, rng)
	q := Query{By: []Dimension{AuthorDim}, Zone: time.UTC, Now: worldNow, Anonymize: true}
	all := map[string]Counts{}
	for _, row := range rowsOf(mustVolume(t, db, q)) {
		if row.Email != "" || !strings.HasPrefix(row.Keys[0], "author-") {
			t.Errorf("a row shows %q <%s>", row.Keys[0], row.Email)
		}
		all[row.Keys[0]] = row.Counts
	}
	q.Filter.Authors = []string{"person 3"}
	rows := rowsOf(mustVolume(t, db, q))
	if len(rows) != 1 || all[rows[0].Keys[0]] != rows[0].Counts {
		t.Errorf("one author filtered: %+v", rows)
	}
}
