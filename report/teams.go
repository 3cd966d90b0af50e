package report

import (
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"trunkstat/report/calendar"
	"trunkstat/report/people"
)

// Teams says who is in which team, and when. A person may be in several teams at once.
type Teams struct {
	path    string
	members []teamMember
}

// A teamMember is one line of the file: a person is in a team from one day to another, both included.
type teamMember struct {
	line         int
	team, person string // a person is an e-mail or the UUID of an account
	from, until  calendar.Date
}

// ParseTeams reads CSV with the columns team and person and, if need be, from and until. Errors are
// ErrMisuse, and name path and line: days that cannot be read, that end before they begin, or that overlap
// for one person in one team.
func ParseTeams(path string, r io.Reader) (*Teams, error) {
	t := &Teams{path: path}
	known := map[[2]string][]teamMember{} // by team and person
	columns := []string{"team", "person", "from", "until"}
	return t, readCSV(path, r, columns, func(line int, cells map[string]string) (err error) {
		m := teamMember{line: line, team: cells["team"], person: cells["person"]}
		if m.from, err = parseDay(cells["from"], math.MinInt32); err != nil {
			return err
		}
		if m.until, err = parseDay(cells["until"], math.MaxInt32); err != nil {
			return err
		}
		if m.until < m.from {
			return fmt.Errorf("the time in the team ends before it begins: %s is after %s", cells["from"], cells["until"])
		}
		key := [2]string{m.team, people.FoldEmail(m.person)}
		for _, other := range known[key] {
			if m.from <= other.until && other.from <= m.until {
				return fmt.Errorf("%s is in %s on days that overlap those of line %d", m.person, m.team, other.line)
			}
		}
		known[key] = append(known[key], m)
		t.members = append(t.members, m)
		return nil
	})
}

// parseDay reads a day as 2025-03-31; absent is what an empty cell stands for, a day that is beyond all those
// of a calendar.Clock.
func parseDay(text string, absent calendar.Date) (calendar.Date, error) {
	if text == "" {
		return absent, nil
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return 0, fmt.Errorf("invalid day %q; use the form 2025-03-31", text)
	}
	return calendar.DateOf(day), nil
}

// A teamIndex answers in which teams a person is on a day, as far as the filter includes them. The day is
// that of the commit in the report's zone, so that a move between teams does not rewrite the counts of the
// past.
type teamIndex struct {
	names
	clock     *calendar.Clock
	stays     [][]teamStay // by index of a person
	unmatched []string     // sentences on lines that match no author
	found     []int32      // used again
	several   bool         // whether a person was found in several teams on one day
}

// A teamStay is a time that a person is in a team, both days included.
type teamStay struct {
	team        int32 // its value
	from, until calendar.Date
}

func newTeamIndex(q Query, d *people.Directory) *teamIndex {
	t := &teamIndex{clock: calendar.NewClock(q.Zone), stays: make([][]teamStay, d.Len())}
	t.names.texts = []string{"(no team)"}
	find := d.Addresses()
	for _, m := range q.Teams.members {
		team, persons := t.value(m.team), find(m.person)
		for _, i := range persons {
			t.stays[i] = append(t.stays[i], teamStay{team, m.from, m.until})
		}
		if len(persons) == 0 {
			who := m.person
			if q.Anonymize {
				who = "this person"
			}
			t.unmatched = append(t.unmatched, fmt.Sprintf("%s line %d: %s has no commits", q.Teams.path, m.line, who))
		}
	}
	t.names.apply(q.filter.teams)
	return t
}

// of returns the teams of a person, each once, at a date in seconds since 1970: none if the filter excludes
// the person. They are good until the next call.
func (t *teamIndex) of(person int32, date int64) []int32 {
	found := t.found[:0]
	if stays := t.stays[person]; len(stays) > 0 {
		day, _ := t.clock.Local(date)
		for _, s := range stays {
			if s.from <= day && day <= s.until && !slices.Contains(found, s.team) {
				found = append(found, s.team)
			}
		}
	}
	t.several = t.several || len(found) > 1
	t.found = t.names.filter(found)
	return t.found
}

// includes reports whether the filter includes what a person committed at a date. No index includes all.
func (t *teamIndex) includes(person int32, date int64) bool {
	return t == nil || len(t.of(person, date)) > 0
}
