package bitbucket

import (
	"cmp"
	"errors"
	"fmt"
)

// A commitReader makes commits of a page.
type commitReader struct {
	jsonReader
	page    page[Commit]
	err     error             // the first commit that is wrong in itself
	same    map[string]string // authors and accounts: most come twice on a page
	parents []Hash            // of all commits of the page
}

func decodeCommits(body []byte) (page[Commit], error) {
	r := commitReader{jsonReader: jsonReader{data: body}, page: page[Commit]{Size: -1}}
	r.same = map[string]string{}
	values, last := false, ""
	r.object(func(key []byte) {
		last = string(key)
		switch last {
		case "values":
			r.page.Values, r.err = make([]Commit, 0, 100), nil
			values = r.array(r.value)
		case "next":
			next, _ := r.text()
			r.page.Next = string(next)
		default:
			r.skip()
		}
	})
	switch {
	case !r.end() && (values || last != ""):
		return page[Commit]{Size: -1}, shapeError{"not a page of commits", ofAnotherKind(last)}
	case !values:
		return page[Commit]{Size: -1}, shapeError{"not a page of commits", noValues}
	}
	return r.page, r.err
}

// keep makes a string of a text that comes often.
func (r *commitReader) keep() string {
	text, _ := r.text()
	if s, ok := r.same[string(text)]; ok {
		return s
	}
	s := string(text)
	r.same[s] = s
	return s
}

func (r *commitReader) value() {
	var c Commit
	var badParent error
	badHash, badDate := errNoHash, errNoDate
	r.object(func(key []byte) {
		switch string(key) {
		case "hash":
			c.Hash, badHash = r.hash()
		case "date":
			c.Date, badDate = r.date()
		case "message":
			text, _ := r.text()
			c.Message = string(text)
		case "author":
			r.author(&c)
		case "parents":
			c.Parents, badParent = r.parentHashes()
		default:
			r.skip()
		}
	})
	switch {
	case r.bad || r.err != nil:
	case badHash != nil:
		r.err = fmt.Errorf("commit: %w", badHash)
	case badParent != nil:
		r.err = fmt.Errorf("parent of commit %s: %w", c.Hash, badParent)
	case badDate != nil:
		r.err = fmt.Errorf("commit %s %w", c.Hash, badDate)
	}
	r.page.Values = append(r.page.Values, c)
}

func (r *commitReader) hash() (Hash, error) {
	text, _ := r.text()
	return parseHash(text)
}

// parentHashes also returns what is wrong with the first that is no hash.
func (r *commitReader) parentHashes() (parents []Hash, bad error) {
	before := len(r.parents)
	r.array(func() {
		h, err := r.parent()
		bad = cmp.Or(bad, err)
		r.parents = append(r.parents, h)
	})
	if after := len(r.parents); after > before {
		parents = r.parents[before:after:after]
	}
	return parents, bad
}

func (r *commitReader) parent() (h Hash, err error) {
	err = errNoHash
	r.object(func(key []byte) {
		if string(key) == "hash" {
			h, err = r.hash()
			return
		}
		r.skip()
	})
	return h, err
}

var errNoDate = errors.New("has no date")

func (r *commitReader) date() (sec int64, err error) {
	text, _ := r.text()
	sec, _, ok := parseDate(string(text))
	switch {
	case ok:
		return sec, nil
	case len(text) == 0:
		return 0, errNoDate
	}
	return 0, fmt.Errorf("has a date that cannot be read: %.60q", text)
}

func (r *commitReader) author(c *Commit) {
	c.AuthorRaw, c.AuthorUUID, c.AuthorApp = "", "", false
	r.object(func(key []byte) {
		switch string(key) {
		case "raw":
			c.AuthorRaw = r.keep()
		case "user":
			r.user(c)
		default:
			r.skip()
		}
	})
}

func (r *commitReader) user(c *Commit) {
	c.AuthorUUID, c.AuthorApp = "", false
	r.object(func(key []byte) {
		switch string(key) {
		case "uuid":
			c.AuthorUUID = r.keep()
		case "type":
			text, _ := r.text()
			c.AuthorApp = string(text) == "app_user"
		default:
			r.skip()
		}
	})
}
