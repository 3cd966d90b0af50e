package bitbucket

import "fmt"

// A commitReader makes commits of a page.
type commitReader struct {
	jsonReader
	page page[Commit]
	err  error             // the first commit that is wrong in itself
	same map[string]string // authors, accounts, hashes: most come twice on a page
}

func decodeCommits(body []byte) (page[Commit], error) {
	r := commitReader{jsonReader: jsonReader{data: body}, page: page[Commit]{Size: -1}}
	r.same = make(map[string]string, 256)
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
	case !r.end() && last != "":
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
	var date string
	r.object(func(key []byte) {
		switch string(key) {
		case "hash":
			c.Hash = r.keep()
		case "date":
			text, _ := r.text()
			date = string(text)
		case "message":
			text, _ := r.text()
			c.Message = string(text)
		case "author":
			r.author(&c)
		case "parents":
			c.Parents = nil
			r.array(func() { c.Parents = append(c.Parents, r.hash()) })
		default:
			r.skip()
		}
	})
	if !r.bad && r.err == nil {
		r.err = c.check(date)
	}
	r.page.Values = append(r.page.Values, c)
}

func (r *commitReader) hash() (hash string) {
	r.object(func(key []byte) {
		if string(key) == "hash" {
			hash = r.keep()
			return
		}
		r.skip()
	})
	return hash
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

// check reads the date, and refuses hashes that are none.
func (c *Commit) check(date string) (err error) {
	if c.Hash, err = parseHash("commit", c.Hash); err != nil {
		return err
	}
	for i := range c.Parents {
		c.Parents[i], err = parseHash("parent of commit "+c.Hash, c.Parents[i])
		if err != nil {
			return err
		}
	}
	var ok bool
	if c.Date, _, ok = parseDate(date); !ok && date == "" {
		return fmt.Errorf("commit %s has no date", c.Hash)
	}
	if !ok {
		return fmt.Errorf("the date of commit %s cannot be read: %.60q", c.Hash, date)
	}
	return nil
}
