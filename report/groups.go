package report

import (
	"fmt"
	"io"
	"slices"

	"trunkstat/store"
)

// Groups says which repositories are in which group. A repository may be in several.
type Groups struct {
	path  string
	lines []groupLine
}

// A groupLine is one line of the file: the repositories that match a pattern are in a group.
type groupLine struct {
	line        int
	group, text string
	pattern     store.Pattern
}

// ParseGroups reads CSV with the columns group and repository, a glob for the slug or for workspace/slug.
// Errors are ErrMisuse, and name path and line.
func ParseGroups(path string, r io.Reader) (*Groups, error) {
	g := &Groups{path: path}
	return g, readCSV(path, r, []string{"group", "repository"}, func(line int, cells map[string]string) error {
		patterns, err := store.NewPatterns(cells["repository"])
		if err != nil {
			return err
		}
		g.lines = append(g.lines, groupLine{line, cells["group"], cells["repository"], patterns[0]})
		return nil
	})
}

func (l groupLine) matches(repo store.Repository) bool {
	return l.pattern.MatchRepository(repo.Workspace, repo.Slug)
}

// A groupIndex answers in which groups a repository is, as far as the filter includes them.
type groupIndex struct {
	names
	lines     []groupLine
	unmatched []string // sentences on lines that match no repository
}

// newGroupIndex takes all repositories of the workspace: a line about one that another filter leaves out is
// not wrong, and gets no sentence.
func newGroupIndex(q Query, repos []store.Repository) *groupIndex {
	g := &groupIndex{lines: q.Groups.lines}
	g.names.texts = []string{"(no group)"}
	for _, l := range g.lines {
		g.value(l.group)
		if !slices.ContainsFunc(repos, l.matches) {
			g.unmatched = append(g.unmatched,
				fmt.Sprintf("%s line %d: no repository matches %s", q.Groups.path, l.line, l.text))
		}
	}
	g.names.apply(q.filter.groups)
	return g
}

// of returns the groups of a repository, each once: none if the filter excludes the repository.
func (g *groupIndex) of(repo store.Repository) []int32 {
	var found []int32
	for _, l := range g.lines {
		if value := g.value(l.group); l.matches(repo) && !slices.Contains(found, value) {
			found = append(found, value)
		}
	}
	return g.names.filter(found)
}
