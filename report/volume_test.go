package report

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"trunkstat/report/calendar"
	"trunkstat/report/people"
	"trunkstat/store"
)

func mustVolume(t *testing.T, db *store.DB, q Query) *Result {
	t.Helper()
	r, err := Volume(t.Context(), db, q)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func mustZone(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, _, err := calendar.LoadZone(name, func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

var testZones = []string{
	"UTC", "Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe",
	"America/Sao_Paulo", "America/St_Johns", "Pacific/Apia", "America/New_York",
}

// testSpans are where calendars are odd: ends of years and ISO years, changes of the clocks,
// the day that Samoa skipped, the years before 1970.
var testSpans = [][2]string{
	{"2019-12-20", "2021-01-10"}, {"2025-03-20", "2025-04-10"}, {"2024-12-25", "2025-01-07"},
	{"2011-12-25", "2012-01-05"}, {"2018-10-30", "2018-11-10"}, {"1968-12-01", "1970-02-01"},
	{"2005-10-25", "2006-11-02"}, {"2010-01-01", "2026-01-01"}, {"2095-01-01", "2105-01-01"},
}

func spanDates(t *testing.T, rng *rand.Rand, span [2]string) func() int64 {
	t.Helper()
	since, err := time.Parse(time.DateOnly, span[0])
	if err != nil {
		t.Fatal(err)
	}
	until, err := time.Parse(time.DateOnly, span[1])
	if err != nil {
		t.Fatal(err)
	}
	return between(rng, since, until)
}

func TestVolumeByOneDimension(t *testing.T) {
	for i, span := range testSpans {
		rng := rand.New(rand.NewPCG(1, uint64(i)))
		w := newWorld(rng, 9, 120, spanDates(t, rng, span))
		db := w.open(t, rng)
		for j, zone := range testZones {
			for k, dim := range Dimensions {
				if testing.Short() && (i+j+k)%12 > 0 {
					continue
				}
				t.Run(fmt.Sprintf("%s/%s/%s", span[0], zone, dim), func(t *testing.T) {
					q := w.withFiles(t, Query{By: []Dimension{dim}, Zone: mustZone(t, zone), Now: worldNow})
					newOracle(w, q).check(t, mustVolume(t, db, q))
				})
			}
		}
	}
}

func TestVolumeByPairsAndPivots(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	w := newWorld(rng, 9, 120, spanDates(t, rng, [2]string{"2024-11-20", "2025-04-10"}))
	db := w.open(t, rng)
	for i, a := range Dimensions {
		for j, b := range Dimensions {
			if a == b || testing.Short() && (i+j)%6 > 0 {
				continue
			}
			t.Run(string(a+"/"+b), func(t *testing.T) {
				q := w.withFiles(t, Query{By: []Dimension{a, b}, Zone: mustZone(t, "Europe/Berlin"), Now: worldNow})
				newOracle(w, q).check(t, mustVolume(t, db, q))
				q.By, q.Pivot = []Dimension{a}, b
				r := mustVolume(t, db, q)
				newOracle(w, q).check(t, r)
				newOracle(w, q).checkPivot(t, r)
			})
		}
	}
	t.Run("all", func(t *testing.T) {
		q := w.withFiles(t, Query{By: Dimensions, Zone: time.UTC, Now: worldNow})
		newOracle(w, q).check(t, mustVolume(t, db, q))
	})
}

// randomFilter makes filters that keep something, mostly.
func randomFilter(rng *rand.Rand, now time.Time) (f Filter) {
	maybe := func(set func()) {
		if rng.IntN(3) == 0 {
			set()
		}
	}
	day := func() time.Time { return now.AddDate(0, 0, -rng.IntN(120)).Truncate(time.Second) }
	maybe(func() { f.Since = day().AddDate(0, 0, -60) })
	maybe(func() { f.Until = day().AddDate(0, 0, 60) })
	maybe(func() { f.Workspace = "acme" })
	maybe(func() { f.Repos = []string{"repo-[0-2]", "repo-4"} })
	maybe(func() { f.ExcludeRepos = []string{"*-1"} })
	maybe(func() { f.Projects = []string{"P0", "P1"} })
	maybe(func() { f.ExcludeProjects = []string{"P1"} })
	maybe(func() { f.Authors = []string{"PERSON", "renovate", "CI"} })
	maybe(func() { f.ExcludeAuthors = []string{"p3@", "no brackets"} })
	maybe(func() { f.Teams = []string{"team 0", "team 1", "team 3"} })
	maybe(func() { f.ExcludeTeams = []string{"team 2"} })
	maybe(func() { f.Groups = []string{"all", "(no group)"} })
	maybe(func() { f.ExcludeGroups = []string{"beta"} })
	maybe(func() { f.Grep = []string{"alpha", "beta"} })
	maybe(func() { f.ExcludeGrep = []string{"beta"} })
	f.Merges, f.Bots = Choice(rng.IntN(3)), Choice(rng.IntN(3))
	return f
}

func TestVolumeFiltered(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	w := newWorld(rng, 12, 150, spanDates(t, rng, [2]string{"2024-11-20", "2025-04-10"}))
	db := w.open(t, rng)
	end := time.Date(2025, 4, 10, 0, 0, 0, 0, time.UTC)
	queries := 150
	if testing.Short() {
		queries = 40
	}
	for i := range queries {
		q := w.withFiles(t, Query{Filter: randomFilter(rng, end), Zone: time.UTC, Now: worldNow})
		q.CoAuthors = rng.IntN(3) == 0
		for _, j := range rng.Perm(len(Dimensions))[:1+rng.IntN(3)] {
			q.By = append(q.By, Dimensions[j])
		}
		if pivot := Dimensions[rng.IntN(len(Dimensions))]; !slices.Contains(q.By, pivot) {
			q.Pivot = pivot
		} else {
			q.Columns = Columns
		}
		if !q.Filter.Since.IsZero() && !q.Filter.Until.IsZero() && q.Filter.Until.Before(q.Filter.Since) {
			q.Filter.Until = time.Time{}
		}
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			o := newOracle(w, q)
			r := mustVolume(t, db, q)
			o.check(t, r)
			if q.Pivot != "" {
				o.checkPivot(t, r)
			}
			if t.Failed() {
				t.Logf("query: %+v", q)
			}
		})
	}
}

// TestVolumeOthers cuts at every length: what is left and what is cut are counted anew, each
// commit once.
func TestVolumeOthers(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	w := newWorld(rng, 12, 100, spanDates(t, rng, [2]string{"2025-01-01", "2025-04-10"}))
	db := w.open(t, rng)
	for _, test := range []struct {
		by    []Dimension
		pivot Dimension
	}{
		{by: []Dimension{Repository}}, {by: []Dimension{AuthorDim}},
		{by: []Dimension{Repository, Month}}, {by: []Dimension{Project, AuthorDim}},
		{by: []Dimension{Workspace, Weekday}},
		{[]Dimension{Repository}, Month}, {[]Dimension{Repository}, Workspace},
		{[]Dimension{Project, Week}, AuthorDim}, {[]Dimension{AuthorDim}, Repository},
		{by: []Dimension{Team}}, {by: []Dimension{Group, Type}}, {[]Dimension{Team}, Month},
		{[]Dimension{AuthorDim}, Team}, {[]Dimension{Group, Assistant}, Team},
	} {
		by := test.by
		q := w.withFiles(t, Query{By: by, Pivot: test.pivot, Zone: time.UTC, Now: worldNow})
		if q.CoAuthors = rng.IntN(2) == 0; q.Pivot == "" {
			q.Columns = Columns
		}
		all := mustVolume(t, db, q)
		step := 1
		if testing.Short() {
			step = 7
		}
		for top := 1; top <= all.Rows.Len()+1; top += step {
			q.Top = top
			r := mustVolume(t, db, q)
			if top >= all.Rows.Len() {
				if r.Others != nil || r.Rows.Len() != all.Rows.Len() {
					t.Errorf("%v top %d: %d rows and %+v", by, top, r.Rows.Len(), r.Others)
				}
				continue
			}
			if r.Total != all.Total || r.Others.Rows != all.Rows.Len()-top {
				t.Errorf("%v top %d: total %+v others %+v", by, top, r.Total, r.Others)
			}
			want := newOracle(w, q).others(all, rowsOf(all)[top:])
			if !reflect.DeepEqual(r.Others, want) {
				t.Errorf("%v top %d: others are %+v, want %+v", by, top, r.Others, want)
			}
		}
	}
}

// TestVolumeOthersBefore: in a comparison what is cut has a count before as well, each commit once.
func TestVolumeOthersBefore(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	w := newWorld(rng, 12, 100, spanDates(t, rng, [2]string{"2025-01-01", "2025-04-10"}))
	db := w.open(t, rng)
	both := newOracle(w, Query{Zone: time.UTC, Filter: mustRange(t, time.UTC, "2025-02", "2025-03")}) // people are called by both ranges
	for _, by := range [][]Dimension{{Repository}, {AuthorDim}, {Project, AuthorDim}, {Workspace, Weekday}} {
		q := Query{By: by, Compare: true, Zone: time.UTC, Now: worldNow, Filter: mustRange(t, time.UTC, "2025-03", "2025-03")}
		before := Query{By: by, Zone: time.UTC, Now: worldNow, Filter: mustRange(t, time.UTC, "2025-02", "2025-02")}
		all := mustVolume(t, db, q)
		for top := 1; top < all.Rows.Len(); top++ {
			q.Top = top
			got := mustVolume(t, db, q).Others
			off := rowsOf(all)[top:]
			o, past := newOracle(w, q), newOracle(w, before)
			o.names, o.mails = both.names, both.mails
			past.names, past.mails = both.names, both.mails
			now, was := o.others(all, off), past.others(all, off)
			if got.Rows != len(off) || got.Counts != now.Counts || got.Previous == nil || *got.Previous != was.Counts {
				t.Errorf("%v top %d: others are %+v before %+v, want %+v before %+v", by, top, got, got.Previous, now, was.Counts)
			}
		}
	}
}

// others counts the commits that have a row among some rows.
func (o *oracle) others(r *Result, rows []Row) *Others {
	in := map[string]bool{}
	for _, row := range rows {
		in[rowKey(r, row)] = true
	}
	var sum oracleCounts
	columns := map[string]*oracleCounts{}
	for i, repo := range o.repos {
		for _, c := range o.kept(i) {
			if !slices.ContainsFunc(o.keysOf(o.q.By, repo, c), func(key string) bool { return in[key] }) {
				continue
			}
			c.isFirst = o.firsts[c.person] == c.date
			sum.add(c)
			if o.q.Pivot == "" {
				continue
			}
			for _, column := range o.keysOf([]Dimension{o.q.Pivot}, repo, c) {
				if columns[column] == nil {
					columns[column] = &oracleCounts{}
				}
				columns[column].add(c)
			}
		}
	}
	others := &Others{Rows: len(rows), Counts: sum.counts(o.q.Zone, o.q.Columns...)}
	for _, value := range r.PivotValues {
		if o.q.Pivot == AuthorDim {
			value = authorColumn(value, o)
		}
		n := 0
		if columns[value] != nil {
			n = len(columns[value].hashes)
		}
		others.Cells = append(others.Cells, n)
	}
	return others
}

// TestVolumeOrderOfStorage stores one world in many orders and wants one answer.
func TestVolumeOrderOfStorage(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	w := newWorld(rng, 9, 150, spanDates(t, rng, [2]string{"2025-01-01", "2025-02-10"}))
	q := Query{By: []Dimension{AuthorDim, Repository}, Pivot: Week, Zone: time.UTC, Now: worldNow}
	written := func() string { return written(mustVolume(t, w.open(t, rng), q)) }
	want := written()
	for range 5 {
		if got := written(); got != want {
			t.Errorf("the order of storage changed the report:\n%s\n%s", got, want)
		}
	}
}

// TestVolumeWildDates has dates that no calendar was made for.
func TestVolumeWildDates(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	wild := []int64{
		0, -1, 1, -1 << 63, 1<<63 - 1, -62135596800, 253402300800, 4733510400, -1 << 40, 1 << 40,
	}
	w := newWorld(rng, 6, 80, func() int64 { return wild[rng.IntN(len(wild))] + rng.Int64N(2) - 1 })
	db := w.open(t, rng)
	for _, dim := range Dimensions {
		r := mustVolume(t, db, w.withFiles(t, Query{
			By: []Dimension{dim}, Zone: mustZone(t, "Pacific/Apia"), Now: worldNow,
		}))
		sum := 0
		for _, row := range rowsOf(r) {
			sum += row.Counts.Commits
		}
		if !dim.isOfRepository() && dim != Team && dim != Assistant && sum != r.Total.Commits {
			t.Errorf("%s: rows have %d commits, the total has %d", dim, sum, r.Total.Commits)
		}
		if r.Rows.Len() > 100 && dim != Year {
			t.Errorf("%s: %d rows", dim, r.Rows.Len())
		}
		if dim == Day && !strings.Contains(strings.Join(r.Notes, "\n"), "left out") {
			t.Errorf("notes do not say that silent days are left out: %q", r.Notes)
		}
	}
	zero := Query{By: []Dimension{Day}, Zone: time.UTC, Now: worldNow,
		Filter: Filter{Since: time.Unix(-86400, 0), Until: time.Unix(86400, 0)}}
	newOracle(w, zero).check(t, mustVolume(t, db, zero))
}

// TestVolumeManyRows has nearly as many rows as commits, with a pivot and rows cut off.
func TestVolumeManyRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 15))
	w := newWorld(rng, 9, 900, spanDates(t, rng, [2]string{"2010-01-01", "2026-01-01"}))
	db := w.open(t, rng)
	q := Query{By: []Dimension{Day, Hour, Repository, AuthorDim}, Pivot: Quarter,
		Zone: time.UTC, Now: worldNow}
	r := mustVolume(t, db, q)
	newOracle(w, q).check(t, r)
	newOracle(w, q).checkPivot(t, r)
	q.Top = r.Rows.Len() / 2
	want := newOracle(w, q).others(r, rowsOf(r)[q.Top:])
	if got := mustVolume(t, db, q).Others; !reflect.DeepEqual(got, want) {
		t.Errorf("others are %+v, want %+v", got, want)
	}
}

