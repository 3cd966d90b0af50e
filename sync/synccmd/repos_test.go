package synccmd

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"trunkstat/sync/sandbox"
)

// synced is a program with three repositories of two projects in its database.
func synced(t *testing.T) *program {
	p := newProgram(t)
	p.env["TRUNKSTAT_TOKEN"] = testAccessToken
	acme := p.server.Workspace("acme")
	acme.Repository("website").SetPublic(true)
	acme.Repository("website").Commits("main", 4)
	acme.Repository("api").Commit("main", sandbox.Change{Date: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)})
	acme.NewRepository("bare").SetProject("OPS")
	p.expect(p.run("-w", "acme", "sync"), 0)
	return p
}

// slugsOf are the repositories in CSV, in their order.
func slugsOf(csv string) string {
	var slugs []string
	for line := range strings.Lines(csv) {
		slugs = append(slugs, strings.Split(line, ",")[1])
	}
	return strings.Join(slugs[1:], " ")
}

func TestReposSort(t *testing.T) {
	p := synced(t)
	for sort, want := range map[string]string{
		"":                    "api bare website",
		"repository":          "api bare website",
		"repo:desc":           "website bare api",
		"commits":             "website api bare",
		"commits:asc":         "bare api website",
		"last_commit":         "api website bare",
		"last_commit:asc":     "website api bare",
		"visibility:desc":     "website api bare",
		"project":             "bare api website",
		"state":               "bare api website",
		"default_branch":      "api website bare",
		"default_branch:desc": "api website bare",
		"first_commit:asc":    "website api bare",
		"fork_of":             "api bare website",
		"workspace:desc":      "api bare website",
	} {
		args := []string{"repos", "--format", "csv"}
		if sort != "" {
			args = append(args, "--sort", sort)
		}
		o := p.run(args...)
		if p.expect(o, 0); slugsOf(o.stdout) != want {
			t.Errorf("--sort %q: %s, want %s", sort, slugsOf(o.stdout), want)
		}
	}
	for _, sort := range []string{"", "slug", "commits:up", "commits:", "commits:asc:desc", ":desc"} {
		o := p.run("repos", "--sort", sort)
		if p.expect(o, 2, "default_branch", ":desc"); o.stdout != "" {
			t.Errorf("a misuse prints %q", o.stdout)
		}
	}
}

func TestReposCSV(t *testing.T) {
	p := synced(t)
	o := p.run("repos", "--format", "csv", "--bom", "--delimiter", ";")
	p.expect(o, 0)
	if !strings.HasPrefix(o.stdout, "\uFEFFworkspace;repository;project;visibility;default_branch;commits;") ||
		!strings.Contains(o.stdout, "\nacme;website;PRJ;public;main;5;") {
		t.Errorf("%q", o.stdout)
	}
	p.expect(p.run("repos", "--format", "json"), 0, `"repository":"website","project":"PRJ","visibility":"public"`,
		`"repository":"api","project":"PRJ","visibility":"private"`)
	p.expect(p.run("repos"), 0, "VISIBILITY", "public", "private")
	for _, args := range []string{"--bom", "--delimiter=;", "--format=json --bom", "--format=csv --delimiter=;;", "--format=csv --delimiter="} {
		o := p.run(append([]string{"repos"}, strings.Fields(args)...)...)
		if p.expect(o, 2); o.stdout != "" {
			t.Errorf("%s: a misuse prints %q", args, o.stdout)
		}
	}
}

// A pipe gets names as they are; see TestTerminalIsClean.
func TestReposOfAnyName(t *testing.T) {
	p := synced(t)
	p.server.Workspace("acme").Repository("api").SetProject(clipboard)
	p.expect(p.run("sync"), 0)
	if o := p.run("repos", "--format", "csv"); !strings.Contains(o.stdout, clipboard) {
		t.Errorf("%q", o.stdout)
	}
}

// clipboard is what makes a terminal fill its clipboard, and hides itself.
var clipboard = fmt.Sprintf("P\x1b]52;c;%s\aQ", "cm0gLXJmIH4K")
