package sandbox

import (
	"strconv"
	"unicode/utf8"
)

// A jsonWriter builds a body member by member; a member that the fields do not ask for is left
// out before it costs anything. The comma is where the byte before is not an opening one.
type jsonWriter struct{ b []byte }

func (w *jsonWriter) comma() {
	if n := len(w.b); n > 0 {
		switch w.b[n-1] {
		case '{', '[', ':':
		default:
			w.b = append(w.b, ',')
		}
	}
}

func (w *jsonWriter) key(name string) {
	w.comma()
	w.b = append(w.b, '"')
	w.b = append(w.b, name...)
	w.b = append(w.b, '"', ':')
}

// open begins an object or an array; name is empty in an array.
func (w *jsonWriter) open(name string, bracket byte) {
	if name != "" {
		w.key(name)
	} else {
		w.comma()
	}
	w.b = append(w.b, bracket)
}

func (w *jsonWriter) close(bracket byte) { w.b = append(w.b, bracket) }

// text writes a string member if it is asked for.
func (w *jsonWriter) text(f fields, name, value string) {
	if f.has(name) {
		w.key(name)
		w.b = appendQuoted(w.b, value)
	}
}

// raw writes a member that is JSON already, if it is asked for.
func (w *jsonWriter) raw(f fields, name, value string) {
	if f.has(name) {
		w.key(name)
		w.b = append(w.b, value...)
	}
}

func (w *jsonWriter) number(f fields, name string, value int) {
	if f.has(name) {
		w.key(name)
		w.b = strconv.AppendInt(w.b, int64(value), 10)
	}
}

// links writes the member links: pairs of a name and an address.
func (w *jsonWriter) links(f fields, pairs ...string) {
	f, ok := f.step("links")
	if !ok {
		return
	}
	w.open("links", '{')
	for i := 0; i+1 < len(pairs); i += 2 {
		if link, ok := f.step(pairs[i]); ok {
			w.open(pairs[i], '{')
			w.text(link, "href", pairs[i+1])
			w.close('}')
		}
	}
	w.close('}')
}

const hexDigits = "0123456789abcdef"

// appendQuoted appends s as a JSON string. What is not UTF-8 becomes U+FFFD, as Bitbucket has it.
func appendQuoted(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				b = append(append(b, s[start:i]...), "\uFFFD"...)
				start = i + 1
			}
			i += size
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		b = appendEscape(append(b, s[start:i]...), c)
		i++
		start = i
	}
	return append(append(b, s[start:]...), '"')
}

func appendEscape(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\n':
		return append(b, '\\', 'n')
	case '\r':
		return append(b, '\\', 'r')
	case '\t':
		return append(b, '\\', 't')
	}
	return append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}