// TestVolumeManyPeople has more people than a row has room for in a list.
func TestVolumeManyPeople(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: the histories are long")
	}
	rng := rand.New(rand.NewPCG(14, 14))
	w := newWorld(rng, 9, 10, spanDates(t, rng, [2]string{"2025-01-01", "2025-04-10"}))
	for i := range 700 {
		w.persons = append(w.persons, worldPerson{authors: []store.Author{
			{Raw: fmt.Sprintf("Many %d <many%d@example.org>", i, i)},
		}})
	}
	date := spanDates(t, rng, [2]string{"2025-01-01", "2025-04-10"})
	for i := range w.repos {
		w.commits[i] = append(w.commits[i], w.history(rng, 100+i, 1500, date)...)
	}
	db := w.open(t, rng)
	for _, by := range [][]Dimension{{Repository}, {Month}, {Day}, {Weekday, Hour}, {Project, Week}} {
		q := Query{By: by, Zone: time.UTC, Now: worldNow}
		r := mustVolume(t, db, q)
		newOracle(w, q).check(t, r)
		q.Top = r.Rows.Len() / 2
		want := newOracle(w, q).others(r, rowsOf(r)[q.Top:])
		if got := mustVolume(t, db, q).Others; !reflect.DeepEqual(got, want) {
			t.Errorf("%v: others are %+v, want %+v", by, got, want)
		}
	}
}

