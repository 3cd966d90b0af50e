package sandbox

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// A gitCommit is a commit as git log writes it.
type gitCommit struct {
	hash    hash
	parents []hash
	date    int64
	author  string
	message string
}

// look reads the branches and, where they changed, the commits that are new.
func (g *gitDirectory) look() (*gitState, error) {
	refs, err := g.text("for-each-ref", "--format=%(objectname) %(HEAD) %(refname)", "refs/heads")
	state := &gitState{refs: refs, branches: map[string]hash{}}
	if err != nil || refs == g.refs {
		return state, err
	}
	for line := range strings.Lines(refs) {
		// The second field is * for the branch of HEAD and blank for the others.
		object, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		name := strings.TrimPrefix(rest[2:], "refs/heads/")
		h, ok := parseHash(object)
		if !ok {
			return nil, fmt.Errorf("branch %s: %s is not a SHA-1", name, object)
		}
		state.branches[name] = h
		if rest[0] == '*' {
			state.main = name
		}
	}
	return state, g.readCommits(state)
}

// readCommits reads the commits that the branches reach and that no earlier heads reached. A known commit
// may have been collected by git since, hence --ignore-missing, which holds for what follows it.
func (g *gitDirectory) readCommits(state *gitState) error {
	var revisions bytes.Buffer
	for _, h := range state.branches {
		fmt.Fprintf(&revisions, "%s\n", h)
	}
	if revisions.Len() == 0 { // git log would take HEAD instead
		return nil
	}
	for h := range g.known {
		fmt.Fprintf(&revisions, "^%s\n", h)
	}
	read := func(r io.Reader) error {
		in := bufio.NewReaderSize(r, 1<<20)
		for {
			record, err := in.ReadString(0)
			switch {
			case err == io.EOF && record == "":
				return nil
			case err != nil && err != io.EOF:
				return err
			}
			c, err := parseGitCommit(strings.TrimSuffix(record, "\x00"))
			if err != nil {
				return err
			}
			state.commits = append(state.commits, c)
		}
	}
	return g.run(&revisions, read, "log", "--ignore-missing", "--stdin", "-z", "--topo-order", "--reverse",
		"--no-show-signature", "--no-notes", "--no-decorate", "--no-color", "--no-patch",
		"--encoding=UTF-8", "--format=%H%n%P%n%ct%n%an <%ae>%n%B")
}

// parseGitCommit reads a record of git log. A date that git cannot read counts as 1970, as git log shows
// it. A date after the year 9999 is refused: Bitbucket's format of dates has no room for it.
func parseGitCommit(record string) (c gitCommit, err error) {
	part := strings.SplitN(record, "\n", 5)
	if len(part) != 5 {
		return c, fmt.Errorf("unknown record %.80q", record)
	}
	var ok bool
	if c.hash, ok = parseHash(part[0]); !ok {
		return c, fmt.Errorf("%q is not a hash", part[0])
	}
	for text := range strings.FieldsSeq(part[1]) {
		p, ok := parseHash(text)
		if !ok {
			return c, fmt.Errorf("%q is not the hash of a parent", text)
		}
		c.parents = append(c.parents, p)
	}
	if c.date, err = strconv.ParseInt(part[2], 10, 64); err != nil {
		c.date = 0
	}
	if year := time.Unix(c.date, 0).UTC().Year(); year > 9999 {
		return c, fmt.Errorf("commit %s has a date in the year %d, which cannot be served", c.hash, year)
	}
	c.author, c.message = part[3], part[4]
	return c, nil
}

// text runs git and returns what it prints.
func (g *gitDirectory) text(args ...string) (string, error) {
	var b strings.Builder
	err := g.run(nil, func(r io.Reader) error {
		_, err := io.Copy(&b, r)
		return err
	}, args...)
	return b.String(), err
}

// run runs git in the directory itself and has its output read: nothing of the environment may lead git
// elsewhere, and it does not look for a repository in the folders above.
func (g *gitDirectory) run(stdin io.Reader, read func(io.Reader) error, args ...string) error {
	cmd := exec.Command("git", args...)
	var stderr bytes.Buffer
	cmd.Dir, cmd.Stdin, cmd.Stderr = g.dir, stdin, &stderr
	for _, v := range cmd.Environ() {
		if !strings.HasPrefix(strings.ToUpper(v), "GIT_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, "LC_ALL=C", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0",
		"GIT_NO_REPLACE_OBJECTS=1", "GIT_NO_LAZY_FETCH=1", "GIT_CEILING_DIRECTORIES="+filepath.Dir(g.dir))
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return fmt.Errorf("git %s: %w", args[0], err)
	}
	readErr := read(out)
	out.Close()
	if err := cmd.Wait(); err != nil && readErr == nil {
		return fmt.Errorf("git %s: %w: %s", args[0], err, bytes.TrimSpace(stderr.Bytes()))
	}
	return readErr
}
