package appcmd

import (
	"context"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"trunkstat/report"
	"trunkstat/report/render"
	"trunkstat/store"
)

// patience is how long the database may take: somebody waits with a finger on the key.
const patience = 300 * time.Millisecond

// choices are the values that a flag takes, by command and flag, or by flag alone.
var choices = map[string][]string{
	"report format":              render.Formats,
	"export commits format":      {"csv", "jsonl", "parquet"},
	"export repositories format": {"csv", "jsonl", "parquet"},
	"export authors format":      {"csv", "jsonl", "parquet"},
	"repos format":               {"table", "csv", "json"},
	"format":                     {"table", "json"},
	"merges":                     {"include", "exclude", "only"},
	"bots":                       {"include", "exclude", "only"},
	"compare":                    {"previous"},
	"partition-by":               {"month", "year", "repository"},
	"sort":                       {"commits", "merges", "authors", "first_commit", "last_commit"},
	"since":                      {"today", "yesterday", "7d", "4w", "6mo", "1y"},
	"until":                      {"today", "yesterday", "7d", "4w", "6mo", "1y"},
	"tz":                         {"local", "UTC"},
}

// values are those that the flag may have. Of a list with commas the last item is completed.
func (l *line) values(c *cli.Context) []candidate {
	name := l.flag.Names()[0]
	switch name {
	case "by":
		return l.dimensions()
	case "pivot":
		return plain(dimensionNames())
	case "workspace":
		return l.stored(c, workspaces)
	case "repo", "exclude-repo":
		return l.stored(c, repositories)
	case "project", "exclude-project":
		return l.stored(c, projects)
	case "db", "ca-cert", "output", "mailmap", "keep", "git":
		return files
	}
	if name == "sort" && strings.Contains(l.word, ":") {
		column, _, _ := strings.Cut(l.word, ":")
		return plain([]string{column + ":asc", column + ":desc"})
	}
	if own, ok := choices[l.path+" "+name]; ok {
		return plain(own)
	}
	return plain(choices[name])
}

func dimensionNames() []string {
	var names []string
	for _, d := range report.Dimensions {
		names = append(names, string(d))
	}
	return names
}

// dimensions leaves out those that stand before the last comma.
func (l *line) dimensions() []candidate {
	before := ""
	if i := strings.LastIndex(l.word, ","); i >= 0 {
		before = l.word[:i+1]
	}
	var all []candidate
	for _, name := range dimensionNames() {
		if !strings.Contains(","+before, ","+name+",") {
			all = append(all, candidate{value: before + name})
		}
	}
	return all
}

// stored reads from the database that the line names. Names that are not plain words are left out:
// a shell would have to quote them.
func (l *line) stored(c *cli.Context, read func(*store.Tx, string) ([]string, error)) []candidate {
	path := c.String("db")
	if given := l.given["db"]; given != "" {
		path = given
	}
	ctx, cancel := context.WithTimeout(c.Context, patience)
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

func workspaces(tx *store.Tx, _ string) ([]string, error) {
	var slugs []string
	known, err := tx.Workspaces()
	for _, ws := range known {
		slugs = append(slugs, ws.Slug)
	}
	return slugs, err
}

func repositories(tx *store.Tx, workspace string) ([]string, error) {
	return ofRepositories(tx, workspace, func(r store.Repository) string { return r.Slug })
}

func projects(tx *store.Tx, workspace string) ([]string, error) {
	return ofRepositories(tx, workspace, func(r store.Repository) string { return r.Project })
}

func ofRepositories(tx *store.Tx, workspace string, of func(store.Repository) string) ([]string, error) {
	var names []string
	known, err := tx.Repositories()
	for _, r := range known {
		if workspace == "" || r.Workspace == workspace {
			names = append(names, of(r))
		}
	}
	return names, err
}
