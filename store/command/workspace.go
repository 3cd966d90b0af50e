package command

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

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
	var all []store.Workspace
	err := db.View(ctx, func(tx *store.Tx) (err error) {
		all, err = tx.Workspaces()
		return err
	})
	if errors.Is(err, store.ErrNoDatabase) {
		return nil, nil
	}
	return all, err
}

// CheckWorkspace returns an error if the database has nothing of the workspace. Without it, commands would
// answer with nothing for a slug that was mistyped. "" stands for all workspaces.
func CheckWorkspace(tx *store.Tx, slug string) error {
	workspaces, err := tx.Workspaces()
	if err != nil {
		return err
	}
	repositories, err := tx.Repositories()
	if err != nil {
		return err
	}
	var slugs []string
	for _, ws := range workspaces {
		slugs = append(slugs, ws.Slug)
	}
	for _, r := range repositories {
		slugs = append(slugs, r.Workspace)
	}
	if slug == "" || slices.Contains(slugs, slug) {
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
// The slug is in lower case: letters, digits, - and _, at least one and at most 100, not beginning with -.
// So it can stand in a path or in a command as it is. The error repeats the beginning of the text at most,
// because a token may have been pasted.
func ParseWorkspace(text string) (string, error) {
	slug := strings.TrimSpace(text)
	if path, ok := bitbucketPath(slug); ok {
		slug = firstSegment(path)
		if slug == "" || slices.Contains(notWorkspaces, slug) {
			return "", errors.New("the URL names no workspace; in https://bitbucket.org/acme/website it is acme")
		}
	}
	if !isSlug(slug) {
		return "", fmt.Errorf("invalid workspace %q; use its slug (letters, digits, - and _), "+
			"or a URL like https://bitbucket.org/acme/", Shorten(text))
	}
	return strings.ToLower(slug), nil
}

// notWorkspaces are first words in the paths of bitbucket.org that are pages of its own.
var notWorkspaces = []string{"account", "dashboard", "product", "site", "support"}

// bitbucketPath returns the path of an address of Bitbucket, in the forms that people copy.
func bitbucketPath(s string) (string, bool) {
	if rest, ok := strings.CutPrefix(s, "git@bitbucket.org:"); ok {
		return rest, true
	}
	if !strings.Contains(s, "://") {
		host, _, _ := strings.Cut(s, "/")
		if !isBitbucket(host) {
			return "", false
		}
		s = "https://" + s
	}
	u, err := url.Parse(s)
	if err != nil || !isBitbucket(u.Hostname()) {
		return "", false
	}
	return u.EscapedPath(), true
}

func isBitbucket(host string) bool {
	host = strings.ToLower(host)
	return host == "bitbucket.org" || strings.HasSuffix(host, ".bitbucket.org")
}

// firstSegment skips what comes before the workspace in an address of the API.
func firstSegment(path string) string {
	parts := strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
	for _, before := range [][]string{{"!api"}, {"2.0"}, {"repositories", "workspaces"}} {
		if len(parts) > 1 && slices.Contains(before, parts[0]) {
			parts = parts[1:]
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return parts[0]
}

func isSlug(s string) bool {
	return s != "" && len(s) <= 100 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz"+
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == "" && s[0] != '-'
}
