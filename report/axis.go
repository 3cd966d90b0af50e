package report

import (
	"fmt"
	"slices"
	"time"

	"trunkstat/report/calendar"
	"trunkstat/store"
)

// An axis is a dimension in use: it turns commits into values, which are numbers to count by, and values
// into what readers see. A value of time is the number of a period, a weekday from Monday or an hour; any
// other one is the index of a repository, which stands for its project or workspace too, or of a person. A
// commit counts once in the rows of each of its values.
type axis struct {
	dim    Dimension
	value  valueOf  // nil if commits may have several values
	values valuesOf // used without value
	all    []int32  // the values that are rows even without commits; see silent.go
	likely span     // the values of nearly all commits

	texts  map[int32]string // of times, as far as they were asked for; nil for all others
	labels []label          // of all others, by value; nil for persons and names until they are chosen
	names  *names           // that turn up while commits are read; nil for most
	ranks  []int32          // by value: positions in the order of the labels; nil until they are asked for

	// In a comparison, shift is added to the periods of the range before, so that they have the values of
	// those that they are compared with. Values beyond last have no counterpart in the current range.
	shift, last int32
}

// A valueOf returns the value on an axis that a commit has as one of its author's in a repository.
type valueOf func(c *commit, person int32, repo int) int32

// A valuesOf returns any number of values in the same way. They are good until the next call.
type valuesOf func(c *commit, person int32, repo int) []int32

// units are the periods that dimensions are made of.
var units = map[Dimension]calendar.Unit{
	Year: calendar.Year, Quarter: calendar.Quarter, Month: calendar.Month, Week: calendar.Week,
	Day: calendar.Day,
}

// newAxis returns the axis of a dimension.
func (b *builder) newAxis(dim Dimension) *axis {
	switch dim {
	case Repository:
		return repositoryAxis(dim, b.scope.repositoryLabels())
	case Project:
		project := func(r store.Repository) string { return r.Project }
		return repositoryAxis(dim, b.scope.labelRepositories(project))
	case Workspace:
		var workspaces []string
		for _, r := range b.scope.Repositories {
			workspaces = append(workspaces, r.Workspace)
		}
		return repositoryAxis(dim, labelsOf(workspaces))
	case Group: // all of them are rows, as all projects are
		groups := b.scope.groupsOf
		a := namesAxis(dim, b.scope.groups.names)
		a.values = func(_ *commit, _ int32, repo int) []int32 { return groups[repo] }
		a.all = slices.Concat(groups...)
		return a
	case AuthorDim:
		person := func(_ *commit, person int32, _ int) int32 { return person }
		return &axis{dim: dim, likely: span{0, int32(len(b.scope.People.Persons))}, value: person}
	case Team: // Query.check refused it without a file, and a Group as well
		teams := b.scope.teams
		a := namesAxis(dim, teams.names)
		a.values = func(c *commit, person int32, _ int) []int32 { return teams.of(person, c.date) }
		return a
	case Assistant:
		a := namesAxis(dim, b.messages.names)
		a.values = func(c *commit, _ int32, _ int) []int32 { return c.facts.assistants }
		return a
	case Type:
		a := namesAxis(dim, b.messages.kinds)
		a.value = func(c *commit, _ int32, _ int) int32 { return c.facts.kind }
		return a
	case Issue:
		a := namesAxis(dim, b.messages.issues)
		a.value = func(c *commit, _ int32, _ int) int32 { return c.facts.issue }
		return a
	}
	return b.timeAxis(dim)
}

// namesAxis returns an axis whose values are names, for the caller to say which a commit has. It has no
// labels yet, since names turn up while commits are read.
func namesAxis(dim Dimension, names *names) *axis {
	// Teams, types and projects of issues are mostly fewer. More of them are slower to look up, not
	// wrong.
	const likelyNames = 64
	return &axis{dim: dim, names: names, likely: span{0, likelyNames}}
}

// repositoryAxis returns the axis of a dimension that depends on the repository. The value of repositories
// with one label is the index of the first of them. Different things have labels that differ, in their ties
// at least.
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
	a.value = func(_ *commit, _ int32, repo int) int32 { return of[repo] }
	return a
}

// timeAxis returns the axis of a dimension that depends on the date. All weekdays and hours are rows, those
// without commits too. Which periods are rows depends on the range, see addSilent.
func (b *builder) timeAxis(dim Dimension) *axis {
	a, clock := &axis{dim: dim, texts: map[int32]string{}}, b.clock
	switch dim {
	case Hour:
		a.all = numbers(24)
		a.likely = span{0, 24}
		a.value = func(c *commit, _ int32, _ int) int32 {
			_, second := clock.Local(c.date)
			return int32(second / 3600)
		}
	case Weekday:
		a.all = numbers(7)
		a.likely = span{0, 7}
		a.value = func(c *commit, _ int32, _ int) int32 {
			date, _ := clock.Local(c.date)
			return int32(date.Weekday())
		}
	default:
		unit := units[dim]
		a.value = periodOf(unit, clock, 0)
		a.likely = b.likelyPeriods(unit)
	}
	return a
}

// likelyPeriods returns the periods since git exists, as far as they are asked for. Older commits, imported
// from other systems or with wrong clocks, are rare enough to be looked up in a map.
func (b *builder) likelyPeriods(unit calendar.Unit) span {
	gitBegan := time.Date(2005, time.January, 1, 0, 0, 0, 0, time.UTC).Unix()
	first, _ := b.clock.Local(max(gitBegan, b.scope.since))
	last, _ := b.clock.Local(min(b.q.Now.Unix(), b.scope.until))
	low := unit.Number(first)
	return span{int32(low), int32(min(max(0, unit.Number(last)-low+1), maxDense))}
}

// shifted returns the axis for the range before, whose values are those of the current range. Both
// use the same names, so that a text which only one of the ranges brings up has one value in both.
func (a *axis) shifted(clock *calendar.Clock) *axis {
	before := *a
	if unit, ok := units[a.dim]; ok {
		before.value = periodOf(unit, clock, a.shift)
	}
	return &before
}

// periodOf returns the function that numbers the periods of commits, and adds shift.
func periodOf(unit calendar.Unit, clock *calendar.Clock, shift int32) valueOf {
	return func(c *commit, _ int32, _ int) int32 {
		day, _ := clock.Local(c.date)
		return int32(unit.Number(day)) + shift
	}
}

// numbers returns the first n numbers from 0 on.
func numbers(n int) []int32 {
	all := make([]int32, n)
	for i := range all {
		all[i] = int32(i)
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
		return time.Weekday((value + 1) % 7).String() // package time begins the week with Sunday
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
