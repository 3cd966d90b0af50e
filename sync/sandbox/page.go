package sandbox

import (
	"net/http"
	"net/url"
	"strconv"
)

const maxPagelen = 100

// A page is which piece of a list a request wants.
type page struct{ number, length int } // the number counts from 1

// page reads the parameters page and pagelen. The refusal is the answer if one of them is not valid.
func (q *request) page(pagelen int) (p page, refusal *answer) {
	p = page{number(q.Query, "page", 1), number(q.Query, "pagelen", pagelen)}
	switch {
	case p.length < 1 || p.length > maxPagelen:
		return p, errorAnswer(http.StatusBadRequest, "Invalid pagelen")
	case p.number < 1:
		return p, invalidPage()
	}
	return p, nil
}

// number reads a parameter; 0 stands for a text that is no number.
func number(query url.Values, name string, standard int) int {
	if !query.Has(name) {
		return standard
	}
	n, _ := strconv.Atoi(query.Get(name))
	return n
}

// bounds returns where the page begins and ends in a list of that size.
func (p page) bounds(size int) (from, to int) {
	from = min((p.number-1)*p.length, size)
	return from, min(from+p.length, size)
}

// next returns the address of the page after this one, which carries on what was asked of the first.
func (q *request) next(p page, ctx string) string {
	query := q.http.URL.Query()
	query.Set("page", strconv.Itoa(p.number+1))
	if ctx != "" { // which stands for the range
		query.Set("ctx", ctx)
		query.Del("include")
		query.Del("exclude")
	}
	scheme := "http"
	if q.http.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + q.http.Host + q.http.URL.EscapedPath() + "?" + query.Encode()
}
