package sandbox

import (
	"bytes"
	"compress/zlib"
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/cgi"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// The users that git sends in front of a token.
const (
	gitAccessTokenUser = "x-token-auth"
	gitAPITokenUser    = "x-bitbucket-api-token-auth"
)

// A gitServer serves fetches by git, of the same commits and branches that the API tells. Each repository
// that was asked for has a bare copy in a temporary folder, which git http-backend serves.
type gitServer struct {
	mu        sync.Mutex // held while copies are brought up to date
	root      string
	copies    map[*Repository]*gitCopy
	noFilters bool
}

// A gitCopy is a repository as git reads it. The commits that came out of a git directory are borrowed from
// there.
type gitCopy struct {
	dir        string
	written    int  // commits of the graph that are in it
	isTreeless bool // a git directory lacks its trees
}

// packCommits is a command that packs commits alone, in the place of git pack-objects, which reads the tree
// of each commit also where a filter leaves it out. The commits that the client has follow --not.
const packCommits = `f() { sed '/^--not$/,$d' | git rev-list --stdin | git pack-objects --stdout -q; }; f`

// GitURL returns the base of the addresses for git, {GitURL}/{workspace}/{slug}.git, without a slash at
// the end. FailNext and Faults hit them as well; a match for one repository is "/acme/website.git".
func (s *Server) GitURL() string { return strings.TrimSuffix(s.url, "/2.0") }

// GitFilters sets whether fetches may ask for a filter, as on Bitbucket. They may at first; else a server
// ignores the filter and sends everything.
func (s *Server) GitFilters(on bool) {
	s.git.mu.Lock()
	defer s.git.mu.Unlock()
	s.git.noFilters = !on
}

// GitRequests returns the requests of git answered so far. They are in no other list and spend no budget.
func (s *Server) GitRequests() []Request {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return slices.Clone(s.log.git)
}

// serveGit answers a request of git; false is that it is none.
func (s *Server) serveGit(w http.ResponseWriter, r *http.Request) bool {
	name, service, ok := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), ".git/")
	segments := strings.Split("git/"+name, "/")
	if !ok || len(segments) != 3 || segments[1] == "2.0" {
		return false
	}
	q := &request{Request: r, kind: GitKind, segments: segments, query: r.URL.Query()}
	a := s.answerGit(q, service)
	status := a.status
	if q.fault == Reset {
		status = 0
	}
	s.log.finish(q, status)
	s.send(w, q, a)
	return true
}

// answerGit finds what a request gets: a refusal, what its fault says, or what git http-backend says.
func (s *Server) answerGit(q *request, service string) *answer {
	fault, pause := s.faults.choose(q)
	q.fault = fault
	wait(q, pause)
	advertises := q.Method == http.MethodGet && service == "info/refs" &&
		q.query.Get("service") == "git-upload-pack"
	if !advertises && !(q.Method == http.MethodPost && service == "git-upload-pack") {
		q.problem = "no fetch: " + q.Method + " " + q.URL.Path
		return gitRefusal(http.StatusForbidden, "only fetches are served")
	}
	if a := s.insteadOf(q); a != nil {
		return a
	}
	r, refusal := s.gitRepository(q)
	if refusal != nil {
		return refusal
	}
	dir, settings, err := s.git.update(s, r)
	if err != nil {
		return gitRefusal(http.StatusInternalServerError, err.Error())
	}
	return runBackend(q.Request, dir, "/"+q.segments[1]+"/"+q.segments[2]+".git", settings)
}

func gitRefusal(status int, text string) *answer {
	a := &answer{status, http.Header{"Content-Type": {"text/plain; charset=utf-8"}}, []byte(text + "\n")}
	if status == http.StatusUnauthorized {
		a.header.Set("WWW-Authenticate", `Basic realm="Bitbucket.org HTTP"`)
	}
	return a
}

// gitRepository finds the repository that a request names. The refusal is the answer if its credential may
// not read it.
func (s *Server) gitRepository(q *request) (r *Repository, refusal *answer) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	credential, ok := s.authenticateGit(q.Request)
	q.credential = credential
	_, allowed := credential.mayRead()
	w := s.workspace(q.segments[1])
	switch {
	case !ok:
		return nil, gitRefusal(http.StatusUnauthorized, "the credential is not valid")
	case !allowed:
		return nil, gitRefusal(http.StatusForbidden, "the credential lacks a scope")
	case w == nil:
		return nil, gitRefusal(http.StatusNotFound, "Repository not found")
	}
	r, refusal = s.repository(q, w)
	if refusal != nil && credential == nil {
		refusal = gitRefusal(http.StatusUnauthorized, "a credential is required")
	}
	return r, refusal
}

