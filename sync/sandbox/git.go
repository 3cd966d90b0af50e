package sandbox

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A gitDirectory is the source of a repository that is served live from a git directory.
type gitDirectory struct {
	dir string

	mu    sync.Mutex // one look at a time
	state string     // the refs as last read
	known []hash     // all commits that refs named so far
	err   error      // of the last look
}

// AddGit serves the history of a git directory, bare or with a work tree, as a repository. An
// empty slug is made from the directory's name. Its default branch is the one HEAD names. The
// directory is looked at again whenever a request could tell the difference, so that a push to it
// is seen at once; what a forced push drops resolves until GC, as on Bitbucket. Commits are all
// that is read: a clone without trees and blobs will do.
func (w *Workspace) AddGit(dir, slug string) (*Repository, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("serve %s: %w", dir, err)
	}
	g := &gitDirectory{dir: abs}
	if resolved, err := filepath.EvalSymlinks(abs); err == nil {
		g.dir = resolved
	}
	seen, err := g.look()
	if err != nil {
		return nil, fmt.Errorf("serve %s: %w", dir, err)
	}
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	if slug == "" {
		slug = w.free(slugOf(abs))
	} else if w.find(slug) != nil {
		return nil, fmt.Errorf("serve %s: repository %s/%s exists", dir, w.slug, slug)
	}
	r := w.add(slug, newGraph(len(seen.commits)))
	r.git = g
	if err := r.adopt(seen); err != nil {
		r.remove()
		return nil, fmt.Errorf("serve %s: %w", dir, err)
	}
	r.backdate()
	return r, nil
}

// GitError returns why the repository's git directory could not be read when it was last looked
// at. Until it can be, the repository is served as it was.
func (r *Repository) GitError() error {
	if r.git == nil {
		return nil
	}
	r.git.mu.Lock()
	defer r.git.mu.Unlock()
	return r.git.err
}

// backdate makes a repository that was just read as old as its commits.
func (r *Repository) backdate() {
	for i, date := range r.graph.dates {
		t := time.Unix(date, 0).UTC()
		if i == 0 || t.Before(r.created) {
			r.created = t
		}
		if i == 0 || t.After(r.updated) {
			r.updated = t
		}
	}
}

// slugOf makes a slug of a directory's name, in the letters Bitbucket allows.
func slugOf(dir string) string {
	name := filepath.Base(dir)
	if name == ".git" {
		name = filepath.Base(filepath.Dir(dir))
	}
	name = strings.TrimSuffix(strings.ToLower(name), ".git")
	slug := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' || r == '_' || r == '-' {
			return r
		}
		return '-'
	}, name)
	if slug = strings.Trim(slug, "-"); slug == "" {
		return "repository"
	}
	return slug
}

// free returns the slug, with a number if it is taken.
func (w *Workspace) free(slug string) string {
	try := slug
	for n := 2; w.find(try) != nil; n++ {
		try = slug + "-" + strconv.Itoa(n)
	}
	return try
}

// A gitState is what a look at a git directory found.
type gitState struct {
	state    string
	main     string
	branches map[string]hash
	tags     map[string]hash
	commits  []gitCommit // new ones, parents first
}

type gitCommit struct {
	hash    hash
	parents []hash
	date    int64
	author  string
	message string
}

// look reads the refs and, if they changed, the commits that are new. The caller holds g.mu or is
// the only one to know g.
func (g *gitDirectory) look() (*gitState, error) {
	out, err := g.git(nil, "for-each-ref",
		"--format=%(objectname)%00%(*objectname)%00%(HEAD)%00%(refname)", "refs/heads", "refs/tags")
	if err != nil {
		return nil, err
	}
	refs, err := io.ReadAll(out)
	if err := errors.Join(err, out.Close()); err != nil {
		return nil, err
	}
	seen := &gitState{state: string(refs), branches: map[string]hash{}, tags: map[string]hash{}}
	if seen.state == g.state {
		return seen, nil
	}
	if err := seen.parse(); err != nil {
		return nil, err
	}
	return seen, g.read(seen)
}

func (g *gitState) parse() error {
	for line := range strings.Lines(g.state) {
		part := strings.Split(strings.TrimSuffix(line, "\n"), "\x00")
		if len(part) != 4 {
			return fmt.Errorf("git for-each-ref: odd line %q", line)
		}
		if part[1] != "" { // an annotated tag: what it points to
			part[0] = part[1]
		}
		h, ok := parseHash(part[0])
		if !ok {
			return fmt.Errorf("git for-each-ref: %q is no SHA-1", part[0])
		}
		if name, ok := strings.CutPrefix(part[3], "refs/heads/"); ok {
			g.branches[name] = h
			if part[2] == "*" {
				g.main = name
			}
		} else {
			g.tags[strings.TrimPrefix(part[3], "refs/tags/")] = h
		}
	}
	return nil
}

