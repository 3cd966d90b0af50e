package sandbox

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A gitCopy is a repository as git reads it. The commits that came out of a git directory are borrowed from
// there. The directory itself is not served, because it lacks the commits that were made here, and because
// nothing may be written to it.
type gitCopy struct {
	dir        string
	written    int  // commits of the graph that are in it
	isTreeless bool // a git directory lacks its trees
}

// packCommits is a command that packs commits alone, in the place of git pack-objects, which reads the tree
// of each commit also where a filter leaves it out. The commits that the client has follow --not.
const packCommits = `f() { sed '/^--not$/,$d' | git rev-list --stdin | git pack-objects --stdout -q; }; f`

// update brings the copy of a repository to what the API tells now. It returns the folder, and the options
// of git to serve it with.
func (g *gitServer) update(s *Server, r *Repository) (dir string, settings []string, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.root == "" {
		if g.root, err = os.MkdirTemp("", "bitbucket-sandbox-"); err != nil {
			return "", nil, err
		}
		g.copies = map[*Repository]*gitCopy{}
	}
	c := g.copies[r]
	if c == nil {
		c = &gitCopy{dir: filepath.Join(g.root, strconv.Itoa(len(g.copies))+".git")}
		if err := read(s, func() error { return c.init(r) }); err != nil {
			return "", nil, err
		}
		g.copies[r] = c
	}
	s.mu.Lock()
	files, graph, noFilters := r.gitFiles(), *r.graph, s.noFilters // commits are only appended
	s.mu.Unlock()
	if err := c.addCommits(&graph); err != nil {
		return "", nil, err
	}
	settings = []string{"-c", "uploadpack.allowFilter=" + strconv.FormatBool(!noFilters)}
	if c.isTreeless {
		settings = append(settings, "-c", "uploadpack.packObjectsHook="+packCommits)
	}
	return c.dir, settings, c.write(files)
}

// init makes an empty bare repository that borrows from the git directories of the repository and of those
// it was forked from.
func (c *gitCopy) init(r *Repository) error {
	var lenders strings.Builder
	for ; r != nil; r = r.parent {
		if r.git == nil {
			continue
		}
		objects, err := r.git.run("", "rev-parse", "--git-path", "objects")
		if err != nil {
			return err
		}
		if !filepath.IsAbs(objects) {
			objects = filepath.Join(r.git.dir, objects)
		}
		lenders.WriteString(filepath.ToSlash(objects)) // which ends in an end of line
		if len(r.graph.commits) > 0 {                  // the first is a root, which is not made here
			_, err := r.git.run("", "cat-file", "-e", r.hashAt(0)+"^{tree}")
			c.isTreeless = c.isTreeless || err != nil
		}
	}
	if err := os.MkdirAll(filepath.Join(c.dir, "refs"), 0o700); err != nil {
		return err
	}
	return c.write(map[string]string{
		"HEAD": "ref: refs/heads/main\n", "objects/info/alternates": lenders.String(),
		"config": "[core]\n\trepositoryformatversion = 0\n\tbare = true\n",
	})
}

// gitFiles writes the branches, and where the history is cut, as git keeps them.
func (r *Repository) gitFiles() map[string]string {
	var refs, shallow strings.Builder
	refs.WriteString("# pack-refs with: peeled fully-peeled sorted \n")
	for _, name := range slices.Sorted(maps.Keys(r.branches)) {
		fmt.Fprintf(&refs, "%s refs/heads/%s\n", r.hashAt(r.branches[name]), name)
	}
	for n := range r.graph.shallow {
		shallow.WriteString(r.hashAt(n) + "\n")
	}
	return map[string]string{
		"HEAD": "ref: refs/heads/" + r.main + "\n", "packed-refs": refs.String(), "shallow": shallow.String(),
	}
}

// write writes files, each in one step, because git may read them at the same time.
func (c *gitCopy) write(files map[string]string) error {
	for name, text := range files {
		file := filepath.Join(c.dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(file+".new", []byte(text), 0o600); err != nil {
			return err
		}
		if err := os.Rename(file+".new", file); err != nil {
			return err
		}
	}
	return nil
}

// object writes a commit that was made here as git does, with an empty tree. The seed is a header that git
// passes over.
func (g *graph) object(c *commit) []byte {
	b := []byte("tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n")
	for _, p := range c.parents {
		b = fmt.Appendf(b, "parent %s\n", g.commits[p].hash)
	}
	who := fmt.Sprintf("%s %d +0000", strings.ReplaceAll(c.author, "\n", " "), c.date)
	return fmt.Appendf(b, "author %s\ncommitter %s\nsandbox %016x\n\n%s", who, who, c.seed, c.message)
}

// addCommits adds the commits that were made here since the last time, each in a file of its own, as git
// does: its name is the hash, and it is compressed.
func (c *gitCopy) addCommits(g *graph) error {
	var file bytes.Buffer
	z := zlib.NewWriter(&file)
	for ; c.written < len(g.commits); c.written++ {
		made := &g.commits[c.written]
		if made.seed == 0 {
			continue
		}
		file.Reset()
		z.Reset(&file)
		object := g.object(made)
		fmt.Fprintf(z, "commit %d\x00%s", len(object), object)
		z.Close() // a buffer takes everything
		name := made.hash.String()
		if err := c.write(map[string]string{"objects/" + name[:2] + "/" + name[2:]: file.String()}); err != nil {
			return err
		}
	}
	return nil
}
