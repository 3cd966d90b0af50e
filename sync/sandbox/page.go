package sandbox

import (
	"cmp"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// A page is which piece of a list a request wants.
type page struct{ number, length int } // the number counts from 1

// page reads the parameters page and pagelen. The refusal is the answer if one of them is not valid.
func (s *Server) page(q *request, pagelen int) (p page, refusal *answer) {
	p.length = number(q.query, "pagelen", pagelen)
	if p.length < 1 || p.length > cmp.Or(s.maxPagelen[q.kind], 100) {
		return p, errorAnswer(http.StatusBadRequest, "Invalid pagelen")
	}
	if p.number = number(q.query, "page", 1); p.number < 1 {
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

// bounds returns where the page begins and ends in a list of that size, faults considered.
func (p page) bounds(size int, f Fault) (from, to int) {
	from = min((p.number-1)*p.length, size)
	to = min(from+p.length, size)
	switch f {
	case DuplicateRows:
		from = max(from-1, 0)
	case ShiftedPage:
		from = min(from+1, to)
	case EndlessRows:
		return 0, min(p.length, size)
	case EndlessEmpty:
		return 0, 0
	}
	return from, to
}

// list returns a page with these rows, and with a next link where the list goes on after to.
func (s *Server) list(q *request, p page, rows []object, to, size int, ctx string) object {
	list := object{}
	list.put(q.fields, "values", rows)
	if to < size || q.fault == EndlessRows || q.fault == EndlessEmpty {
		list.put(q.fields, "next", s.next(q, p, ctx))
	}
	return list
}

// next returns the address of the page after this one, or where the fault leads to.
func (s *Server) next(q *request, p page, ctx string) string {
	link := s.link(q, p.number+1, ctx)
	switch q.fault {
	case NextElsewhere:
		_, rest, _ := strings.Cut(link, "/2.0/")
		return "http://elsewhere.invalid/2.0/" + rest
	case NextOutside:
		return strings.Replace(link, "/2.0/", "/1.0/", 1)
	case NextAmpersand:
		return strings.Replace(link, "?", "&", 1)
	case NextForgotten:
		if ctx == "" {
			return s.link(q, 0, "")
		}
		return s.link(q, p.number+1, "forgotten")
	case NextLoop:
		return s.link(q, p.number, ctx)
	}
	return link
}

// link returns the address of a page, which carries on what was asked of the first.
func (s *Server) link(q *request, page int, ctx string) string {
	rest := q.URL.Query()
	for _, name := range []string{"page", "ctx", "include", "exclude"} {
		rest.Del(name)
	}
	link := s.url + q.URL.EscapedPath()[len("/2.0"):] + "?"
	if ctx != "" {
		link += "ctx=" + ctx + "&"
	}
	return link + "page=" + strconv.Itoa(page) + "&" + rest.Encode()
}
