package githistory

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestParseOrigin(t *testing.T) {
	for origin, want := range map[string]string{
		"https://bitbucket.org/acme/web.git":                 "acme/web",
		"https://ada@bitbucket.org/acme/web.git":             "acme/web",
		"https://x-token-auth:secret@bitbucket.org/acme/web": "acme/web",
		"https://bitbucket.org/Acme/Web.git/":                "acme/web",
		"ssh://git@bitbucket.org/acme/web.git":               "acme/web",
		"ssh://git@bitbucket.org:22/acme/web.git":            "acme/web",
		"ssh://git@altssh.bitbucket.org:443/acme/web.git":    "acme/web",
		"git@bitbucket.org:acme/web.git":                     "acme/web",
		"git@bitbucket.org:/acme/web":                        "acme/web",
		"bitbucket.org:acme/web.js.git":                      "acme/web.js",
		"git@altssh.bitbucket.org:acme/web.git":              "acme/web",
		"https://github.com/acme/web.git":                    "",
		"https://bitbucket.org.evil.example/acme/web.git":    "",
		"https://bitbucket.org/acme":                         "",
		"https://bitbucket.org/acme/.git":                    "",
		"https://bitbucket.org/projects/acme/repos/web":      "",
		"git@github.com:acme/web.git":                        "",
		"/srv/git/bitbucket.org/acme/web.git":                "",
		"C:/git/web.git":                                     "",
		"../web.git":                                         "",
		"file:///bitbucket.org/acme/web.git":                 "",
		"https://bitbucket.org:8443/acme/web.git":            "",
		"https://%zz/acme/web.git":                           "",
		"":                                                   "",
	} {
		workspace, slug, ok := parseOrigin(origin, []string{"git.example:7990", "bitbucket.org"})
		if got := workspace + "/" + slug; ok != (want != "") || ok && got != want {
			t.Errorf("%s: %s, %v", origin, got, ok)
		}
	}
	if _, _, ok := parseOrigin("http://127.0.0.1:7990/acme/web.git", []string{"127.0.0.1:7990"}); !ok {
		t.Error("a host with a port")
	}
}

// Clones are found as work trees, worktrees, submodules and bare repositories, three levels down.
func TestClones(t *testing.T) {
	t.Parallel()
	g := find(t)
	source, hashes := linear(t, 2)
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	clone := func(name, origin string, args ...string) {
		dir := filepath.Join(root, name)
		runGit(t, "", "", append(append([]string{"clone", "-q"}, args...), source, dir)...)
		runGit(t, dir, "", "config", "remote.origin.url", origin)
	}
	clone("web", "git@bitbucket.org:acme/web.git")
	clone("a/b/deep", "https://ada@bitbucket.org/acme/deep.git", "--bare")
	clone("a/b/c/deeper", "https://bitbucket.org/acme/deeper.git")
	clone("other", "https://github.com/acme/other.git")
	clone("web/vendor/lib", "bb:lib.git")
	runGit(t, filepath.Join(root, "web/vendor/lib"), "", "config", "url.https://bitbucket.org/acme/.insteadOf", "bb:")
	runGit(t, filepath.Join(root, "web"), "", "worktree", "add", "-q", "--detach", filepath.Join(root, "tree"))
	runGit(t, filepath.Join(root, "web"), "", "-c", "protocol.file.allow=always", "submodule", "add", "-q", source, "sub")
	runGit(t, filepath.Join(root, "web/sub"), "", "config", "remote.origin.url", "ssh://git@bitbucket.org/acme/sub")
	runGit(t, "", "", "init", "-q", filepath.Join(root, "no-origin"))
	for _, name := range []string{"locked", "broken/.git", "empty.git/objects"} {
		if err := os.MkdirAll(filepath.Join(root, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	os.Chmod(filepath.Join(root, "locked"), 0)
	t.Cleanup(func() { os.Chmod(filepath.Join(root, "locked"), 0o700) })
	got, err := g.Clones(t.Context(), root, "bitbucket.org")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range got {
		dir, _ := filepath.Rel(root, c.Dir)
		names = append(names, filepath.ToSlash(dir)+" "+c.Workspace+"/"+c.Slug)
		if have := all(t, g, c.Dir, hashes, nil); len(have) != 2 {
			t.Errorf("%s has %v", c.Dir, have)
		}
	}
	want := []string{"a/b/deep acme/deep", "tree acme/web", "web acme/web", "web/sub acme/sub", "web/vendor/lib acme/lib"}
	if !slices.Equal(names, want) {
		t.Errorf("found %s\nwant %s", strings.Join(names, ", "), strings.Join(want, ", "))
	}
	if got, err := g.Clones(t.Context(), filepath.Join(root, "a/b/deep"), "bitbucket.org"); err != nil || len(got) != 1 {
		t.Errorf("the folder itself: %v, %v", got, err)
	}
	if _, err := g.Clones(t.Context(), filepath.Join(root, "none"), "bitbucket.org"); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := g.Clones(ctx, root, "bitbucket.org"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
