package bitbucket

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// ParseWorkspace reads a workspace as people give it, its slug or any address of Bitbucket's that
// leads into it (from the browser, from git remote -v, from the API), and returns the slug.
//
// What it returns is a slug in lower case: letters, digits, - and _, at least one and at most 100,
// the first of them no -. So it can stand in a path or in a command as it is. The error says what
// would be right, and repeats the beginning of the text at most: a token may have been pasted.
func ParseWorkspace(text string) (string, error) {
	slug := strings.TrimSpace(text)
	if path, ok := bitbucketPath(slug); ok {
		slug = firstSegment(path)
		if slug == "" || slices.Contains(notWorkspaces, slug) {
			return "", errors.New("this address names no workspace; in https://bitbucket.org/acme/website it is acme")
		}
	}
	if !isSlug(slug) {
		return "", fmt.Errorf("%s is not a workspace: give its slug (letters, digits, - and _), "+
			"or a URL like https://bitbucket.org/acme/", quoteBeginning(text))
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

// quoteBeginning quotes a text, or its beginning where it is long.
func quoteBeginning(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		s = string(r[:most/2]) + "…"
	}
	return fmt.Sprintf("%q", s)
}
