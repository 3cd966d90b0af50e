package githistory

import (
	"bufio"
	"context"
	"crypto/sha1"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
)

const (
	batchLength = 1000
	maxObject   = 64 << 20 // bytes of a commit, which is held in memory
)

// errStopped ends the reading where the caller wants no more.
var errStopped = errors.New("stopped")

// Commits yields what include reaches and exclude does not, in batches of 1,000 at most, no parent before
// its children and else the newest first. Hashes that the git directory lacks are as if they were not
// given, and a history that ends early is read to its end: what a caller misses, it has to get elsewhere.
// An error comes last, after what was read before it.
func (g *Git) Commits(ctx context.Context, dir string, include, exclude []Hash) iter.Seq2[[]Commit, error] {
	return func(yield func([]Commit, error) bool) {
		if len(include) == 0 {
			return
		}
		running, kill := context.WithCancel(ctx)
		defer kill()
		r, err := g.read(running, dir, revisions(include, exclude))
		if err == nil {
			if err = r.batches(yield); err != nil {
				kill()
			}
			if failed := r.wait(); err == nil {
				err = failed
			}
		}
		switch {
		case err == nil || errors.Is(err, errStopped):
			return
		case ctx.Err() != nil:
			err = context.Cause(ctx)
		}
		yield(nil, fmt.Errorf("read the commits of %s: %w", dir, err))
	}
}

// Has returns those of the hashes that are commits in the git directory, in the same order.
func (g *Git) Has(ctx context.Context, dir string, hashes []Hash) (have []Hash, err error) {
	if len(hashes) == 0 {
		return nil, nil
	}
	list := g.revList(ctx, dir, revisions(hashes, nil), "--no-walk=unsorted")
	out, err := output(ctx, list)
	if err != nil {
		return nil, fmt.Errorf("look for commits in %s: %w", dir, err)
	}
	found := map[string]bool{}
	for line := range strings.Lines(out) {
		found[strings.TrimSpace(line)] = true
	}
	return slices.DeleteFunc(slices.Clone(hashes), func(h Hash) bool { return !found[h.String()] }), nil
}

// revisions writes a range as git rev-list reads it.
func revisions(include, exclude []Hash) string {
	var b strings.Builder
	for _, h := range include {
		b.WriteString(h.String() + "\n")
	}
	for _, h := range exclude {
		b.WriteString("^" + h.String() + "\n")
	}
	return b.String()
}

// revList makes a git rev-list that passes over what is missing. The option --missing also keeps any git
// from fetching what a partial clone lacks.
func (g *Git) revList(ctx context.Context, dir, revisions string, args ...string) *exec.Cmd {
	args = append([]string{"rev-list", "--missing=allow-any", "--ignore-missing"}, args...)
	cmd := g.command(ctx, dir, nil, append(args, "--stdin")...)
	cmd.Stdin = strings.NewReader(revisions)
	return cmd
}

// A reader is a git rev-list whose hashes a git cat-file turns into objects.
type reader struct {
	list, cat *exec.Cmd
	out       *bufio.Reader // of cat
}

func (g *Git) read(ctx context.Context, dir, revisions string) (*reader, error) {
	r := &reader{
		list: g.revList(ctx, dir, revisions, "--date-order"),
		cat:  g.command(ctx, dir, nil, "cat-file", "--batch", "--buffer"),
	}
	from, to, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer from.Close()
	defer to.Close()
	r.list.Stdout, r.cat.Stdin = to, from
	out, err := r.cat.StdoutPipe()
	if err != nil {
		return nil, err
	}
	r.out = bufio.NewReaderSize(out, 1<<18)
	if err := r.cat.Start(); err != nil {
		return nil, err
	}
	if err := r.list.Start(); err != nil {
		to.Close() // which ends cat
		return nil, errors.Join(err, r.cat.Wait())
	}
	return r, nil
}

// wait returns why one of the two commands failed; nil is that both ended well.
func (r *reader) wait() error {
	cat, list := r.cat.Wait(), r.list.Wait()
	if cat != nil {
		return commandError(r.cat, cat)
	}
	return commandError(r.list, list)
}

// batches yields the commits until git ends.
func (r *reader) batches(yield func([]Commit, error) bool) error {
	var batch []Commit
	for {
		c, err := r.next()
		if err == nil {
			batch = append(batch, c)
		}
		if len(batch) == batchLength || err != nil && len(batch) > 0 {
			if !yield(batch, nil) {
				return errStopped
			}
			batch = nil
		}
		switch {
		case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
			return nil // wait tells whether all is well
		case err != nil:
			return err
		}
	}
}

// next reads the next commit. An object is a line with its hash, type and size, the object itself, and
// an end of line. One that is missing was known from a commit-graph.
func (r *reader) next() (Commit, error) {
	line, err := r.out.ReadString('\n')
	for err == nil && strings.HasSuffix(line, " missing\n") {
		line, err = r.out.ReadString('\n')
	}
	if err != nil {
		return Commit{}, err
	}
	name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	hash, ok := parseHash(name)
	size, err := strconv.Atoi(strings.TrimPrefix(rest, "commit "))
	if !ok || err != nil || size > maxObject {
		return Commit{}, fmt.Errorf("git cat-file printed %.80q", line)
	}
	object := make([]byte, size+1)
	if _, err := io.ReadFull(r.out, object); err != nil {
		return Commit{}, err
	}
	object = object[:size]
	if sha1.Sum(fmt.Appendf(nil, "%s\x00%s", rest, object)) != hash {
		return Commit{}, fmt.Errorf("commit %s is damaged: its content has another hash", hash)
	}
	return decode(hash, object), nil
}
