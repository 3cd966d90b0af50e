package report

import (
	"fmt"
	"math"
	"slices"

	"trunkstat/report/calendar"
	"trunkstat/store"
)

// A memberFile says which things have which names: persons are in teams, repositories are in groups. A thing
// may have several names at once.
type memberFile struct {
	kind, path string // kind: what the names are of, team or group
	lines      []memberLine
}

// A memberLine is one line of the file: a member has a name from one day to another, both included. A line
// without days has firstDay and lastDay.
type memberLine struct {
	line         int
	name, member string
	from, until  calendar.Date
}

// No commit is dated before firstDay or after lastDay: a calendar.Clock gives no such date.
const firstDay, lastDay calendar.Date = math.MinInt32, math.MaxInt32

// Members answer which names things have on a day, as far as the filter includes them. The day is that of the
// commit in the report's zone, so that a move between teams does not rewrite the counts of the past.
type members struct {
	*names
	clock *calendar.Clock
	stays [][]stay // by index of a person or of a repository

	// What the filter makes of the names, by value: whether it includes what has the name, and whether it
	// excludes what has the name, whatever other names it has.
	include, exclude []bool

	found   []int32 // used again
	several bool    // whether a thing was found to have several names on one day
}

// A stay is a time in which a thing has a name, both days included.
type stay struct {
	value       int32 // of the name
	from, until calendar.Date
}

// newMembers applies a file and a filter to a number of things. find returns the indexes of those that a line
// is about. Patterns of the filter that match no name are noted, and so are lines that are about none of the
// things, with the sentence of lacks.
func (s *Scope) newMembers(
	q Query, file *memberFile, f patternFilter, things int,
	find func(member string) []int32, lacks func(member string) string,
) *members {
	m := &members{
		names: newNames("(no " + file.kind + ")"),
		clock: calendar.NewClock(q.Zone), stays: make([][]stay, things),
	}
	var unmatched []string
	for _, l := range file.lines {
		value, found := m.value(l.name), find(l.member)
		for _, i := range found {
			m.stays[i] = append(m.stays[i], stay{value, l.from, l.until})
		}
		if len(found) == 0 {
			unmatched = append(unmatched, fmt.Sprintf("%s line %d: %s", file.path, l.line, lacks(l.member)))
		}
	}
	m.include, m.exclude = s.apply(f, file.kind, len(m.texts), func(i int, p store.Pattern) bool {
		return p.Match(m.texts[i])
	})
	s.noteLines(unmatched)
	return m
}

// noteLines notes what is wrong with lines of a file.
func (s *Scope) noteLines(lines []string) {
	s.Unmatched = append(s.Unmatched, lines[:min(len(lines), mostNames)]...)
	if more := len(lines) - mostNames; more > 0 {
		s.Unmatched = append(s.Unmatched, NumberOf(more, "more line matches", "more lines match")+" nothing")
	}
}

// of returns the names of a thing, each once, at a date in seconds since 1970: none if the filter excludes
// the thing. They are good until the next call.
func (m *members) of(thing int32, date int64) []int32 {
	found := m.found[:0]
	if stays := m.stays[thing]; len(stays) > 0 {
		day, _ := m.clock.Local(date)
		for _, s := range stays {
			if s.from <= day && day <= s.until && !slices.Contains(found, s.value) {
				found = append(found, s.value)
			}
		}
	}
	m.several = m.several || len(found) > 1
	if len(found) == 0 {
		found = append(found, 0)
	}
	m.found = found
	if slices.ContainsFunc(found, func(v int32) bool { return m.exclude[v] }) {
		return nil
	}
	return slices.DeleteFunc(found, func(v int32) bool { return !m.include[v] })
}

// includes reports whether the filter includes a thing at a date. No members include all.
func (m *members) includes(thing int32, date int64) bool {
	return m == nil || len(m.of(thing, date)) > 0
}

// Names are the values of a dimension that is neither a time, nor known before commits are read: teams,
// groups, types. A value is the index of its text. Value 0 is that of a commit which has no name; its text
// is in brackets.
type names struct {
	texts  []string
	values map[string]int32 // by text
}

// newNames returns the names with no other than the text of value 0.
func newNames(none string) *names { return &names{[]string{none}, map[string]int32{none: 0, "": 0}} }

// value returns the value of a text, a new one if the text is new. That of no text is 0.
func (n *names) value(text string) int32 {
	value, known := n.values[text]
	if !known {
		value = int32(len(n.texts))
		n.values[text], n.texts = value, append(n.texts, text)
	}
	return value
}
