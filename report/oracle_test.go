package report

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"trunkstat/store"
)

// The oracle counts a world by plain loops, with package time and maps, and knows who is who
// because it made them up.
type oracle struct {
	*world
	q     Query
	names []string // shown, by person
	mails []string
}

// tally is what the oracle counts of one row, column or total.
type oracleCounts struct {
	hashes  map[store.Hash]bool
	merges  map[store.Hash]bool
	persons map[int]bool
	first   int64
	last    int64
}

func (o *oracleCounts) add(c worldCommit) {
	if o.hashes == nil {
		o.hashes, o.merges = map[store.Hash]bool{}, map[store.Hash]bool{}
		o.persons = map[int]bool{}
		o.first, o.last = c.date, c.date
	}
	o.hashes[c.hash] = true
	if c.merge {
		o.merges[c.hash] = true
	}
	o.persons[c.person] = true
	o.first, o.last = min(o.first, c.date), max(o.last, c.date)
}

func (o *oracleCounts) counts(zone *time.Location) Counts {
	if len(o.hashes) == 0 {
		return Counts{}
	}
	return Counts{
		Commits: len(o.hashes), Merges: len(o.merges), Authors: len(o.persons),
		First: time.Unix(o.first, 0).In(zone), Last: time.Unix(o.last, 0).In(zone),
	}
}

func newOracle(w *world, q Query) *oracle {
	o := &oracle{world: w, q: q}
	o.nameAll()
	return o
}

// nameAll finds the name and e-mail that most of the counted commits have, each commit once.
func (o *oracle) nameAll() {
	used := make([][]int, len(o.persons))
	for p := range used {
		used[p] = make([]int, len(o.persons[p].authors))
	}
	seen := map[store.Hash]bool{}
	for i := range o.repos {
		for _, c := range o.kept(i) {
			if !seen[c.hash] {
				used[c.person][c.author]++
			}
			seen[c.hash] = true
		}
	}
	for p, person := range o.persons {
		best := 0
		for a := range person.authors {
			if used[p][a] > used[p][best] ||
				used[p][a] == used[p][best] && person.authors[a].Raw < person.authors[best].Raw {
				best = a
			}
		}
		name, mail, found := strings.Cut(person.authors[best].Raw, " <")
		o.names = append(o.names, name)
		o.mails = append(o.mails, "")
		if found {
			o.mails[p] = strings.TrimSuffix(mail, ">")
		}
	}
}

// kept lists the commits of a repository that the filter keeps.
func (o *oracle) kept(i int) (kept []worldCommit) {
	if !o.inScope(o.repos[i]) {
		return nil
	}
	f := o.q.Filter
	for _, c := range o.commits[i] {
		date := time.Unix(c.date, 0)
		switch {
		case !f.Since.IsZero() && date.Before(f.Since):
		case !f.Until.IsZero() && date.After(f.Until):
		case f.Merges == Exclude && c.merge, f.Merges == Only && !c.merge:
		case f.Bots == Exclude && o.persons[c.person].bot:
		case f.Bots == Only && !o.persons[c.person].bot:
		case len(f.Authors) > 0 && !o.matches(c.person, f.Authors):
		case o.matches(c.person, f.ExcludeAuthors):
		default:
			kept = append(kept, c)
		}
	}
	return kept
}

func (o *oracle) inScope(repo store.Repository) bool {
	f := o.q.Filter
	matches := func(patterns []string, text string) bool {
		return slices.ContainsFunc(patterns, func(p string) bool {
			ok, _ := path.Match(p, text)
			return ok
		})
	}
	return (f.Workspace == "" || f.Workspace == repo.Workspace) &&
		(f.Repos == nil || matches(f.Repos, repo.Slug)) &&
		!matches(f.ExcludeRepos, repo.Slug) &&
		(f.Projects == nil || matches(f.Projects, repo.Project)) &&
		!matches(f.ExcludeProjects, repo.Project)
}

// matches knows patterns without glob characters alone.
func (o *oracle) matches(person int, patterns []string) bool {
	for _, p := range patterns {
		for _, a := range o.persons[person].authors {
			if strings.Contains(strings.ToLower(a.Raw), strings.ToLower(p)) {
				return true
			}
		}
	}
	return false
}

// several reports whether the scope spans several workspaces.
func (o *oracle) several() bool {
	seen := map[string]bool{}
	for _, repo := range o.repos {
		if o.inScope(repo) {
			seen[repo.Workspace] = true
		}
	}
	return len(seen) > 1
}