// authenticateGit finds the credential of a request, which is sent as Basic with a user of git's. The
// e-mail in the place of the user is refused.
func (s *Server) authenticateGit(r *http.Request) (c *Credential, ok bool) {
	user, token, ok := r.BasicAuth()
	if !ok {
		return nil, r.Header.Get("Authorization") == ""
	}
	for _, c := range s.credentials {
		want := gitAccessTokenUser
		if c.email != "" {
			want = gitAPITokenUser
		}
		if user == want && token == c.token {
			return c, c.expires.IsZero() || s.now().Before(c.expires)
		}
	}
	return nil, false
}

// runBackend has git http-backend answer a request.
func runBackend(r *http.Request, dir, prefix string, settings map[string]string) *answer {
	git, err := exec.LookPath("git")
	if err != nil {
		return gitRefusal(http.StatusInternalServerError, err.Error())
	}
	r = r.Clone(r.Context())
	r.Header.Del("Authorization")
	body := &recorder{header: http.Header{}, status: http.StatusOK}
	backend := &cgi.Handler{
		Path: git, Args: []string{"http-backend"}, Root: prefix, Dir: dir, Stderr: io.Discard,
		Env: []string{
			"GIT_PROJECT_ROOT=" + dir, "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_NOSYSTEM=1",
			"GIT_PROTOCOL=" + r.Header.Get("Git-Protocol"), "GIT_CONFIG_COUNT=" + strconv.Itoa(len(settings)),
		},
	}
	for i, name := range slices.Sorted(maps.Keys(settings)) {
		n := strconv.Itoa(i)
		backend.Env = append(backend.Env, "GIT_CONFIG_KEY_"+n+"="+name, "GIT_CONFIG_VALUE_"+n+"="+settings[name])
	}
	backend.ServeHTTP(body, r)
	return &answer{body.status, body.header, body.Bytes()}
}

// A recorder keeps an answer, so that a fault can break it.
type recorder struct {
	bytes.Buffer
	status int
	header http.Header
}

func (r *recorder) Header() http.Header    { return r.header }
func (r *recorder) WriteHeader(status int) { r.status = status }

func (g *gitServer) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.root != "" {
		os.RemoveAll(g.root) // a leftover in the system's temporary folder harms nothing
		g.root, g.copies = "", nil
	}
}

// update brings the copy of a repository to what the API tells now. It returns the folder, and the settings
// to serve it with.
func (g *gitServer) update(s *Server, r *Repository) (dir string, settings map[string]string, err error) {
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
		s.mu.RLock()
		err := c.init(r)
		s.mu.RUnlock()
		if err != nil {
			return "", nil, err
		}
		g.copies[r] = c
	}
	s.mu.RLock()
	files, graph := r.gitFiles(), *r.graph // commits are only appended
	s.mu.RUnlock()
	if err := c.addCommits(&graph); err != nil {
		return "", nil, err
	}
	settings = map[string]string{"uploadpack.allowFilter": strconv.FormatBool(!g.noFilters)}
	if c.isTreeless {
		settings["uploadpack.packObjectsHook"] = packCommits
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
		for h := range r.git.known {
			_, err := r.git.run("", "cat-file", "-e", h.String()+"^{tree}")
			c.isTreeless = c.isTreeless || err != nil
		}
	}
	for _, name := range []string{"refs", "objects/info"} {
		if err := os.MkdirAll(filepath.Join(c.dir, name), 0o700); err != nil {
			return err
		}
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

// addCommits adds the commits that were made here since the last time, in a pack. Its header and the size
// of each object are as gitformat-pack(5) tells; 1 is the type of a commit.
func (c *gitCopy) addCommits(g *graph) error {
	var pack bytes.Buffer
	n, z := uint32(0), zlib.NewWriter(io.Discard)
	for i := c.written; i < len(g.commits); i++ {
		if g.commits[i].seed == 0 {
			continue
		}
		n++
		object := g.object(&g.commits[i])
		size := len(object)
		pack.Write(binary.AppendUvarint([]byte{0x90 | byte(size&15)}, uint64(size>>4)))
		z.Reset(&pack)
		z.Write(object)
		z.Close()
	}
	if n > 0 {
		header := binary.BigEndian.AppendUint32([]byte("PACK\x00\x00\x00\x02"), n)
		whole := string(header) + pack.String()
		sum := sha1.Sum([]byte(whole))
		if _, err := (&gitDirectory{dir: c.dir}).run(whole+string(sum[:]), "index-pack", "--stdin"); err != nil {
			return err
		}
	}
	c.written = len(g.commits)
	return nil
}
