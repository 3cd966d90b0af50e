package sandbox

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// serveCommits answers …/commits and …/commits/{revision}, by GET or POST.
func (s *Server) serveCommits(q *request, r *Repository) answer {
	refusal, ok := q.takes(
		"pagelen", "page", "ctx", "fields", "include", "exclude", "path", "q", "sort")
	if !ok {
		return refusal
	}
	p := paging{}
	if p.length, ok = q.pagelen(30); !ok {
		return invalidPagelen()
	}
	if p.number, ok = q.page(); !ok {
		return invalidPage()
	}
	rng, refusal, ok := s.rangeOf(q, r)
	if !ok {
		return refusal
	}
	list := r.ranges.list(r.graph, rng)
	p.size = len(list)
	if p.number > 1 && (p.number-1)*p.length >= p.size {
		return invalidPage()
	}
	return s.writeCommits(q, r, rng, p, list)
}

// rangeOf resolves what a request asks for. A page after the first names its range by ctx, so
// that pushes do not shift it; only the form with a revision is looked up anew on every page.
func (s *Server) rangeOf(q *request, r *Repository) (rng *commitRange, refusal answer, ok bool) {
	revision := q.rest(4)
	ctx := q.query.Get("ctx")
	if ctx != "" {
		rng = r.ranges.named(ctx)
		if rng == nil || q.query.Get("page") == "" {
			return nil, invalidPage(), false
		}
		for _, n := range slices.Concat(rng.include, rng.exclude) {
			if r.graph.gone[n] || r.hidden[n] {
				return nil, commitNotFound(r.graph.hashes[n].String()), false
			}
		}
		return rng, answer{}, true
	}
	if q.query.Get("page") != "" && revision == "" {
		return nil, invalidPage(), false
	}
	names := slices.Clone(q.query["include"])
	if revision != "" {
		names = append(names, revision)
	}
	include, badIn := r.revisions(names)
	if strings.Contains(revision, "/") { // nobody is known to get such a branch by its path
		badIn = append(badIn, revision)
	}
	exclude, badOut := r.revisions(q.query["exclude"])
	if bad := append(badIn, badOut...); len(bad) > 0 {
		if !s.nameAll {
			bad = bad[:1]
		}
		return nil, commitNotFound(bad...), false
	}
	if len(names) == 0 {
		include = r.tips()
	}
	return r.ranges.define(include, exclude), answer{}, true
}

// revisions resolves branches, tags and hashes; bad are the ones that do not resolve.
func (r *Repository) revisions(names []string) (numbers []int32, bad []string) {
	for _, name := range names {
		n, ok := r.revision(name)
		if !ok || r.hidden[n] {
			bad = append(bad, name)
			continue
		}
		numbers = append(numbers, n)
	}
	return numbers, bad
}

func (r *Repository) revision(name string) (int32, bool) {
	if n, ok := r.branches[name]; ok {
		return n, true
	}
	if n, ok := r.tags[name]; ok {
		return n, true
	}
	return r.graph.find(name)
}

// writeCommits writes a page: no size and no page number, next only where there is more.
func (s *Server) writeCommits(
	q *request, r *Repository, rng *commitRange, p paging, list []int32,
) answer {
	f := parseFields(q.query.Get("fields"))
	from, to := p.bounds(q.fault)
	w := jsonWriter{make([]byte, 0, 256*(to-from)+256)}
	w.open("", '{')
	if inside, ok := f.step("values"); ok {
		w.open("values", '[')
		for _, n := range list[from:to] {
			s.writeCommit(&w, inside, "", r, n)
		}
		w.close(']')
	}
	w.number(f, "pagelen", p.length)
	if to < p.size {
		ctx := rng.name
		if q.rest(4) != "" && q.Method != http.MethodPost && q.query.Get("ctx") == "" {
			ctx = ""
		}
		w.text(f, "next", s.next(q, p, ctx))
	}
	w.close('}')
	return jsonAnswer(http.StatusOK, w.b)
}

func (s *Server) serveCommit(q *request, r *Repository) answer {
	if refusal, ok := q.takes("fields"); !ok {
		return refusal
	}
	n, ok := r.revision(q.at(4))
	if !ok {
		return commitNotFound(q.at(4))
	}
	var w jsonWriter
	s.writeCommit(&w, parseFields(q.query.Get("fields")), "", r, n)
	return jsonAnswer(http.StatusOK, w.b)
}

