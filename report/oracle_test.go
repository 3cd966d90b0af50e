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

	firsts map[int]int64           // by person: the date of the first commit
	all    [][]authorship          // by repository
	groups map[store.UUID][]string // by repository: its groups, as far as the filter includes them
	spans  bool                    // the scope spans several workspaces
}

// An authorship is a commit and one of its authors: person and author are those of the author.
type authorship struct {
	worldCommit
	isFirst bool   // the person has no earlier commit in the world
	writer  string // the assistant that wrote the commit itself, or ""
}

// oracleCounts is what the oracle counts of one row, column or total.
type oracleCounts struct {
	hashes  map[store.Hash]bool
	merges  map[store.Hash]bool
	persons map[int]map[store.Hash]bool
	new     map[int]bool
	dates   map[int64]bool
	first   int64
	last    int64
}

func (o *oracleCounts) add(c authorship) {
	if o.hashes == nil {
		o.hashes, o.merges = map[store.Hash]bool{}, map[store.Hash]bool{}
		o.persons, o.new, o.dates = map[int]map[store.Hash]bool{}, map[int]bool{}, map[int64]bool{}
		o.first, o.last = c.date, c.date
	}
	o.hashes[c.hash] = true
	if c.merge {
		o.merges[c.hash] = true
	}
	if o.persons[c.person] == nil {
		o.persons[c.person] = map[store.Hash]bool{}
	}
	o.persons[c.person][c.hash] = true
	if c.isFirst {
		o.new[c.person] = true
	}
	o.dates[c.date] = true
	o.first, o.last = min(o.first, c.date), max(o.last, c.date)
}

// counts has those of more as well.
func (o *oracleCounts) counts(zone *time.Location, more ...Column) Counts {
	if len(o.hashes) == 0 {
		return Counts{}
	}
	counts := Counts{
		Commits: len(o.hashes), Merges: len(o.merges), Authors: len(o.persons),
		First: time.Unix(o.first, 0).In(zone), Last: time.Unix(o.last, 0).In(zone),
	}
	if slices.Contains(more, Days) {
		days := map[string]bool{}
		for date := range o.dates {
			days[time.Unix(date, 0).In(zone).Format(time.DateOnly)] = true
		}
		counts.Days = len(days)
	}
	if slices.Contains(more, NewAuthors) {
		counts.NewAuthors = len(o.new)
	}
	if slices.Contains(more, HalfAuthors) {
		var all []int
		for _, hashes := range o.persons {
			all = append(all, len(hashes))
		}
		slices.Sort(all)
		for sum := 0; sum*2 < counts.Commits; counts.HalfAuthors++ {
			sum += all[len(all)-1-counts.HalfAuthors]
		}
	}
	return counts
}

func newOracle(w *world, q Query) *oracle {
	o := &oracle{world: w, q: q, groups: map[store.UUID][]string{}}
	for _, repo := range o.repos {
		o.groups[repo.UUID] = o.groupsOf(repo)
	}
	for i := range o.repos {
		o.all = append(o.all, o.authorships(i))
	}
	o.spans = o.several()
	o.nameAll()
	o.findFirsts()
	return o
}

