package command

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/urfave/cli/v2"

	"trunkstat/store"
)

// Workspace returns the slug of the workspace that --workspace names, "" if the flag is not given.
func Workspace(c *cli.Context) (string, error) {
	if c.String("workspace") == "" {
		return "", nil
	}
	slug, err := ParseWorkspace(c.String("workspace"))
	if err != nil {
		return "", Misuse("--workspace: %w", err)
	}
	return slug, nil
}

// Workspaces returns the workspaces in the database, none if there is no database.
func Workspaces(ctx context.Context, db *store.DB) ([]store.Workspace, error) {
	all, err := Read(ctx, db, (*store.Tx).Workspaces)
	if errors.Is(err, store.ErrNoDatabase) {
		return nil, nil
	}
	return all, err
}

// CheckWorkspace returns an error if the database has nothing of the workspace. Without this check, commands
// would print nothing for a slug that was mistyped. The slug "" stands for all workspaces, and is never an
// error.
func CheckWorkspace(tx *store.Tx, slug string) error {
	if slug == "" {
		return nil
	}
	workspaces, err := tx.Workspaces()
	if err != nil {
		return err
	}
	repositories, err := tx.Repositories()
	if err != nil {
		return err
	}
	// After auth logout, the commits of a workspace are stored, and its entry is not.
	var slugs []string
	for _, ws := range workspaces {
		slugs = append(slugs, ws.Slug)
	}
	for _, r := range repositories {
		slugs = append(slugs, r.Workspace)
	}
	if slices.Contains(slugs, slug) {
		return nil
	}
	text := fmt.Sprintf("workspace %q has not been synced", slug)
	if slices.Sort(slugs); len(slugs) > 0 {
		text += "; the database has " + strings.Join(slices.Compact(slugs), ", ")
	}
	return &Error{ExitFailed, "trunkstat sync --workspace " + slug, errors.New(text)}
}

// ParseWorkspace returns the slug of a workspace that is given as its slug or as a URL of Bitbucket that
// leads into it: from the browser, from git remote -v, or of the API.
//
// The slug is in lower case: 1 to 100 letters, digits, - and _, not beginning with -. So it needs no quotes
// in a URL or a command. The error repeats only the beginning of the text, which may be a token that was
// pasted by mistake.
func ParseWorkspace(text string) (string, error) {
	slug := strings.TrimSpace(text)
	if m := bitbucketURL().FindStringSubmatch(slug); m != nil {
		if slug = m[1]; slug == "" || slices.Contains(notWorkspaces, slug) {
			return "", errors.New("the URL names no workspace; in https://bitbucket.org/acme/website it is acme")
		}
	}
	if !isPlainWord(slug) || strings.Contains(slug, ".") || len(slug) > 100 {
		return "", fmt.Errorf("invalid workspace %q; use its slug (letters, digits, - and _), "+
			"or a URL like https://bitbucket.org/acme/", Shorten(text))
	}
	return strings.ToLower(slug), nil
}

// isPlainWord reports whether a text means itself in a shell and in a URL: it consists of letters, digits,
// -, _ and ., and begins with another character than -, with which it would be a flag.
func isPlainWord(s string) bool {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
	return s != "" && s[0] != '-' && strings.Trim(s, plain) == ""
}

// notWorkspaces are first words in the paths of bitbucket.org that are pages of its own.
var notWorkspaces = []string{"account", "dashboard", "product", "site", "support"}

// bitbucketURL finds the first word of the path: behind a scheme and a user, which may both be
// missing, behind a port or the colon of scp, and behind what the API has before a workspace.
var bitbucketURL = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)^(?:[a-z]+://)?(?:[^/@]*@)?(?:[^/@:]+\.)?bitbucket\.org(?::\d+)?` +
		`(?:[:/]+(?:!api/+)?(?:2\.0/+)?(?:(?:repositories|workspaces)/+)?([^/?#]*).*)?$`)
})
