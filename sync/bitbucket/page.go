package bitbucket

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	maxValues     = 1000 // of a page; Bitbucket sends a hundred
	maxEmptyPages = 100  // in a row, each with a next link
)

// A page is what every paged resource sends.
type page[T any] struct {
	Values []T
	Next   string // "" on the last page
	Size   int    // -1 where absent
}

// decodePage reads a page one value at a time, so that a body of millions of them is refused
// before it fills the memory. T is a pointer, nil for a null; what names the page in errors.
func decodePage[T any](body io.Reader, what string) (page[T], error) {
	p := page[T]{Size: -1}
	dec := json.NewDecoder(body)
	if open, err := dec.Token(); open != json.Delim('{') {
		return p, newShapeError("not "+what, "", noValues, err)
	}
	field, err := p.fields(dec)
	if err == nil {
		err = atEnd(dec)
	}
	if errors.Is(err, errTooManyValues) {
		return p, fmt.Errorf("%s has %w", what, err)
	}
	if err != nil || p.Values == nil {
		return p, newShapeError("not "+what, field, noValues, err)
	}
	return p, nil
}

const noValues = "it has no values"

var errTooManyValues = fmt.Errorf("more than %d values", maxValues)

// fields reads the object of a page after its brace, and returns the field at which an error
// occurred.
func (p *page[T]) fields(dec *json.Decoder) (field string, err error) {
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return "", err
		}
		switch field, _ = key.(string); field {
		case "values":
			err = p.values(dec)
		case "next":
			err = dec.Decode(&p.Next)
		case "size":
			err = dec.Decode(&p.Size)
		default:
			var skipped json.RawMessage
			err = dec.Decode(&skipped)
		}
		if err != nil {
			return field, err
		}
	}
	_, err = dec.Token()
	return "", err
}

// values reads the list, null included. Of two lists, the last counts, as with encoding/json.
func (p *page[T]) values(dec *json.Decoder) error {
	open, err := dec.Token()
	if err != nil {
		return err
	}
	p.Values = nil
	switch open {
	case nil:
		return nil
	case json.Delim('['):
		p.Values = []T{}
	default:
		return &json.UnmarshalTypeError{}
	}
	for dec.More() {
		if len(p.Values) == maxValues {
			return errTooManyValues
		}
		var v T
		if err := dec.Decode(&v); err != nil {
			return err
		}
		p.Values = append(p.Values, v)
	}
	_, err = dec.Token()
	return err
}

// A tail is what a page says of the next one.
type tail struct {
	next  string // "" on the last page
	empty bool   // the page has no values
}

// tail returns what the walk has to know, whatever the values are made into.
func (p page[T]) tail() tail { return tail{p.Next, len(p.Values) == 0} }

// pages walks from first along the next links. A next link is followed to the letter, and only
// within the API and only once: the walk ends where there is none, or with an error.
func pages[P any](ctx context.Context, c *Client, first request,
	decode func(io.Reader) (P, tail, error)) iter.Seq2[P, error] {

	return func(yield func(P, error) bool) {
		var none P
		links := nextLinks{client: c, seen: map[string]bool{first.url: true}}
		r := first
		for r.page = 1; ; r.page++ {
			var p P
			var t tail
			r.decode = func(body io.Reader, _ http.Header) (err error) {
				p, t, err = decode(body)
				return err
			}
			if err := c.do(ctx, r); err != nil {
				yield(none, forgotten(r, err))
				return
			}
			if !yield(p, nil) || t.next == "" {
				return
			}
			if err := links.check(t); err != nil {
				e := &Error{StatusCode: http.StatusOK, Message: "the next link " + err.Error(), nextLink: true}
				yield(none, r.fail(e))
				return
			}
			r = request{method: http.MethodGet, url: t.next, path: first.path, page: r.page}
		}
	}
}

// failed is a walk that ends before its first page.
func failed[P any](err error) iter.Seq2[P, error] {
	return func(yield func(P, error) bool) {
		var none P
		yield(none, err)
	}
}

// forgotten marks the error of a next page that Bitbucket no longer knows. How long a link is
// good for is not documented.
func forgotten(r request, err error) error {
	var e *Error
	if r.page > 1 && errors.As(err, &e) {
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

// check says why a link must not be followed.
func (n *nextLinks) check(t tail) error {
	if n.empty++; !t.empty {
		n.empty = 0
	}
	u, err := url.Parse(t.next)
	switch {
	case err != nil || !u.IsAbs():
		return errors.New("is not a URL")
	case n.client.within(u) != nil:
		return n.client.within(u)
	case u.RawQuery == "" && strings.Contains(u.Path, "&"):
		return errors.New("has & for ?")
	case n.seen[t.next]:
		return errors.New("leads back to a page that was read")
	case n.empty >= maxEmptyPages:
		return fmt.Errorf("follows %d pages in a row that are empty", n.empty)
	}
	n.seen[t.next] = true
	return nil
}

// dateLayouts are RFC 3339, which Bitbucket sends, and the forms of ISO 8601 that its parts have
// sent over the years: a blank for T, an offset without its colon, no offset, which is UTC.
var dateLayouts = []string{
	time.RFC3339,
	"2006-01-02T15:04:05Z0700",
	"2006-01-02T15:04:05Z07",
	"2006-01-02T15:04:05",
}

// parseDate reads a date and time; ok is false for what is in no calendar.
func parseDate(text string) (t time.Time, ok bool) {
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), true
		}
	}
	if upper := strings.Replace(strings.ToUpper(text), " ", "T", 1); upper != text {
		return parseDate(upper)
	}
	return time.Time{}, false
}
