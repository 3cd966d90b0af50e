package report

import (
	"fmt"
	"slices"
	"time"

	"trunkstat/report/calendar"
)

// An axis is a dimension in use: it turns commits into values, which are numbers to count by, and values
// into what readers see. A value of time is the number of a period, a weekday from Monday or an hour; any
// other one is the index of a repository, which stands for its project or workspace too, or of a person.
//
// A commit has one value on each of these axes; an axis may give it any number of them, and the commit then
// counts once in the rows of each.
type axis struct {
	dim Dimension
	// values returns the values that the commits of a batch have in a repository. They are good until the
	// next call.
	values func(b *batch, repo int) values
	all    []int32 // the values that are rows even without commits; see silent.go
	likely span    // the values of nearly all commits

	texts  map[int32]string // of times, as far as they were asked for; nil for all others
	labels []label          // of all others, by value; nil for persons and names until they are settled
	names  *names           // that turn up while commits are read; nil for most
	ranks  []int32          // by value: positions in the order of the labels; nil until they are asked for

	// In a comparison, shift is added to the periods of the range before, so that they have the values of
	// those that they are compared with. Values beyond last have no counterpart in the current range.
	shift, last int32
}

// values are those of some commits on an axis: one for each commit, or, with starts, any number of them,
// those of commit i from starts[i] on up to starts[i+1].
type values struct{ all, starts []int32 }

func (v values) several() bool { return v.starts != nil }

func (v values) of(commit int32) []int32 { return v.all[v.starts[commit]:v.starts[commit+1]] }

// units are the periods that dimensions are made of.
var units = map[Dimension]calendar.Unit{
	Year: calendar.Year, Quarter: calendar.Quarter, Month: calendar.Month, Week: calendar.Week,
	Day: calendar.Day,
}

// newAxis returns the axis of a dimension.
func (s *snapshot) newAxis(dim Dimension) *axis {
	switch dim {
	case Repository:
		return repositoryAxis(dim, s.scope.repositoryLabels())
	case Project:
		return repositoryAxis(dim, s.scope.projectLabels())
	case Workspace:
		return repositoryAxis(dim, s.scope.workspaceLabels())
	case Group:
		return s.groupAxis()
	case AuthorDim:
		return personAxis(s.scope.People.Len())
	case Team:
		teams := s.scope.teams
		return namesAxis(dim, &teams.names, several(func(b *batch, i, _ int) []int32 {
			return teams.of(b.commits[i].person, b.commits[i].date)
		}))
	case Assistant, Type, Issue:
		return s.messages.axis(dim)
	}
	return s.timeAxis(dim)
}

func personAxis(n int) *axis {
	var persons []int32
	return &axis{dim: AuthorDim, likely: span{0, int32(n)}, values: func(b *batch, _ int) values {
		persons = persons[:0]
		for i := range b.commits {
			persons = append(persons, b.commits[i].person)
		}
		return values{all: persons}
	}}
}

// groupAxis returns the axis of the groups of repositories. All of them are rows, as all projects are.
func (s *snapshot) groupAxis() *axis {
	groups, of := s.scope.groups, make([][]int32, len(s.scope.Repositories))
	for i, repo := range s.scope.Repositories {
		of[i] = groups.of(repo)
	}
	a := namesAxis(Group, &groups.names, several(func(_ *batch, _, repo int) []int32 { return of[repo] }))
	a.all = slices.Concat(of...)
	return a
}

// namesAxis returns an axis whose values are names.
func namesAxis(dim Dimension, names *names, of func(*batch, int) values) *axis {
	const likelyNames = 64
	return &axis{dim: dim, names: names, likely: span{0, likelyNames}, values: of}
}

// one makes the function of an axis of one for the only value of the commit i.
func one(value func(b *batch, i, repo int) int32) func(*batch, int) values {
	var all []int32
	return func(b *batch, repo int) values {
		all = all[:0]
		for i := range b.commits {
			all = append(all, value(b, i, repo))
		}
		return values{all: all}
	}
}

// several makes the function of an axis of one for all values of the commit i.
func several(of func(b *batch, i, repo int) []int32) func(*batch, int) values {
	var v values
	return func(b *batch, repo int) values {
		v.all, v.starts = v.all[:0], append(v.starts[:0], 0)
		for i := range b.commits {
			v.all = append(v.all, of(b, i, repo)...)
			v.starts = append(v.starts, int32(len(v.all)))
		}
		return v
	}
}

