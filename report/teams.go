package report

import (
	"fmt"
	"io"
	"time"

	"trunkstat/report/calendar"
	"trunkstat/report/people"
	"trunkstat/store"
)

// Teams says who is in which team, and when. A person may be in several teams at once.
type Teams struct{ memberFile }

// Groups says which repositories are in which group. A repository may be in several.
type Groups struct{ memberFile }

// ParseTeams reads CSV with the columns team and person, which is an e-mail or the UUID of an account, and if
// need be, from and until. Errors are ErrMisuse, and name path and line: days that cannot be read, that end
// before they begin, or that overlap for one person in one team.
func ParseTeams(path string, r io.Reader) (*Teams, error) {
	t := &Teams{memberFile{kind: "team", path: path}}
	known := map[[2]string][]memberLine{} // by team and person
	columns := []string{"team", "person", "from", "until"}
	return t, readCSV(path, r, columns, func(line int, cells map[string]string) (err error) {
		l := memberLine{line: line, name: cells["team"], member: cells["person"]}
		if l.from, err = parseDay(cells["from"], firstDay); err != nil {
			return err
		}
		if l.until, err = parseDay(cells["until"], lastDay); err != nil {
			return err
		}
		if l.until < l.from {
			return fmt.Errorf("the time in the team ends before it begins: %s is after %s",
				cells["from"], cells["until"])
		}
		key := [2]string{l.name, people.FoldEmail(l.member)}
		for _, other := range known[key] {
			if l.from <= other.until && other.from <= l.until {
				return fmt.Errorf("%s is in %s on days that overlap those of line %d", l.member, l.name, other.line)
			}
		}
		known[key] = append(known[key], l)
		t.lines = append(t.lines, l)
		return nil
	})
}

// parseDay reads a day as 2025-03-31. Of an empty cell, it returns absent.
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

// ParseGroups reads CSV with the columns group and repository, a glob for the slug or for workspace/slug.
// Errors are ErrMisuse, and name path and line.
func ParseGroups(path string, r io.Reader) (*Groups, error) {
	g := &Groups{memberFile{kind: "group", path: path}}
	return g, readCSV(path, r, []string{"group", "repository"}, func(line int, cells map[string]string) error {
		g.lines = append(g.lines, memberLine{line, cells["group"], cells["repository"], firstDay, lastDay})
		_, err := store.NewPatterns(cells["repository"])
		return err
	})
}

// newTeams applies the file of teams to all persons.
func (s *Scope) newTeams(q Query) *members {
	lacks := func(person string) string {
		if q.Anonymize {
			person = "this person"
		}
		return person + " has no commits"
	}
	persons := len(s.People.Persons)
	return s.newMembers(q, &q.Teams.memberFile, q.filter.teams, persons, s.People.Addresses(), lacks)
}

// newGroups applies the file of groups to all repositories of the workspace: a line about one that another
// filter leaves out is not wrong, and is not noted.
func (s *Scope) newGroups(q Query, all []store.Repository) *members {
	find := func(glob string) (found []int32) {
		patterns, _ := store.NewPatterns(glob) // ParseGroups refused what is no pattern
		for i, repo := range all {
			if patterns.MatchRepository(repo.Workspace, repo.Slug) {
				found = append(found, int32(i))
			}
		}
		return found
	}
	lacks := func(glob string) string { return "no repository matches " + glob }
	return s.newMembers(q, &q.Groups.memberFile, q.filter.groups, len(all), find, lacks)
}
