package sandbox

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A commitRange is what some commits reach and others do not.
type commitRange struct {
	include, exclude []int32
	commits          []int32 // in order, as it was when the range was first asked for
}

// serveCommits answers with a page of a range: no size and no page number, and next only where there
// is more.
func (r *Repository) serveCommits(q *request) *answer {
	p, refusal := q.page(30)
	if refusal != nil {
		return refusal
	}
	ctx, rng, refusal := r.rangeOf(q)
	if refusal != nil {
		return refusal
	}
	from, to := p.bounds(len(rng.commits))
	if p.number > 1 && from == to { // no next link led here
		return invalidPage()
	}
	rows := []object{}
	for _, n := range rng.commits[from:to] {
		if r.broken[n] {
			return ServerError.answer()
		}
		if !r.withheld[n] {
			rows = append(rows, r.row(n))
		}
	}
	body := object{"values": rows}
	if to < len(rng.commits) { // a range of one page is not asked for again by its ctx
		r.ranges[ctx] = rng
		body["next"] = q.next(p, ctx)
	}
	return q.found(body)
}

// rangeOf resolves what a request asks for. A page after the first names its range by ctx, so that pushes
// do not shift the pages; a commit of the range may have been forgotten in between.
func (r *Repository) rangeOf(q *request) (ctx string, rng *commitRange, refusal *answer) {
	ctx = q.Query.Get("ctx")
	if (ctx != "") != (q.Query.Get("page") != "") {
		return "", nil, invalidPage()
	}
	if ctx == "" {
		include, unknown := r.resolve(q.Query["include"])
		exclude, unknownToo := r.resolve(q.Query["exclude"])
		if unknown = append(unknown, unknownToo...); len(unknown) > 0 {
			return "", nil, commitNotFound(unknown[0])
		}
		ctx = fmt.Sprintf("%x", sha1.Sum(fmt.Append(nil, r.uuid, len(r.ranges))))
		return ctx, &commitRange{include, exclude, r.graph.order(include, exclude)}, nil
	}
	if rng = r.ranges[ctx]; rng == nil {
		return "", nil, invalidPage()
	}
	for _, n := range slices.Concat(rng.include, rng.exclude) {
		if r.graph.gone[n] {
			return "", nil, commitNotFound(r.hashAt(n))
		}
	}
	return ctx, rng, nil
}

// resolve finds commits by their hashes.
func (r *Repository) resolve(hashes []string) (numbers []int32, unknown []string) {
	for _, text := range hashes {
		if n, ok := r.graph.find(text); ok {
			numbers = append(numbers, n)
		} else {
			unknown = append(unknown, text)
		}
	}
	return numbers, unknown
}

// row writes a commit. An author without an account has no user.
func (r *Repository) row(n int32) object {
	c := &r.graph.commits[n]
	author := object{"raw": c.author}
	if c.account != "" {
		user := object{"uuid": c.account, "type": "user"}
		if c.app {
			user["type"] = "app_user"
		}
		author["user"] = user
	}
	parents := make([]object, len(c.parents))
	for i, p := range c.parents {
		parents[i] = object{"hash": r.hashAt(p)}
	}
	return object{
		"hash": c.hash.String(), "message": c.message, "author": author, "parents": parents,
		"date": time.Unix(c.date, 0).UTC().Format("2006-01-02T15:04:05+00:00"),
	}
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
	return object{
		"type": "error", "error": object{"message": "Commit not found", "data": data}, "data": data,
	}.answer(http.StatusNotFound)
}