// repositoryAxis returns the axis of a dimension that depends on the repository. The value of repositories with
// one label is the index of the first of them.
func repositoryAxis(dim Dimension, labels []label) *axis {
	a := &axis{dim: dim, labels: labels, likely: span{0, int32(len(labels))}}
	first := map[label]int32{}
	var of []int32
	for i, l := range labels {
		if _, known := first[l]; !known {
			first[l] = int32(i)
			a.all = append(a.all, int32(i))
		}
		of = append(of, first[l])
	}
	var same []int32
	a.values = func(b *batch, repo int) values {
		same = same[:0]
		for range b.commits {
			same = append(same, of[repo])
		}
		return values{all: same}
	}
	return a
}

// timeAxis returns the axis of a dimension that depends on the date.
func (s *snapshot) timeAxis(dim Dimension) *axis {
	a, clock := &axis{dim: dim, texts: map[int32]string{}}, s.clock
	switch dim {
	case Hour:
		a.all = numbers(0, 23)
		a.likely = span{0, 24}
		a.values = one(func(b *batch, i, _ int) int32 {
			_, second := clock.Local(b.commits[i].date)
			return int32(second / 3600)
		})
	case Weekday:
		a.all = numbers(0, 6)
		a.likely = span{0, 7}
		a.values = one(func(b *batch, i, _ int) int32 {
			date, _ := clock.Local(b.commits[i].date)
			return int32(date.Weekday())
		})
	default:
		unit := units[dim]
		a.values = one(periodOf(unit, clock))
		low := unit.Number(s.first)
		a.likely = span{int32(low), int32(min(max(0, unit.Number(s.last)-low+1), maxDense))}
	}
	return a
}

// shifted returns the axis for the range before, whose values are those of the current range.
func (a *axis) shifted(clock *calendar.Clock) *axis {
	before := *a
	if unit, ok := units[a.dim]; ok {
		period := periodOf(unit, clock)
		before.values = one(func(b *batch, i, repo int) int32 { return period(b, i, repo) + a.shift })
	}
	return &before
}

// periodOf returns the function that numbers the period of a commit. Commits come in no order, so the period
// of each date is remembered.
func periodOf(unit calendar.Unit, clock *calendar.Clock) func(b *batch, i, _ int) int32 {
	periods := map[calendar.Date]int32{}
	return func(b *batch, i, _ int) int32 {
		date, _ := clock.Local(b.commits[i].date)
		if unit == calendar.Day {
			return int32(date)
		}
		period, known := periods[date]
		if !known {
			period = int32(unit.Number(date))
			periods[date] = period
		}
		return period
	}
}

// numbers returns all numbers from the first to the last.
func numbers(first, last int) []int32 {
	all := make([]int32, 0, max(0, last-first+1))
	for n := first; n <= last; n++ {
		all = append(all, int32(n))
	}
	return all
}

// label returns the label of a value.
func (a *axis) label(value int32) label {
	if a.texts == nil {
		return a.labels[value]
	}
	text, known := a.texts[value]
	if !known {
		text = a.timeText(value)
		a.texts[value] = text
	}
	return label{text: text}
}

// timeText writes a value of time. In a comparison, a period of the range before that has no counterpart is
// called by its own name.
func (a *axis) timeText(value int32) string {
	switch a.dim {
	case Weekday:
		return time.Weekday((value + 1) % 7).String()
	case Hour:
		return fmt.Sprintf("%02d", value)
	}
	if a.shift != 0 && value > a.last {
		value -= a.shift
	}
	return units[a.dim].Format(int(value))
}

// rank returns the position of a value in the order of the axis.
func (a *axis) rank(value int32) int32 {
	if a.texts != nil {
		return value
	}
	if a.ranks == nil {
		a.ranks = ranksOf(a.labels, label.compare)
	}
	return a.ranks[value]
}

// emailRanks returns the positions of persons in the order of their e-mails, by value.
func (a *axis) emailRanks() []int32 {
	return ranksOf(a.labels, func(a, b label) int { return compareText(a.email, b.email) })
}