// read reads the commits that the refs reach and no earlier refs reached.
func (g *gitDirectory) read(seen *gitState) error {
	var revisions bytes.Buffer
	for _, refs := range []map[string]hash{seen.branches, seen.tags} {
		for _, h := range refs {
			fmt.Fprintf(&revisions, "%s\n", h)
		}
	}
	if revisions.Len() == 0 { // git log would take HEAD instead
		return nil
	}
	for _, h := range g.known {
		fmt.Fprintf(&revisions, "^%s\n", h)
	}
	// A known commit may have been collected by git since, hence --ignore-missing; it has to
	// come before --stdin to hold for what is read there.
	out, err := g.git(&revisions, "log", "--ignore-missing", "--stdin", "-z", "--topo-order",
		"--reverse", "--no-show-signature", "--no-notes", "--no-decorate", "--no-color", "--no-patch",
		"--encoding=UTF-8", "--format=%H%n%P%n%ct%n%an <%ae>%n%B")
	if err != nil {
		return err
	}
	err = seen.readCommits(out)
	return errors.Join(err, out.Close())
}

func (g *gitState) readCommits(r io.Reader) error {
	in := bufio.NewReaderSize(r, 1<<20)
	for {
		record, err := in.ReadString(0)
		if err == io.EOF && record == "" {
			return nil
		}
		if err != nil && err != io.EOF {
			return fmt.Errorf("git log: %w", err)
		}
		c, err := parseGitCommit(strings.TrimSuffix(record, "\x00"))
		if err != nil {
			return fmt.Errorf("git log: %w", err)
		}
		g.commits = append(g.commits, c)
	}
}

func parseGitCommit(record string) (c gitCommit, err error) {
	part := strings.SplitN(record, "\n", 5)
	if len(part) != 5 {
		return c, fmt.Errorf("odd record %.80q", record)
	}
	var ok bool
	if c.hash, ok = parseHash(part[0]); !ok {
		return c, fmt.Errorf("odd hash %q", part[0])
	}
	for p := range strings.FieldsSeq(part[1]) {
		h, ok := parseHash(p)
		if !ok {
			return c, fmt.Errorf("odd parent %q", p)
		}
		c.parents = append(c.parents, h)
	}
	if c.date, err = strconv.ParseInt(part[2], 10, 64); err != nil {
		return c, fmt.Errorf("date of %s: %w", c.hash, err)
	}
	c.author, c.message = part[3], part[4]
	return c, nil
}

// A gitOutput is what a running git prints. Close waits for it and returns why it failed.
type gitOutput struct {
	io.ReadCloser
	cmd    *exec.Cmd
	stderr bytes.Buffer
	name   string
}

// git starts git in the directory itself: nothing of the environment may lead it elsewhere, and
// it does not go up to a repository the directory happens to lie in.
func (g *gitDirectory) git(stdin io.Reader, args ...string) (*gitOutput, error) {
	out := &gitOutput{cmd: exec.Command("git", args...), name: args[0]}
	out.cmd.Dir, out.cmd.Stdin, out.cmd.Stderr = g.dir, stdin, &out.stderr
	env := []string{}
	for _, v := range out.cmd.Environ() {
		if !strings.HasPrefix(strings.ToUpper(v), "GIT_") {
			env = append(env, v)
		}
	}
	out.cmd.Env = append(env, "LC_ALL=C", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0",
		"GIT_NO_REPLACE_OBJECTS=1", "GIT_NO_LAZY_FETCH=1",
		"GIT_CEILING_DIRECTORIES="+filepath.Dir(g.dir))
	var err error
	if out.ReadCloser, err = out.cmd.StdoutPipe(); err != nil {
		return nil, fmt.Errorf("git %s: %w", out.name, err)
	}
	if err := out.cmd.Start(); err != nil {
		return nil, fmt.Errorf("git %s: %w", out.name, err)
	}
	return out, nil
}

func (o *gitOutput) Close() error {
	o.ReadCloser.Close()
	if err := o.cmd.Wait(); err != nil {
		return fmt.Errorf("git %s: %w: %s", o.name, err, bytes.TrimSpace(o.stderr.Bytes()))
	}
	return nil
}
