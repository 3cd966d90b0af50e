package sandbox

import (
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A wireCommit is a commit as it is sent; nil members are left out.
type wireCommit struct {
	Hash    *string      `json:"hash,omitempty"`
	Date    any          `json:"date,omitempty"`
	Message *string      `json:"message,omitempty"`
	Author  *wireAuthor  `json:"author,omitempty"`
	Parents []wireTarget `json:"parents,omitzero"`
}

type wireAuthor struct {
	Raw  *string   `json:"raw,omitempty"`
	User *wireUser `json:"user,omitempty"`
}

type wireUser struct {
	UUID *string `json:"uuid,omitempty"`
	Type *string `json:"type,omitempty"`
}

// serveCommits answers with a page of a range: no size and no page number, and next only where there
// is more.
func (s *Server) serveCommits(q *request, r *Repository) answer {
	p, refusal, ok := s.page(q, 30)
	if !ok {
		return refusal
	}
	rng, refusal, ok := r.rangeOf(q)
	if !ok {
		return refusal
	}
	list := r.ranges.list(r.graph, rng)
	from, to := p.bounds(len(list), q.fault)
	endless := q.fault == EndlessRows || q.fault == EndlessEmpty
	if p.number > 1 && (p.number-1)*p.length >= len(list) && !endless {
		return invalidPage()
	}
	rows, ok := r.rows(q, list[from:to])
	if !ok {
		return cannedAnswer(ServerError)
	}
	answered := wirePage[wireCommit]{Values: rows}
	if p.more(to, len(list), q.fault) {
		answered.Next = s.next(q, p, rng.name)
	}
	return pageAnswer(q.fields, answered)
}

// rangeOf resolves what a request asks for. A page after the first names its range by ctx; a commit of
// the range may have been forgotten in between.
func (r *Repository) rangeOf(q *request) (rng *commitRange, refusal answer, ok bool) {
	ctx := q.query.Get("ctx")
	switch {
	case (ctx != "") != (q.query.Get("page") != ""):
		return nil, invalidPage(), false
	case ctx == "":
		include, badIn := r.resolve(q.query["include"])
		exclude, badOut := r.resolve(q.query["exclude"])
		if bad := append(badIn, badOut...); len(bad) > 0 {
			return nil, commitNotFound(bad[0]), false
		}
		return r.ranges.define(include, exclude), answer{}, true
	}
	if rng = r.ranges.named(ctx); rng == nil {
		return nil, invalidPage(), false
	}
	for _, n := range slices.Concat(rng.include, rng.exclude) {
		if r.graph.gone[n] || r.flawOf(n).hidden {
			return nil, commitNotFound(r.hashAt(n)), false
		}
	}
	return rng, answer{}, true
}

// resolve finds commits by their hashes; bad are the hashes that are not known.
func (r *Repository) resolve(hashes []string) (numbers []int32, bad []string) {
	for _, text := range hashes {
		n, ok := r.graph.find(text)
		if !ok || r.flawOf(n).hidden {
			bad = append(bad, text)
			continue
		}
		numbers = append(numbers, n)
	}
	return numbers, bad
}

// rows writes commits, faults considered; ok is false where a commit breaks the page.
func (r *Repository) rows(q *request, list []int32) (rows []*wireCommit, ok bool) {
	rows = make([]*wireCommit, 0, len(list))
	for _, n := range list {
		flaw := r.flawOf(n)
		if flaw.broken {
			return nil, false
		}
		if !flaw.withheld {
			rows = append(rows, r.wireCommit(q.fields, n, flaw))
		}
	}
	if middle := len(rows) / 2; len(rows) > 0 {
		switch q.fault {
		case NullRow:
			rows[middle] = nil
		case RowWithoutHash:
			rows[middle].Hash = nil
		}
	}
	return rows, true
}

func (r *Repository) wireCommit(f fields, n int32, flaw flaw) *wireCommit {
	c := &r.graph.commits[n]
	row := &wireCommit{
		Hash:    pick(f, "values.hash", c.hash.String()),
		Message: pick(f, "values.message", c.message),
	}
	if f["values.date"] {
		row.Date = time.Unix(c.date, 0).UTC().Format("2006-01-02T15:04:05+00:00")
		if flaw.dated {
			row.Date = flaw.date
		}
	}
	if f["values.author"] {
		row.Author = wireAuthorOf(f, c.author)
	}
	if f["values.parents"] {
		row.Parents = make([]wireTarget, len(c.parents))
		for i, p := range c.parents {
			row.Parents[i].Hash = pick(f, "values.parents.hash", r.hashAt(p))
		}
	}
	return row
}

// wireAuthorOf has no user where the author has no account.
func wireAuthorOf(f fields, p *person) *wireAuthor {
	author := &wireAuthor{Raw: pick(f, "values.author.raw", p.raw)}
	if f["values.author.user"] && p.account != nil {
		author.User = &wireUser{
			UUID: pick(f, "values.author.user.uuid", p.account.uuid()),
			Type: pick(f, "values.author.user.type", p.account.kind()),
		}
	}
	return author
}

// A hash is a commit's SHA-1, raw.
type hash [20]byte

func (h hash) String() string { return hex.EncodeToString(h[:]) }

// parseHash reads a full hash, in any case.
func parseHash(s string) (h hash, ok bool) {
	if len(s) != 2*len(h) {
		return h, false
	}
	_, err := hex.Decode(h[:], []byte(s))
	return h, err == nil
}

func invalidPage() answer { return errorAnswer(http.StatusBadRequest, "Invalid page", nil) }

// commitNotFound names a hash that is not known, twice over, as Bitbucket does.
func commitNotFound(hash string) answer {
	data := map[string][]string{"shas": {strings.ToLower(hash)}}
	return objectAnswer(http.StatusNotFound, wireError{
		Type: "error", Error: wireErrorBody{Message: "Commit not found", Data: data}, Data: data,
	})
}