// TestVolumeCalendar: the days of a page are those of a report by day, whatever the page's rows are.
func TestVolumeCalendar(t *testing.T) {
	rng := rand.New(rand.NewPCG(18, 18))
	w := newWorld(rng, 9, 120, spanDates(t, rng, [2]string{"2025-01-01", "2025-04-10"}))
	db := w.open(t, rng)
	for _, filter := range []Filter{{}, mustRange(t, time.UTC, "2024-12-20", "2025-02"), {Bots: Exclude}} {
		byDay := Query{By: []Dimension{Day}, Zone: time.UTC, Now: worldNow, Filter: filter}
		var want []DayCommits
		for _, row := range rowsOf(mustVolume(t, db, byDay)) {
			day, err := time.Parse(time.DateOnly, row.Keys[0])
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, DayCommits{day, row.Counts.Commits})
		}
		for _, q := range []Query{
			{By: []Dimension{AuthorDim}, Top: 3}, {Pivot: Month}, {By: []Dimension{Day, Repository}},
		} {
			q.Zone, q.Now, q.Filter = time.UTC, worldNow, filter
			plain := mustVolume(t, db, q)
			if plain.Calendar != nil {
				t.Errorf("there is a calendar that was not asked for: %v", plain.Calendar)
			}
			q.Calendar = true
			r := mustVolume(t, db, q)
			if !slices.Equal(r.Calendar, want) {
				t.Errorf("%v: got %v, want %v", q.By, r.Calendar, want)
			}
			if !reflect.DeepEqual(r.Others, plain.Others) {
				t.Errorf("%v: the calendar changed the others", q.By)
			}
			r.Calendar, r.Others, plain.Others = nil, nil, nil
			if written(r) != written(plain) {
				t.Errorf("%v: the calendar changed the report", q.By)
			}
		}
	}
}

// TestVolumeMailmap: rows show proper names, and filters know proper and written ones.
func TestVolumeMailmap(t *testing.T) {
	db := small(t, "2025-01-01", "2025-01-02")
	m, err := people.ParseMailmap(strings.NewReader("Ann Other <ann@y> <a@x>"))
	if err != nil {
		t.Fatal(err)
	}
	for _, pattern := range []string{"ann oth", "*@y", "a@x", "A"} {
		r := mustVolume(t, db, Query{By: []Dimension{AuthorDim}, Mailmap: m, Now: worldNow,
			Filter: Filter{Authors: []string{pattern}}})
		if r.Rows.Len() != 1 || rowsOf(r)[0].Keys[0] != "Ann Other" || rowsOf(r)[0].Email != "ann@y" ||
			rowsOf(r)[0].Counts.Commits != 2 {
			t.Errorf("%q: got %+v", pattern, rowsOf(r))
		}
	}
}
