package githistory

import (
	"bytes"
	"context"
	"crypto/sha1"
	"fmt"
	"iter"
	"slices"
	"strconv"
)

const (
	// batchLength is in commits. A process of git reads a batch: it takes some milliseconds to start, and
	// what it prints is held in memory.
	batchLength = 1000
	hashLine    = 41 // bytes of a hash and an end of line
)

// Commits yields what include reaches and exclude does not, in batches of 1,000 at most, no parent before
// its children and else the newest first. Hashes that the git directory lacks are as if they were not
// given, and a history that ends early is read to its end: what a caller misses, it has to get elsewhere.
// An error comes last, after what was read before it.
func (g *Git) Commits(ctx context.Context, dir string, include, exclude []Hash) iter.Seq2[[]Commit, error] {
	return func(yield func([]Commit, error) bool) {
		hashes, err := g.revList(ctx, dir, include, exclude)
		for part := range slices.Chunk(hashes, batchLength*hashLine) {
			batch, readErr := g.readCommits(ctx, dir, part)
			if len(batch) > 0 && !yield(batch, nil) {
				return
			}
			if readErr != nil {
				err = readErr
				break
			}
		}
		if err != nil {
			yield(nil, fmt.Errorf("read the commits of %s: %w", dir, err))
		}
	}
}

// revList runs git rev-list and returns its hashes, a line each. They are held in memory, because git sorts
// by date only when it has read all commits. What is missing is passed over; the option --missing also
// keeps any git from fetching what a partial clone lacks.
func (g *Git) revList(ctx context.Context, dir string, include, exclude []Hash) (hashes []byte, err error) {
	var revisions bytes.Buffer
	for _, h := range include {
		fmt.Fprintln(&revisions, h)
	}
	for _, h := range exclude {
		fmt.Fprintf(&revisions, "^%s\n", h)
	}
	cmd := g.command(ctx, dir, "rev-list", "--missing=allow-any", "--ignore-missing", "--date-order", "--stdin")
	cmd.Stdin = &revisions
	return output(ctx, cmd)
}

// readCommits reads the commits of a list of hashes with git cat-file, which prints objects byte for byte. An
// error comes with those before it.
func (g *Git) readCommits(ctx context.Context, dir string, hashes []byte) ([]Commit, error) {
	cmd := g.command(ctx, dir, "cat-file", "--batch", "--buffer")
	cmd.Stdin = bytes.NewReader(hashes)
	out, err := output(ctx, cmd)
	batch, parseErr := parseBatch(out)
	if err == nil { // else git has ended early, and tells why
		err = parseErr
	}
	return batch, err
}

// parseBatch reads what git cat-file prints of each object: a line with its hash, type and size, the object
// itself, and an end of line. An object that is missing has a line alone; its hash is in a commit-graph.
func parseBatch(out []byte) (batch []Commit, err error) {
	for len(out) > 0 {
		line, rest, _ := bytes.Cut(out, []byte("\n"))
		name, header, _ := bytes.Cut(line, []byte(" "))
		if string(header) == "missing" {
			out = rest
			continue
		}
		hash, ok := parseHash(string(name))
		size, err := strconv.Atoi(string(bytes.TrimPrefix(header, []byte("commit "))))
		if !ok || err != nil || size < 0 || size >= len(rest) {
			return batch, fmt.Errorf("git cat-file printed %.80q", line)
		}
		object := rest[:size]
		if sha1.Sum(fmt.Appendf(nil, "%s\x00%s", header, object)) != hash {
			return batch, fmt.Errorf("commit %s is damaged: its content has another hash", hash)
		}
		batch = append(batch, decode(hash, object))
		out = rest[size+1:]
	}
	return batch, nil
}
