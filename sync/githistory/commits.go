package githistory

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/sha1"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
)

const (
	batchLength = 1000
	maxObject   = 64 << 20 // bytes of a commit, which is held in memory
)

// Commits yields what include reaches and exclude does not, in batches of 1,000 at most, no parent before
// its children and else the newest first. Hashes that the git directory lacks are as if they were not
// given, and a history that ends early is read to its end: what a caller misses, it has to get elsewhere.
// An error comes last, after what was read before it.
func (g *Git) Commits(ctx context.Context, dir string, include, exclude []Hash) iter.Seq2[[]Commit, error] {
	return func(yield func([]Commit, error) bool) {
		if len(include) == 0 {
			return
		}
		var batch []Commit
		goesOn := true
		hashes, listError := g.revList(ctx, dir, include, exclude, "--date-order")
		err := g.readCommits(ctx, dir, hashes, func(c Commit) bool {
			if batch = append(batch, c); len(batch) == batchLength {
				goesOn = yield(batch, nil)
				batch = nil
			}
			return goesOn
		})
		if len(batch) > 0 {
			goesOn = yield(batch, nil)
		}
		if err = cmp.Or(listError, err); err != nil && goesOn {
			yield(nil, fmt.Errorf("read the commits of %s: %w", dir, err))
		}
	}
}

// Has returns those of the hashes that are commits in the git directory, in the same order.
func (g *Git) Has(ctx context.Context, dir string, hashes []Hash) (have []Hash, err error) {
	if len(hashes) == 0 {
		return nil, nil
	}
	out, err := g.revList(ctx, dir, hashes, nil, "--no-walk=unsorted")
	if err != nil {
		return nil, fmt.Errorf("look for commits in %s: %w", dir, err)
	}
	for word := range strings.FieldsSeq(out) {
		if h, ok := parseHash(word); ok {
			have = append(have, h)
		}
	}
	return have, nil
}

// revList runs git rev-list and returns its hashes, a line each. They are held in memory, 41 bytes a
// commit, because git sorts by date only when it has read all commits. What is missing is passed over; the
// option --missing also keeps any git from fetching what a partial clone lacks.
func (g *Git) revList(ctx context.Context, dir string, include, exclude []Hash, order string,
) (hashes string, err error) {
	var revisions bytes.Buffer
	for _, h := range include {
		fmt.Fprintln(&revisions, h)
	}
	for _, h := range exclude {
		fmt.Fprintf(&revisions, "^%s\n", h)
	}
	cmd := g.command(ctx, dir, nil, "rev-list", "--missing=allow-any", "--ignore-missing", order, "--stdin")
	cmd.Stdin = &revisions
	return output(ctx, cmd)
}

// readCommits reads the commits of a list of hashes with git cat-file, and calls f with each until f
// returns false.
func (g *Git) readCommits(ctx context.Context, dir, hashes string, f func(Commit) bool) error {
	running, stop := context.WithCancel(ctx)
	defer stop()
	cmd := g.command(running, dir, nil, "cat-file", "--batch", "--buffer")
	cmd.Stdin = strings.NewReader(hashes)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return commandError(ctx, cmd, err)
	}
	r := bufio.NewReaderSize(out, 1<<18)
	c, err := readCommit(r)
	for err == nil && f(c) {
		c, err = readCommit(r)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) { // git has ended, and tells why
		return commandError(ctx, cmd, cmd.Wait())
	}
	stop()
	cmd.Wait() // its error is that it was stopped
	return err
}

// readCommit reads the next commit. An object is a line with its hash, type and size, the object itself,
// and an end of line. One that is missing was known from a commit-graph.
func readCommit(r *bufio.Reader) (Commit, error) {
	line, err := r.ReadString('\n')
	for err == nil && strings.HasSuffix(line, " missing\n") {
		line, err = r.ReadString('\n')
	}
	if err != nil {
		return Commit{}, err
	}
	name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	hash, ok := parseHash(name)
	size, err := strconv.Atoi(strings.TrimPrefix(rest, "commit "))
	if !ok || err != nil || size < 0 || size > maxObject {
		return Commit{}, fmt.Errorf("git cat-file printed %.80q", line)
	}
	object := make([]byte, size+1)
	if _, err := io.ReadFull(r, object); err != nil {
		return Commit{}, err
	}
	object = object[:size]
	if sha1.Sum(fmt.Appendf(nil, "%s\x00%s", rest, object)) != hash {
		return Commit{}, fmt.Errorf("commit %s is damaged: its content has another hash", hash)
	}
	return decode(hash, object), nil
}
