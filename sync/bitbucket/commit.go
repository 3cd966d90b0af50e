package bitbucket

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"strings"
)

const (
	commitFields = "next,values.hash,values.date,values.message,values.parents.hash," +
		"values.author.raw,values.author.user.uuid,values.author.user.type"

	// maxURL is where a query is long enough for POST; servers and proxies on the way stop at
	// anything from 2,000 bytes on.
	maxURL = 2000
)

// ErrNoInclude is returned for a Range without Include: Bitbucket would answer it with every
// branch and tag.
var ErrNoInclude = errors.New("a range of commits must include one")

// A Range is what Include reaches and Exclude does not. Both are hashes: a name would be looked up anew
// for every page.
type Range struct{ Include, Exclude []Hash }

// A Commit is a commit as Bitbucket tells it.
type Commit struct {
	Hash       Hash
	Date       int64 // the committer's clock, seconds since 1970
	AuthorRaw  string
	AuthorUUID string // "" where the e-mail belongs to no account
	AuthorApp  bool   // the account is an app
	Parents    []Hash
	Message    string
}

// Commits walks over a range of a repository, given by slug or {uuid}, a page at a time, newest
// first in the order of the graph (not of the dates). A Range without Include is ErrNoInclude,
// before anything is sent. A hash that Bitbucket does not know is a 404 whose Error.Shas names
// some of those.
func (c *Client) Commits(
	ctx context.Context, workspace, repo string, r Range,
) iter.Seq2[[]Commit, error] {
	return func(yield func([]Commit, error) bool) {
		first, err := c.rangeRequest(workspace, repo, r)
		if err != nil {
			yield(nil, err)
			return
		}
		for p, err := range pages(ctx, c, first, decodeCommits) {
			if !yield(p.Values, err) {
				return
			}
		}
	}
}

func (c *Client) rangeRequest(workspace, repo string, r Range) (request, error) {
	if len(r.Include) == 0 {
		return request{}, fmt.Errorf("commits of %s/%s: %w", workspace, repo, ErrNoInclude)
	}
	ws, err := escape("workspace", workspace)
	if err != nil {
		return request{}, err
	}
	rp, err := escape("repository", repo)
	if err != nil {
		return request{}, err
	}
	at := path("repositories", ws, rp, "commits")
	req := request{method: http.MethodGet, label: c.label(at)}
	req.url = c.prefix + at + "?pagelen=100&fields=" + commitFields
	form := r.form()
	if long := req.url + "&" + form; len(long) <= maxURL {
		req.url = long
		return req, nil
	}
	req.method, req.form = http.MethodPost, form
	return req, nil
}

// form writes the range as a query.
func (r Range) form() string {
	var b strings.Builder
	for _, hash := range r.Include {
		b.WriteString("&include=" + hash.String())
	}
	for _, hash := range r.Exclude {
		b.WriteString("&exclude=" + hash.String())
	}
	return b.String()[1:]
}
