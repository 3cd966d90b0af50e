package command

import (
	"context"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"trunkstat/store"
)

// timeout limits how long completion may block the shell.
const timeout = 300 * time.Millisecond

// values returns the candidates for the value of the flag.
func (l *line) values(c *cli.Context) []candidate {
	switch l.flag.Names()[0] {
	case "workspace":
		return l.stored(c, workspaceSlugs)
	case "repo", "exclude-repo":
		return l.stored(c, repositorySlugs)
	case "project", "exclude-project":
		return l.stored(c, projectKeys)
	}
	if f, ok := l.flag.(*suggestingFlag); ok {
		return f.suggestions(l.word)
	}
	if takesFile(l.flag) {
		return files
	}
	return nil
}

func takesFile(f cli.Flag) bool {
	switch f := f.(type) {
	case *cli.StringFlag:
		return f.TakesFile
	case *cli.StringSliceFlag:
		return f.TakesFile
	}
	return false
}

// stored reads from the database that the line names. Names with characters that a shell would have to
// quote are left out.
func (l *line) stored(c *cli.Context, read func(*store.Tx, string) ([]string, error)) []candidate {
	path := c.String("db")
	if given := l.given["db"]; given != "" {
		path = given
	}
	ctx, cancel := context.WithTimeout(c.Context, timeout)
	defer cancel()
	var names []string
	err := store.Open(path).View(ctx, func(tx *store.Tx) (err error) {
		names, err = read(tx, l.given["workspace"])
		return err
	})
	if err != nil {
		return nil
	}
	var all []candidate
	seen := map[string]bool{}
	for _, name := range names {
		if !seen[name] && isWord(name) {
			seen[name] = true
			all = append(all, candidate{value: name})
		}
	}
	return all
}

func isWord(s string) bool {
	return s != "" && s[0] != '-' && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz"+
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == ""
}

func workspaceSlugs(tx *store.Tx, _ string) ([]string, error) {
	var slugs []string
	all, err := tx.Workspaces()
	for _, ws := range all {
		slugs = append(slugs, ws.Slug)
	}
	return slugs, err
}

func repositorySlugs(tx *store.Tx, workspace string) ([]string, error) {
	return ofRepositories(tx, workspace, func(r store.Repository) string { return r.Slug })
}

func projectKeys(tx *store.Tx, workspace string) ([]string, error) {
	return ofRepositories(tx, workspace, func(r store.Repository) string { return r.Project })
}

func ofRepositories(tx *store.Tx, workspace string, text func(store.Repository) string) ([]string, error) {
	var texts []string
	all, err := tx.Repositories()
	for _, r := range all {
		if workspace == "" || r.Workspace == workspace {
			texts = append(texts, text(r))
		}
	}
	return texts, err
}
