package bitbucket

import (
	"context"
	"encoding/json"
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

// A Range is what Include reaches and Exclude does not. Both are full hashes: a name would be
// looked up anew for every page.
type Range struct{ Include, Exclude []string }

// A Commit is a commit as Bitbucket tells it.
type Commit struct {
	Hash       string // 40 hexadecimal digits, as are the parents
	Date       int64  // the committer's clock, seconds since 1970
	AuthorRaw  string
	AuthorUUID string // "" where the e-mail belongs to no account
	AuthorApp  bool   // the account is an app
	Parents    []string
	Message    string
}

// Commits walks over a range of a repository, given by slug or {uuid}, a page at a time, newest
// first in the order of the graph (not of the dates). A Range without Include is ErrNoInclude,
// before anything is sent. A hash that Bitbucket does not know is a 404 whose Error.Shas names
// some of those.
func (c *Client) Commits(ctx context.Context, workspace, repo string, r Range) iter.Seq2[[]Commit, error] {
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
	for _, hash := range append(r.Include[:len(r.Include):len(r.Include)], r.Exclude...) {
		if err := checkHash("range of commits", strings.ToLower(hash)); err != nil {
			return request{}, err
		}
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
	req := request{method: http.MethodGet, label: c.scrub.redact(at)}
	req.url = c.prefix + at + "?pagelen=100&fields=" + commitFields
	form := r.form()
	if long := req.url + "&" + form; len(long) <= maxURL {
		req.url = long
		return req, nil
	}
	req.method, req.form = http.MethodPost, form
	return req, nil
}

// form writes the range as a query; a hash needs no escaping.
func (r Range) form() string {
	var b strings.Builder
	for _, hash := range r.Include {
		b.WriteString("&include=" + hash)
	}
	for _, hash := range r.Exclude {
		b.WriteString("&exclude=" + hash)
	}
	return b.String()[1:]
}

// checkHash expects lower case.
func checkHash(what, hash string) error {
	ok := len(hash) == 40
	for i := 0; ok && i < len(hash); i++ {
		ok = '0' <= hash[i] && hash[i] <= '9' || 'a' <= hash[i] && hash[i] <= 'f'
	}
	if !ok {
		return fmt.Errorf("%s: %.60q is not a hash of 40 digits", what, hash)
	}
	return nil
}

type wireCommit struct {
	Hash, Date, Message string
	Parents             []struct{ Hash string }
	Author              *struct {
		Raw  string
		User *struct{ UUID, Type string }
	}
}

func decodeCommits(body []byte) (page[Commit], error) {
	p := page[Commit]{Size: -1}
	var wire struct {
		Values *[]wireCommit
		Next   string
	}
	if err := json.Unmarshal(body, &wire); err != nil || wire.Values == nil {
		return p, shapeError("not a page of commits")
	}
	p.Next = wire.Next
	for _, w := range *wire.Values {
		c, err := w.commit()
		if err != nil {
			return p, err
		}
		p.Values = append(p.Values, c)
	}
	return p, nil
}

func (w wireCommit) commit() (Commit, error) {
	c := Commit{Hash: strings.ToLower(w.Hash), Message: w.Message}
	if err := checkHash("commit", c.Hash); err != nil {
		return c, err
	}
	var ok bool
	if c.Date, _, ok = parseDate(w.Date); !ok {
		return c, fmt.Errorf("date of commit %s: %.60q is none", c.Hash, w.Date)
	}
	for _, parent := range w.Parents {
		hash := strings.ToLower(parent.Hash)
		if err := checkHash("parent of commit "+c.Hash, hash); err != nil {
			return c, err
		}
		c.Parents = append(c.Parents, hash)
	}
	if w.Author != nil {
		c.AuthorRaw = w.Author.Raw
		if w.Author.User != nil {
			c.AuthorUUID = w.Author.User.UUID
			c.AuthorApp = w.Author.User.Type == "app_user"
		}
	}
	return c, nil
}
