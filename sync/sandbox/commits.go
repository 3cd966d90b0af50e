package sandbox

import (
	"cmp"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"
)

// serveCommits answers with a page of a range: no size and no page number, and next only where there
// is more.
func (s *Server) serveCommits(q *request, r *Repository) *answer {
	p, refusal := s.page(q, 30)
	if refusal != nil {
		return refusal
	}
	rng, refusal := r.rangeOf(q)
	if refusal != nil {
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
	return objectAnswer(http.StatusOK, s.list(q, p, rows, to, len(list), rng.name))
}

// rangeOf resolves what a request asks for. A page after the first names its range by ctx; a commit of
// the range may have been forgotten in between.
func (r *Repository) rangeOf(q *request) (rng *commitRange, refusal *answer) {
	ctx := q.query.Get("ctx")
	switch {
	case (ctx != "") != (q.query.Get("page") != ""):
		return nil, invalidPage()
	case ctx == "":
		include, badIn := r.resolve(q.query["include"])
		exclude, badOut := r.resolve(q.query["exclude"])
		if bad := append(badIn, badOut...); len(bad) > 0 {
			return nil, commitNotFound(bad[0])
		}
		return r.ranges.get(include, exclude), nil
	}
	if rng = r.ranges.byName[ctx]; rng == nil {
		return nil, invalidPage()
	}
	for _, n := range slices.Concat(rng.include, rng.exclude) {
		if r.graph.gone[n] || r.faults[n].hidden {
			return nil, commitNotFound(r.hashAt(n))
		}
	}
	return rng, nil
}

// resolve finds commits by their hashes; bad are the hashes that are not known.
func (r *Repository) resolve(hashes []string) (numbers []int32, bad []string) {
	for _, text := range hashes {
		n, ok := r.graph.find(text)
		if !ok || r.faults[n].hidden {
			bad = append(bad, text)
			continue
		}
		numbers = append(numbers, n)
	}
	return numbers, bad
}

// rows writes commits, faults considered; ok is false where a commit breaks the page.
func (r *Repository) rows(q *request, list []int32) (rows []object, ok bool) {
	rows = []object{}
	for _, n := range list {
		fault := r.faults[n]
		if fault.broken {
			return nil, false
		}
		if !fault.withheld {
			rows = append(rows, r.row(q.fields["values"], n, fault))
		}
	}
	if q.fault == NullRow && len(rows) > 0 {
		rows[len(rows)/2] = nil
	}
	return rows, true
}

// row writes a commit. An author without an account has no user.
func (r *Repository) row(f fields, n int32, fault commitFault) object {
	c := &r.graph.commits[n]
	row := object{}
	row.put(f, "hash", c.hash.String())
	row.put(f, "message", c.message)
	row.put(f, "author.raw", c.author)
	if account := c.account; account != nil {
		row.put(f, "author.user.uuid", cmp.Or(account.UUID, uuid("user", account.Name)))
		row.put(f, "author.user.type", cmp.Or(account.Type, "user"))
	}
	switch {
	case !fault.dated:
		row.put(f, "date", time.Unix(c.date, 0).UTC().Format("2006-01-02T15:04:05+00:00"))
	case fault.date != nil:
		row.put(f, "date", fault.date)
	}
	parents := make([]object, len(c.parents))
	for i, p := range c.parents {
		parents[i] = object{}
		parents[i].put(f["parents"], "hash", r.hashAt(p))
	}
	row.put(f, "parents", parents)
	return row
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

// invalidPage refuses a page that no next link led to, or that is no longer known.
func invalidPage() *answer { return errorAnswer(http.StatusBadRequest, "Invalid page") }

// commitNotFound names a hash that is not known, twice over, as Bitbucket does.
func commitNotFound(hash string) *answer {
	data := object{"shas": []string{strings.ToLower(hash)}}
	return objectAnswer(http.StatusNotFound, object{
		"type": "error", "error": object{"message": "Commit not found", "data": data}, "data": data,
	})
}
