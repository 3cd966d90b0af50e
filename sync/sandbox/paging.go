package sandbox

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// paging is which piece of a list a request wants.
type paging struct {
	number, length int // page number from 1, page length
	size           int // of the whole list
}

const maxPagelen = 100

// pagelen reads the parameter pagelen.
func (q *request) pagelen(byDefault int) (n int, ok bool) {
	param := q.query.Get("pagelen")
	if param == "" {
		return byDefault, true
	}
	n, err := strconv.Atoi(param)
	return n, err == nil && n >= 1 && n <= maxPagelen
}

// page reads the parameter page.
func (q *request) page() (n int, ok bool) {
	param := q.query.Get("page")
	if param == "" {
		return 1, true
	}
	n, err := strconv.Atoi(param)
	return n, err == nil && n >= 1
}

// list reads the paging of an address that counts its pages.
func (q *request) list(size, pagelen int) (p paging, refusal answer, ok bool) {
	p.size = size
	if p.length, ok = q.pagelen(pagelen); !ok {
		return p, invalidPagelen(), false
	}
	if p.number, ok = q.page(); !ok {
		return p, invalidPage(), false
	}
	return p, answer{}, true
}

// bounds returns where the page begins and ends.
func (p paging) bounds(f Fault) (from, to int) {
	from = min((p.number-1)*p.length, p.size)
	to = min(from+p.length, p.size)
	switch {
	case f == DuplicateRows && from > 0:
		from--
	case f == ShiftedPage && from < to:
		from++
	}
	return from, to
}

// next builds the address of the page after this one.
func (s *Server) next(q *request, p paging, ctx string) string {
	switch q.fault {
	case NextElsewhere:
		_, rest, _ := strings.Cut(s.link(q, p.number+1, ctx), "/2.0/")
		return "http://elsewhere.invalid/2.0/" + rest
	case NextLoop:
		return s.link(q, p.number, ctx)
	}
	return s.link(q, p.number+1, ctx)
}

// link builds the address of another page. Each page carries on what was asked of the first.
func (s *Server) link(q *request, page int, ctx string) string {
	params := url.Values{}
	for name, values := range q.URL.Query() {
		if name != "page" && name != "ctx" {
			params[name] = values
		}
	}
	link := s.URL() + q.URL.EscapedPath()[len("/2.0"):] + "?"
	if ctx != "" {
		link += "ctx=" + ctx + "&"
	}
	link += "page=" + strconv.Itoa(page)
	if len(params) > 0 {
		link += "&" + params.Encode()
	}
	return link
}

// listOf writes one page of a list that counts its pages; write renders one item.
func listOf[T any](
	s *Server, q *request, p paging, items []T, write func(*jsonWriter, fields, T),
) answer {
	f := parseFields(q.query.Get("fields"))
	from, to := p.bounds(q.fault)
	var w jsonWriter
	w.open("", '{')
	w.number(f, "pagelen", p.length)
	if inside, ok := f.step("values"); ok {
		w.open("values", '[')
		for _, item := range items[from:to] {
			write(&w, inside, item)
		}
		w.close(']')
	}
	w.number(f, "page", p.number)
	w.number(f, "size", p.size)
	if to < p.size {
		w.text(f, "next", s.next(q, p, ""))
	}
	if p.number > 1 {
		w.text(f, "previous", s.link(q, p.number-1, ""))
	}
	w.close('}')
	return jsonAnswer(http.StatusOK, w.b)
}
