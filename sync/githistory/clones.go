package githistory

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A Clone is a git directory that was cloned from Bitbucket.
type Clone struct {
	Dir             string
	Workspace, Slug string // in lower case, as its origin names them; both may have changed since
}

// maxDepth is how many levels of folders below the one that is searched are looked at: people keep clones in
// ~/src/bitbucket.org/workspace/slug, and a whole disk would take minutes.
const maxDepth = 3

// Clones finds the clones of repositories of some hosts, like bitbucket.org, in a folder: the folder itself,
// and those up to three levels down, in the order of their names. Folders that cannot be read are passed
// over.
func (g *Git) Clones(ctx context.Context, root string, hosts ...string) ([]Clone, error) {
	if _, err := os.ReadDir(root); err != nil {
		return nil, fmt.Errorf("look for clones: %w", err)
	}
	var clones []Clone
	for _, dir := range gitDirectories(root, maxDepth) {
		// The configuration of another user's repository may be read, because a URL runs nothing.
		cmd := g.command(ctx, dir, "-c", "safe.directory=*", "remote", "get-url", "origin")
		origin, _ := output(ctx, cmd) // which fails where there is none
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if workspace, slug, ok := parseOrigin(strings.TrimSpace(string(origin)), hosts); ok {
			clones = append(clones, Clone{dir, workspace, slug})
		}
	}
	return clones, nil
}

// gitDirectories lists a folder and those below it that are work trees or bare repositories. A work tree
// may have submodules and other clones in it.
func gitDirectories(dir string, depth int) (found []string) {
	entries, _ := os.ReadDir(dir) // as far as it can be read
	has := map[string]bool{}
	for _, e := range entries {
		has[e.Name()] = true
	}
	isBare := has["HEAD"] && has["objects"] && has["refs"]
	if isBare || has[".git"] {
		found = append(found, dir)
	}
	if isBare || depth == 0 {
		return found
	}
	for _, e := range entries {
		if e.IsDir() && e.Name() != ".git" { // a link is no folder here, so there is no circle
			found = append(found, gitDirectories(filepath.Join(dir, e.Name()), depth-1)...)
		}
	}
	return found
}

// parseOrigin takes the workspace and the slug out of the address of a remote. It reads
// https://user@host/workspace/slug.git, ssh://git@host/workspace/slug.git and git@host:workspace/slug.git,
// with or without user, port and .git. The host altssh.HOST is Bitbucket's for ssh on the port of https.
func parseOrigin(origin string, hosts []string) (workspace, slug string, ok bool) {
	if !strings.Contains(origin, "://") {
		at, path, isSSH := strings.Cut(origin, ":")
		if !isSSH {
			return "", "", false
		}
		origin = "ssh://" + at + "/" + path
	}
	u, err := url.Parse(origin)
	if err != nil {
		return "", "", false
	}
	isHost := slices.ContainsFunc(hosts, func(host string) bool {
		name, _, _ := strings.Cut(host, ":")
		return strings.EqualFold(u.Host, host) || u.Scheme == "ssh" &&
			(strings.EqualFold(u.Hostname(), name) || strings.EqualFold(u.Hostname(), "altssh."+name))
	})
	path := strings.TrimSuffix(strings.Trim(strings.ToLower(u.Path), "/"), ".git")
	workspace, slug, _ = strings.Cut(path, "/")
	ok = isHost && workspace != "" && slug != "" && !strings.Contains(slug, "/")
	return workspace, slug, ok
}
