package bitbucket

import (
	"context"
	"crypto/sha256"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strings"
)

// maxEmptyPages ends a walk over ever new next links that bring nothing.
const maxEmptyPages = 100

// A page is what every paged resource sends.
type page[T any] struct {
	Values []T
	Next   string // "" on the last page
	Size   int    // -1 where absent
}

// pages walks from first along the next links. A next link is followed to the letter, and only
// within the API and only once: the walk ends where there is none, or with an error.
func pages[T any](ctx context.Context, c *Client, first request,
	decode func([]byte) (page[T], error)) iter.Seq2[page[T], error] {
	return func(yield func(page[T], error) bool) {
		r, label, empty := first, first.label, 0
		seen := map[[sha256.Size]byte]bool{sha256.Sum256([]byte(r.url)): true}
		for number := 2; ; number++ {
			var p page[T]
			r.decode = func(body []byte, _ http.Header) (err error) {
				p, err = decode(body)
				return err
			}
			if err := c.do(ctx, r); err != nil {
				yield(page[T]{}, err)
				return
			}
			if !yield(p, nil) || p.Next == "" {
				return
			}
			if empty++; len(p.Values) > 0 {
				empty = 0
			}
			if err := c.checkNext(p.Next, seen, empty); err != nil {
				yield(page[T]{}, r.fail(&Error{StatusCode: http.StatusOK, Message: err.Error()}))
				return
			}
			r = request{method: http.MethodGet, url: p.Next}
			r.label = fmt.Sprintf("%s (page %d)", label, number)
		}
	}
}

// checkNext says why a next link must not be followed.
func (c *Client) checkNext(next string, seen map[[sha256.Size]byte]bool, empty int) error {
	u, err := url.Parse(next)
	if err != nil || !u.IsAbs() {
		return fmt.Errorf("the next link is not a URL")
	}
	if err := c.within(u); err != nil {
		return fmt.Errorf("the next link %w", err)
	}
	sum := sha256.Sum256([]byte(next))
	if seen[sum] {
		return fmt.Errorf("the next link leads back to a page that was read")
	}
	if empty >= maxEmptyPages {
		return fmt.Errorf("%d pages in a row are empty and name another", empty)
	}
	seen[sum] = true
	return nil
}

// path makes a path below the base URL.
func path(parts ...string) string { return "/" + strings.Join(parts, "/") }

// label writes a path for people.
func (c *Client) label(path string) string {
	if plain, err := url.PathUnescape(path); err == nil {
		path = plain
	}
	return c.scrub.clean(path)
}