func (o *oracle) key(dim Dimension, repo store.Repository, c worldCommit) string {
	t := time.Unix(c.date, 0).In(o.q.Zone)
	prefix := ""
	if o.several() {
		prefix = repo.Workspace + "/"
	}
	switch dim {
	case Workspace:
		return repo.Workspace
	case Project:
		return prefix + repo.Project
	case Repository:
		return prefix + repo.Slug
	case AuthorDim:
		return o.names[c.person]
	case Quarter:
		return fmt.Sprintf("%04d-Q%d", t.Year(), (int(t.Month())-1)/3+1)
	case Week:
		year, week := t.ISOWeek()
		return fmt.Sprintf("%04d-W%02d", year, week)
	case Weekday:
		return t.Weekday().String()
	}
	return t.Format(map[Dimension]string{
		Year: "2006", Month: "2006-01", Day: "2006-01-02", Hour: "15",
	}[dim])
}

// count groups what is kept by the keys of some dimensions. Persons are told apart by number.
func (o *oracle) count(dims []Dimension) map[string]*oracleCounts {
	groups := map[string]*oracleCounts{}
	for i, repo := range o.repos {
		for _, c := range o.kept(i) {
			key := o.keyOf(dims, repo, c)
			if groups[key] == nil {
				groups[key] = &oracleCounts{}
			}
			groups[key].add(c)
		}
	}
	return groups
}

// keyOf is the key of a commit in some dimensions.
func (o *oracle) keyOf(dims []Dimension, repo store.Repository, c worldCommit) string {
	var keys []string
	for _, dim := range dims {
		keys = append(keys, o.key(dim, repo, c))
		if dim == AuthorDim {
			keys = append(keys, o.mails[c.person])
		}
	}
	return strings.Join(keys, "|")
}

// rowKey is the key of a row as count makes it.
func rowKey(r *Result, row Row) string {
	var keys []string
	for i, dim := range r.By {
		keys = append(keys, row.Keys[i])
		if dim == AuthorDim {
			keys = append(keys, row.Email)
		}
	}
	return strings.Join(keys, "|")
}

// check holds a result without cut rows against the oracle. Rows of zero are left to others.
func (o *oracle) check(t *testing.T, r *Result) {
	t.Helper()
	want := o.count(o.q.By)
	seen := map[string]bool{}
	for _, row := range rowsOf(r) {
		key := rowKey(r, row)
		if seen[key] {
			t.Errorf("row %q is there twice", key)
		}
		seen[key] = true
		expected := Counts{}
		if want[key] != nil {
			expected = want[key].counts(o.q.Zone)
		}
		if row.Counts != expected {
			t.Errorf("row %q: got %+v, want %+v", key, row.Counts, expected)
		}
	}
	for key := range want {
		if !seen[key] {
			t.Errorf("row %q is missing", key)
		}
	}
	total := Counts{}
	if all := o.count(nil)[""]; all != nil {
		total = all.counts(o.q.Zone)
	}
	if r.Total != total {
		t.Errorf("total: got %+v, want %+v", r.Total, total)
	}
}

// checkPivot holds columns and cells against the oracle.
func (o *oracle) checkPivot(t *testing.T, r *Result) {
	t.Helper()
	cells := o.count(append(slices.Clone(o.q.By), o.q.Pivot))
	columns := o.count([]Dimension{o.q.Pivot})
	found := 0
	for i, value := range r.PivotValues {
		name := value
		if o.q.Pivot == AuthorDim {
			name = authorColumn(value, o)
		}
		want := 0
		if columns[name] != nil {
			want = len(columns[name].hashes)
		}
		if r.TotalCells[i] != want {
			t.Errorf("column %q: got %d, want %d", value, r.TotalCells[i], want)
		}
		for _, row := range rowsOf(r) {
			key := rowKey(r, row) + "|" + name
			want := 0
			if cells[key] != nil {
				want = len(cells[key].hashes)
				found++
			}
			if row.Cells[i] != want {
				t.Errorf("cell %q: got %d, want %d", key, row.Cells[i], want)
			}
		}
	}
	if found != len(cells) {
		t.Errorf("%d cells are there, want %d", found, len(cells))
	}
}

// authorColumn turns "name" and "name <e-mail>" into the oracle's key.
func authorColumn(value string, o *oracle) string {
	if name, mail, found := strings.Cut(value, " <"); found {
		return name + "|" + strings.TrimSuffix(mail, ">")
	}
	return value + "|" + o.mails[slices.Index(o.names, value)]
}
