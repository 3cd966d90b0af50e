package synccmd

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"trunkstat/store"
)

// notWorkspaces are first words in the paths of bitbucket.org that are pages of its own.
var notWorkspaces = []string{"account", "dashboard", "product", "site", "support"}

// parseWorkspace reads a workspace as people give it, a slug or any bitbucket.org URL of it, and
// returns the slug in lower case.
func parseWorkspace(s string) (string, error) {
	slug := strings.TrimSpace(s)
	if path, ok := bitbucketPath(slug); ok {
		slug = firstSegment(path)
		if slug == "" || slices.Contains(notWorkspaces, slug) {
			return "", misuse("--workspace: this address names no workspace; " +
				"in https://bitbucket.org/acme/website it is acme")
		}
	}
	if !isSlug(slug) {
		return "", misuse("--workspace %q is not a workspace: give its slug (letters, digits, - and _), "+
			"or a URL like https://bitbucket.org/acme/", shorten(s))
	}
	return strings.ToLower(slug), nil
}

// bitbucketPath returns the path of an address of Bitbucket, in the forms that people copy: from
// the browser, from git remote -v, from the API.
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

// shorten keeps a mistake, which may be a pasted token or a file, from filling the terminal, or
// from being told whole.
func shorten(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		return string(r[:most/2]) + "…"
	}
	return s
}

// givenWorkspace is the workspace of --workspace, "" where there is none.
func givenWorkspace(c *cli.Context) (string, error) {
	if c.String("workspace") == "" {
		return "", nil
	}
	return parseWorkspace(c.String("workspace"))
}

// knownWorkspaces are those of the database; without a database there are none.
func knownWorkspaces(c *cli.Context) ([]store.Workspace, error) {
	var known []store.Workspace
	err := openDB(c).View(c.Context, func(tx *store.Tx) (err error) {
		known, err = tx.Workspaces()
		return err
	})
	if errors.Is(err, store.ErrNoDatabase) {
		return nil, nil
	}
	return known, err
}

// selectWorkspaces are the workspace that was given, known or not, or else all that are known.
func selectWorkspaces(c *cli.Context) ([]store.Workspace, error) {
	given, err := givenWorkspace(c)
	if err != nil {
		return nil, err
	}
	known, err := knownWorkspaces(c)
	if err != nil || given == "" {
		return known, err
	}
	for _, ws := range known {
		if ws.Slug == given {
			return []store.Workspace{ws}, nil
		}
	}
	return []store.Workspace{{Slug: given}}, nil
}
