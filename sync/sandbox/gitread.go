package sandbox

import (
	"cmp"
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// readGit reads the branches and, where they changed, their commits.
func (r *Repository) readGit() error {
	// The second field is * for the branch of HEAD and blank for the others.
	refs, err := r.git.run("", "for-each-ref", "--format=%(objectname) %(HEAD) %(refname)", "refs/heads")
	if err != nil || refs == r.git.refs {
		return err
	}
	main, heads := "", map[string]hash{}
	for line := range strings.Lines(refs) {
		object, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		name := strings.TrimPrefix(rest[2:], "refs/heads/")
		h, ok := parseHash(object)
		if !ok {
			return fmt.Errorf("branch %s: %s is not a SHA-1", name, object)
		}
		if rest[0] == '*' {
			main = name
		}
		heads[name] = h
	}
	if err := r.adopt(heads); err != nil {
		return err
	}
	r.git.refs, r.main = refs, cmp.Or(main, likelyMain(heads))
	r.touch()
	return nil
}

// likelyMain chooses the default branch where HEAD names none that exists, as Bitbucket has to when the
// first branch is pushed.
func likelyMain(heads map[string]hash) string {
	for _, name := range append([]string{"main", "master"}, slices.Sorted(maps.Keys(heads))...) {
		if _, ok := heads[name]; ok {
			return name
		}
	}
	return "main"
}

// adopt reads the commits that the heads reach and moves the branches to the heads. It reads all of them
// each time: the graph ignores a commit that it has.
func (r *Repository) adopt(heads map[string]hash) error {
	var revisions strings.Builder
	for _, h := range heads {
		fmt.Fprintf(&revisions, "%s\n", h)
	}
	if len(heads) > 0 { // without one, git log would take HEAD
		log, err := r.git.run(revisions.String(), "log", "--stdin", "-z",
			"--topo-order", "--reverse", "--no-show-signature", "--no-notes", "--no-decorate", "--no-color",
			"--no-patch", "--encoding=UTF-8", "--format=%H%n%P%n%ct%n%an <%ae>%n%B")
		if err != nil {
			return err
		}
		for record := range strings.SplitSeq(log, "\x00") {
			if record == "" { // behind the last one
				continue
			}
			if err := r.addRecord(record); err != nil {
				return err
			}
		}
	}
	clear(r.branches)
	for name, h := range heads {
		r.branches[name] = r.graph.byHash[h]
	}
	return nil
}

// addRecord adds a commit as git log writes it. A date that git cannot read counts as 1970, as git log
// shows it. A date after the year 9999 is refused: Bitbucket's format of dates has no room for it.
func (r *Repository) addRecord(record string) error {
	part := strings.SplitN(record, "\n", 5) // as the format of git log has them
	h, _ := parseHash(part[0])              // the heads were checked, and a repository has one kind of hash
	parents := []int32{}
	for text := range strings.FieldsSeq(part[1]) {
		p, _ := parseHash(text)
		n, ok := r.graph.byHash[p]
		if !ok {
			return fmt.Errorf("commit %s: its parent %s is missing", part[0], text)
		}
		parents = append(parents, n)
	}
	date, err := strconv.ParseInt(part[2], 10, 64)
	if err != nil {
		date = 0
	}
	if year := time.Unix(date, 0).UTC().Year(); year > 9999 {
		return fmt.Errorf("commit %s has a date in the year %d, which cannot be served", part[0], year)
	}
	r.graph.add(commit{hash: h, date: date, author: part[3], parents: parents, message: part[4]})
	return nil
}

// run runs git in the directory itself and returns what it prints. Nothing of the environment may lead
// git elsewhere, and it does not look for a repository in the folders above. The graph keeps most of what
// git log prints, so that nothing is gained by reading it piece by piece.
func (g *gitDirectory) run(stdin string, args ...string) (string, error) {
	cmd := exec.Command("git", args...)
	var stdout, stderr strings.Builder
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = g.dir, strings.NewReader(stdin), &stdout, &stderr
	isGits := func(v string) bool { return strings.HasPrefix(strings.ToUpper(v), "GIT_") }
	cmd.Env = append(slices.DeleteFunc(cmd.Environ(), isGits), "LC_ALL=C", "GIT_OPTIONAL_LOCKS=0",
		"GIT_TERMINAL_PROMPT=0", "GIT_NO_REPLACE_OBJECTS=1", "GIT_NO_LAZY_FETCH=1",
		"GIT_CEILING_DIRECTORIES="+filepath.Dir(g.dir))
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("git %s: %w: %s", args[0], err, strings.TrimSpace(stderr.String()))
	}
	return stdout.String(), nil
}
