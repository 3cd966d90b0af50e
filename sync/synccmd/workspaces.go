package synccmd

import (
	"errors"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"trunkstat/store"
	"trunkstat/sync"
)

// openDB is the database that the flags name, which says when it is kept waiting.
func openDB(c *cli.Context) *store.DB {
	db := store.Open(c.String("db"))
	if !c.Bool("quiet") {
		db.Waiting = func(time.Duration) {
			notice(c, "waiting for %s, which another trunkstat is using", db.Path())
		}
	}
	return db
}

// workspacesToSync is the workspace that was named, or else all that the database knows.
func workspacesToSync(c *cli.Context, db *store.DB) ([]string, error) {
	if named := c.String("workspace"); named != "" {
		ws, err := parseWorkspace(named)
		return []string{ws}, err
	}
	var slugs []string
	err := db.View(c.Context, func(tx *store.Tx) error {
		known, err := tx.Workspaces()
		for _, ws := range known {
			slugs = append(slugs, ws.Slug)
		}
		return err
	})
	if err != nil && !errors.Is(err, store.ErrNoDatabase) {
		return nil, err
	}
	if len(slugs) == 0 {
		return nil, coded{errors.New("no workspace is known yet: name one with --workspace"), 2, "trunkstat auth login"}
	}
	return slugs, nil
}

// noResources gives an empty listing the name that DX gives it.
func noResources(err error) error {
	if errors.Is(err, sync.ErrNoResources) {
		return errNoRepositories
	}
	return err
}

func checkFormat(c *cli.Context, formats ...string) error {
	if slices.Contains(formats, c.String("format")) {
		return nil
	}
	return misuse("--format: %q is none of %s", c.String("format"), strings.Join(formats, ", "))
}

func checkGlobs(globs []string) error {
	for _, g := range globs {
		if g == "" {
			return misuse("--repo: the glob is empty; leave it out for all repositories")
		}
		if _, err := path.Match(g, ""); err != nil {
			return misuse("--repo: %q is not a glob: use * ? and [a-z]", g)
		}
	}
	return nil
}
