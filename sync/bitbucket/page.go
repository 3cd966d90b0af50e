package bitbucket

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strings"
)

const (
	maxValues = 1000 // of a page; Bitbucket sends a hundred, and each is held in memory

	// maxEmptyPages, in a row and each with a next link that is new, are taken for a list without an end.
	// Fewer may come of rows that Bitbucket leaves out.
	maxEmptyPages = 100
)

// A page is what every paged resource sends.
type page[T any] struct {
	Values []T
	Next   string // "" on the last page
	Size   int    // 0 where absent
}

// decodePage reads a page. T is a pointer, nil for a null; what names the page in errors. The fields are
// taken from a map, because encoding/json would fill those of a struct from keys in any case.
func decodePage[T any](body []byte, what string) (p page[T], err error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return p, shapeError{what, "it has no values"}
	}
	for name, into := range map[string]any{"next": &p.Next, "size": &p.Size, "values": &p.Values} {
		if raw, ok := fields[name]; ok {
			if err := json.Unmarshal(raw, into); err != nil {
				return p, shapeError{what, badField(name, err)}
			}
		}
	}
	switch n := len(p.Values); {
	case p.Values == nil:
		return p, shapeError{what, "it has no values"}
	case n > maxValues: // another attempt would bring as many
		return p, fmt.Errorf("%s has more than %d values", what, maxValues)
	}
	return p, nil
}

// badField says which field of a page could not be decoded.
func badField(name string, err error) string {
	if kind, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && kind.Field != "" {
		name += "." + strings.ToLower(kind.Field)
	}
	return `its field "` + name + `" is of another kind`
}

// pages walks from first along the next links, and yields what convert makes of each page. A next link is
// followed to the letter, and only within the API and only once: the walk ends where there is none, or
// with an error.
func pages[T, P any](ctx context.Context, c *Client, first request, what string,
	convert func(page[T]) (P, error)) iter.Seq2[P, error] {

	return func(yield func(P, error) bool) {
		var none P
		links := nextLinks{client: c, seen: map[string]bool{first.url: true}}
		r := first
		for r.page = 1; ; r.page++ {
			var rows page[T]
			var p P
			r.decode = func(body []byte, _ http.Header) (err error) {
				if rows, err = decodePage[T](body, what); err == nil {
					p, err = convert(rows)
				}
				return err
			}
			if err := c.do(ctx, r); err != nil {
				yield(none, forgotten(r, err))
				return
			}
			if !yield(p, nil) || rows.Next == "" {
				return
			}
			if err := links.check(rows.Next, len(rows.Values) == 0); err != nil {
				e := &Error{StatusCode: http.StatusOK, Message: "the next link " + err.Error(), nextLink: true}
				yield(none, r.fail(e))
				return
			}
			r = request{method: http.MethodGet, url: rows.Next, path: first.path, page: r.page}
		}
	}
}

// forgotten marks the error of a next page that Bitbucket no longer knows, so that callers ask for the range
// anew. How long a link is good for is not documented.
func forgotten(r request, err error) error {
	if e, ok := errors.AsType[*Error](err); ok && r.page > 1 {
		invalid := e.StatusCode == http.StatusBadRequest && strings.EqualFold(e.Message, "Invalid page")
		e.nextLink = invalid || hasStatus(err, http.StatusNotFound) && !IsCommitNotFound(err)
	}
	return err
}

// nextLinks are the next links of one walk.
type nextLinks struct {
	client *Client
	seen   map[string]bool
	empty  int // pages in a row without values
}

// check says why the link of a page, which may be empty, must not be followed.
func (n *nextLinks) check(next string, empty bool) error {
	if n.empty++; !empty {
		n.empty = 0
	}
	u, err := url.Parse(next)
	switch {
	case err != nil || !u.IsAbs():
		return errors.New("is not a URL")
	case n.client.within(u) != nil:
		return n.client.within(u)
	case u.RawQuery == "" && strings.Contains(u.Path, "&"): // BCLOUD-20796
		return errors.New("has & for ?")
	case n.seen[next]:
		return errors.New("leads back to a page that was read")
	case n.empty >= maxEmptyPages:
		return fmt.Errorf("follows %d pages in a row that are empty", n.empty)
	}
	n.seen[next] = true
	return nil
}
