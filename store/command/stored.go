package command

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"trunkstat/store"
)

// timeout limits how long completion may block the shell: a sync may be using the database, mostly for some
// milliseconds at a time.
const timeout = 300 * time.Millisecond

// values returns the candidates for the value of the flag.
func (l *line) values(c *cli.Context) []string {
	if f, ok := l.flag.(*suggestingFlag); ok {
		return f.suggestions(l.word)
	}
	if takesFile(l.flag) {
		return []string{files}
	}
	// --exclude-repo takes what --repo takes.
	if what := strings.TrimPrefix(l.flag.Names()[0], "exclude-"); slices.Contains(storedKinds, what) {
		return l.stored(c, what)
	}
	return nil
}

// takesFile reports whether the value is the name of a file; the interface of flags has no method for it.
func takesFile(f cli.Flag) bool {
	switch f := f.(type) {
	case *cli.StringFlag:
		return f.TakesFile
	case *cli.StringSliceFlag:
		return f.TakesFile
	}
	return false
}

// storedKinds are the names in the database that completion offers, by the flags that take them.
var storedKinds = []string{"workspace", "repo", "project"}

// stored returns names from the database that the line names. Names with characters that a shell would
// have to quote are left out: they come from a server, and a shell might evaluate them.
func (l *line) stored(c *cli.Context, kind string) []string {
	ctx, cancel := context.WithTimeout(c.Context, timeout)
	defer cancel()
	db := store.Open(cmp.Or(l.given["db"], c.String("db")))
	names, err := Read(ctx, db, func(tx *store.Tx) ([]string, error) {
		return storedNames(tx, kind, l.given["workspace"])
	})
	if err != nil { // not printed: it would be written into the line that is being typed
		return nil
	}
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(s string) bool { return !isPlainWord(s) })
}

// storedNames returns slugs or keys, those of one workspace if it is given.
func storedNames(tx *store.Tx, kind, workspace string) (names []string, err error) {
	if kind == "workspace" {
		workspaces, err := tx.Workspaces()
		for _, ws := range workspaces {
			names = append(names, ws.Slug)
		}
		return names, err
	}
	repositories, err := tx.Repositories()
	for _, r := range repositories {
		switch {
		case workspace != "" && r.Workspace != workspace:
		case kind == "project":
			names = append(names, r.Project)
		default:
			names = append(names, r.Slug)
		}
	}
	return names, err
}
