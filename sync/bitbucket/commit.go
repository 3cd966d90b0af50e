package bitbucket

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"
)

// MaxPageLen is how many commits a page has at most. The hour counts requests, and not what they bring, so a
// page has as many if nothing else is asked for. Bitbucket answers a longer one with 400, and may do so
// to a shorter one (see IsPageLength).
const MaxPageLen = 100

const (
	// Without fields, an answer has each message four times, and links of all that it names.
	commitFields = "next,values.hash,values.date,values.message,values.parents.hash," +
		"values.author.raw,values.author.user.uuid,values.author.user.type"

	// maxURL is where a query is long enough for POST; servers and proxies on the way stop at
	// anything from 2,000 bytes on.
	maxURL = 2000
)

// A Hash is a commit's SHA-1, raw; the zero Hash is no commit's.
type Hash [20]byte

// String writes 40 lower-case hexadecimal digits.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// parseHash reads 40 hexadecimal digits. A shortened hash could name two commits of a repository.
func parseHash(text string) (h Hash, err error) {
	if raw, err := hex.DecodeString(text); err == nil && len(raw) == len(h) {
		return Hash(raw), nil
	}
	return Hash{}, fmt.Errorf("%.60q is not a hash of 40 digits", text)
}

// errNoInclude refuses a Range without Include: Bitbucket would answer it with every branch and tag.
var errNoInclude = errors.New("a range of commits must include one")

// A Range is what Include reaches and Exclude does not. Both are hashes: a name would be looked up anew
// for every page.
type Range struct {
	Include, Exclude []Hash
	PageLen          int // commits to a page; 0: MaxPageLen
}

// A Page is a page of a range.
type Page struct {
	Commits []Commit
	Undated int // commits whose own date cannot be read
}

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
// first in the order of the graph (not of the dates). A Range without Include is an error,
// before a request is sent. A hash that Bitbucket does not know is a 404 whose Error.Names tells
// some of those.
//
// A commit whose date is null, missing, empty or in no calendar gets the date of the commit
// before it in its page, mostly its child, else of the first behind it that has one, else 0.
func (c *Client) Commits(ctx context.Context, workspace, repo string, r Range) iter.Seq2[Page, error] {
	return pages(ctx, c, c.rangeRequest(workspace, repo, r), "a page of commits", commitsOf)
}

// rangeRequest asks with POST only where the query is too long for a URL: the form is documented, and
// few programs use it.
func (c *Client) rangeRequest(workspace, repo string, r Range) request {
	req := c.get("repositories", workspace, repo, "commits")
	if len(r.Include) == 0 {
		req.err = errNoInclude
		return req
	}
	req.url += fmt.Sprintf("?pagelen=%d&fields=%s", cmp.Or(r.PageLen, MaxPageLen), commitFields)
	form := r.form()
	if long := req.url + "&" + form; len(long) <= maxURL {
		req.url = long
		return req
	}
	req.method, req.form = http.MethodPost, form
	return req
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

// commitJSON is a commit as Bitbucket writes it.
type commitJSON struct {
	Hash, Date, Message string
	Author              *struct {
		Raw  string
		User *struct{ UUID, Type string }
	}
	Parents []struct{ Hash string }
}

// commitsOf translates a page of commits. One without a hash, or with a parent that is no hash, makes an
// error of the page: left out, it would be a hole in the history.
func commitsOf(rows page[*commitJSON]) (p Page, err error) {
	commits := make([]Commit, len(rows.Values))
	dated := make([]bool, len(rows.Values))
	for i, row := range rows.Values {
		if row == nil {
			row = &commitJSON{} // which has no hash
		}
		if commits[i], err = row.commit(); err != nil {
			return p, err
		}
		if date, ok := parseDate(row.Date); ok {
			commits[i].Date, dated[i] = date.Unix(), true
		}
	}
	return Page{commits, fillDates(commits, dated)}, nil
}

// fillDates gives commits without a date one from their page, and returns how many those are.
func fillDates(commits []Commit, dated []bool) (undated int) {
	first := max(slices.Index(dated, true), 0)
	for i := range commits {
		if dated[i] {
			continue
		}
		undated++
		from := i - 1
		if i <= first {
			from = first
		}
		commits[i].Date = commits[from].Date
	}
	return undated
}

// commit translates all but the date, which may come from another commit of the page.
func (j *commitJSON) commit() (c Commit, err error) {
	c.Message = j.Message
	if c.Hash, err = parseHash(j.Hash); err != nil {
		return c, fmt.Errorf("commit: %w", err)
	}
	for _, parent := range j.Parents {
		hash, err := parseHash(parent.Hash)
		if err != nil {
			return c, fmt.Errorf("parent of commit %s: %w", c.Hash, err)
		}
		c.Parents = append(c.Parents, hash)
	}
	if j.Author != nil {
		c.AuthorRaw = j.Author.Raw
		if user := j.Author.User; user != nil {
			c.AuthorUUID, c.AuthorApp = user.UUID, user.Type == "app_user"
		}
	}
	return c, nil
}