// nameAll finds the name and e-mail that most of the counted commits have, each commit once.
func (o *oracle) nameAll() {
	used := make([][]int, len(o.persons))
	for p := range used {
		used[p] = make([]int, len(o.persons[p].authors))
	}
	type authorOf struct {
		hash   store.Hash
		person int
	}
	seen := map[authorOf]bool{}
	for i := range o.repos {
		for _, c := range o.kept(i) {
			if !seen[authorOf{c.hash, c.person}] {
				used[c.person][c.author]++
			}
			seen[authorOf{c.hash, c.person}] = true
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

// kept lists the commits of a repository that the filter keeps, once for each author that it keeps.
func (o *oracle) kept(i int) (kept []authorship) {
	if !o.inScope(o.repos[i]) {
		return nil
	}
	f := o.q.Filter
	has := func(word string) bool { return slices.Contains(f.Grep, word) }
	for _, c := range o.all[i] {
		date := time.Unix(c.date, 0)
		switch {
		case !f.Since.IsZero() && date.Before(f.Since):
		case !f.Until.IsZero() && date.After(f.Until):
		case f.Merges == Exclude && c.merge, f.Merges == Only && !c.merge:
		case len(f.Grep) > 0 && !has(c.word):
		case slices.Contains(f.ExcludeGrep, c.word):
		case f.Bots == Exclude && o.persons[c.person].bot:
		case f.Bots == Only && !o.persons[c.person].bot:
		case len(f.Authors) > 0 && !o.matches(c.person, f.Authors):
		case o.matches(c.person, f.ExcludeAuthors):
		case o.q.Teams != nil && len(o.teamsOf(c)) == 0:
		default:
			kept = append(kept, c)
		}
	}
	return kept
}

// authorships lists the commits of a repository, once for each author.
func (o *oracle) authorships(i int) (all []authorship) {
	for _, c := range o.commits[i] {
		persons := []int{c.person}
		if o.q.CoAuthors {
			persons = append(persons, c.coAuthors...)
		}
		for at, p := range persons {
			if slices.Contains(persons[:at], p) {
				continue
			}
			a := authorship{worldCommit: c, writer: o.persons[c.person].assistant}
			if a.person = p; at > 0 {
				a.author = 0
			}
			all = append(all, a)
		}
	}
	return all
}

// findFirsts finds the date of each person's first commit.
func (o *oracle) findFirsts() {
	o.firsts = map[int]int64{}
	for i := range o.repos {
		for _, c := range o.all[i] {
			if first, known := o.firsts[c.person]; !known || c.date < first {
				o.firsts[c.person] = c.date
			}
		}
	}
}

// teamsOf lists the teams that a commit's author is in on its day, as far as the filter includes them.
func (o *oracle) teamsOf(c authorship) []string {
	year, month, dayOf := time.Unix(c.date, 0).In(o.q.Zone).Date()
	day := time.Date(year, month, dayOf, 0, 0, 0, 0, time.UTC)
	var in []string
	for _, line := range o.teams {
		if line.person == c.person && (line.from.IsZero() || !day.Before(line.from)) &&
			(line.until.IsZero() || !day.After(line.until)) && !slices.Contains(in, line.team) {
			in = append(in, line.team)
		}
	}
	return namesKept(in, "(no team)", o.q.Filter.Teams, o.q.Filter.ExcludeTeams)
}

// groupsOf lists the groups of a repository, as far as the filter includes them.
func (o *oracle) groupsOf(repo store.Repository) []string {
	var in []string
	for _, line := range o.world.groups {
		text := repo.Slug
		if strings.Contains(line[1], "/") {
			text = repo.Workspace + "/" + repo.Slug
		}
		if ok, _ := path.Match(strings.ToLower(line[1]), text); ok && !slices.Contains(in, line[0]) {
			in = append(in, line[0])
		}
	}
	return namesKept(in, "(no group)", o.q.Filter.Groups, o.q.Filter.ExcludeGroups)
}

// namesKept applies a filter of names without glob characters.
func namesKept(in []string, none string, include, exclude []string) []string {
	if len(in) == 0 {
		in = []string{none}
	}
	for _, name := range in {
		if slices.Contains(exclude, name) {
			return nil
		}
	}
	return slices.DeleteFunc(in, func(name string) bool {
		return len(include) > 0 && !slices.Contains(include, name)
	})
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
		!matches(f.ExcludeProjects, repo.Project) &&
		(o.q.Groups == nil || len(o.groups[repo.UUID]) > 0)
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

// values lists what a commit has in a dimension.
func (o *oracle) values(dim Dimension, repo store.Repository, c authorship) []string {
	switch {
	case dim == Group:
		return o.groups[repo.UUID]
	case dim == Team:
		return o.teamsOf(c)
	case dim == AuthorDim:
		return []string{o.names[c.person] + "|" + o.mails[c.person]}
	case dim == Assistant && c.assistant+c.writer != "":
		return slices.DeleteFunc([]string{c.assistant, c.writer}, func(name string) bool { return name == "" })
	case dim == Type && c.kind != "" && !c.merge:
		return []string{c.kind}
	case dim == Issue && c.issue != "" && !c.merge:
		return []string{c.issue}
	case slices.Contains([]Dimension{Assistant, Type, Issue}, dim):
		return []string{"(none)"}
	}
	return []string{o.key(dim, repo, c)}
}

func (o *oracle) key(dim Dimension, repo store.Repository, c authorship) string {
	t := time.Unix(c.date, 0).In(o.q.Zone)
	prefix := ""
	if o.spans {
		prefix = repo.Workspace + "/"
	}
	switch dim {
	case Workspace:
		return repo.Workspace
	case Project:
		return prefix + repo.Project
	case Repository:
		return prefix + repo.Slug
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
			c.isFirst = o.firsts[c.person] == c.date
			for _, key := range o.keysOf(dims, repo, c) {
				if groups[key] == nil {
					groups[key] = &oracleCounts{}
				}
				groups[key].add(c)
			}
		}
	}
	return groups
}

// keysOf lists the keys of a commit in some dimensions: every combination of what it has in each.
func (o *oracle) keysOf(dims []Dimension, repo store.Repository, c authorship) []string {
	keys := []string{""}
	for i, dim := range dims {
		var longer []string
		for _, key := range keys {
			for _, value := range o.values(dim, repo, c) {
				if i > 0 {
					value = key + "|" + value
				}
				longer = append(longer, value)
			}
		}
		keys = longer
	}
	return keys
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
			expected = want[key].counts(o.q.Zone, o.q.Columns...)
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
		total = all.counts(o.q.Zone, o.q.Columns...)
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