// writeCommit writes a commit as the member name. By default the message is in it four times
// over; the committer only where fields name it.
func (s *Server) writeCommit(w *jsonWriter, f fields, name string, r *Repository, n int32) {
	g := r.graph
	hash := g.hashes[n].String()
	message := g.messages[n]
	w.open(name, '{')
	w.text(f, "type", "commit")
	w.text(f, "hash", hash)
	w.text(f, "date", time.Unix(g.dates[n], 0).UTC().Format("2006-01-02T15:04:05+00:00"))
	s.writeAuthor(w, f, g.people[g.authors[n]])
	w.text(f, "message", message)
	writeMarkup(w, f, "summary", message)
	s.writeCommitLinks(w, f, r, hash)
	s.writeParents(w, f, r, n)
	if inside, ok := f.step("rendered"); ok {
		w.open("rendered", '{')
		writeMarkup(w, inside, "message", message)
		w.close('}')
	}
	if inside, ok := f.step("repository"); ok {
		s.writeCommitRepository(w, inside, r)
	}
	if inside, ok := f.named("committer"); ok {
		w.open("committer", '{')
		w.text(inside, "raw", g.people[g.authors[n]].raw)
		w.close('}')
	}
	w.close('}')
}

func writeMarkup(w *jsonWriter, f fields, name, message string) {
	f, ok := f.step(name)
	if !ok {
		return
	}
	w.open(name, '{')
	w.text(f, "type", "rendered")
	w.text(f, "raw", message)
	w.text(f, "markup", "markdown")
	w.text(f, "html", "<p>"+htmlText.Replace(strings.TrimSpace(message))+"</p>")
	w.close('}')
}

var htmlText = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\n", "<br />\n")

// writeAuthor writes the free text, and the account if there is one. An author that is a name
// and no more has not even a type.
func (s *Server) writeAuthor(w *jsonWriter, f fields, p person) {
	f, ok := f.step("author")
	if !ok {
		return
	}
	email := emailOf(p.raw)
	w.open("author", '{')
	if email != "" {
		w.text(f, "type", "author")
	}
	w.text(f, "raw", p.raw)
	if inside, ok := f.step("user"); ok {
		account := p.account
		if account == nil {
			account = s.accounts[strings.ToLower(email)]
		}
		if account != nil {
			s.writeUser(w, inside, "user", account)
		}
	}
	w.close('}')
}

// emailOf returns the address in "Name <address>", or "".
func emailOf(raw string) string {
	open := strings.LastIndexByte(raw, '<')
	if open < 0 || !strings.HasSuffix(raw, ">") {
		return ""
	}
	return raw[open+1 : len(raw)-1]
}

func (s *Server) writeCommitLinks(w *jsonWriter, f fields, r *Repository, hash string) {
	if _, ok := f.step("links"); !ok {
		return
	}
	self := s.URL() + "/repositories/" + r.fullName()
	w.links(f, "self", self+"/commit/"+hash,
		"html", "https://bitbucket.org/"+r.fullName()+"/commits/"+hash,
		"diff", self+"/diff/"+hash, "approve", self+"/commit/"+hash+"/approve",
		"comments", self+"/commit/"+hash+"/comments", "statuses", self+"/commit/"+hash+"/statuses",
		"patch", self+"/patch/"+hash)
}

func (s *Server) writeParents(w *jsonWriter, f fields, r *Repository, n int32) {
	f, ok := f.step("parents")
	if !ok {
		return
	}
	self := s.URL() + "/repositories/" + r.fullName() + "/commit/"
	w.open("parents", '[')
	r.graph.eachParent(n, func(p int32) {
		hash := r.graph.hashes[p].String()
		w.open("", '{')
		w.text(f, "type", "commit")
		w.text(f, "hash", hash)
		if _, ok := f.step("links"); ok {
			w.links(f, "self", self+hash, "html", "https://bitbucket.org/"+r.fullName()+"/commits/"+hash)
		}
		w.close('}')
	})
	w.close(']')
}

func (s *Server) writeCommitRepository(w *jsonWriter, f fields, r *Repository) {
	w.open("repository", '{')
	w.text(f, "type", "repository")
	w.text(f, "full_name", r.fullName())
	w.links(f, "self", s.URL()+"/repositories/"+r.fullName(),
		"html", "https://bitbucket.org/"+r.fullName())
	w.text(f, "name", r.name)
	w.text(f, "uuid", r.uuid)
	w.close('}')
}
