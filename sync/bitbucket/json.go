package bitbucket

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth is where nested JSON is refused, as encoding/json does.
const maxDepth = 10_000

// A jsonReader reads JSON from the left, once, into whatever its callbacks keep. It exists because
// encoding/json reads everything twice and goes by reflection, which is most of what a fast sync
// would do (see BenchmarkDecode). It accepts what encoding/json accepts and reads strings as
// encoding/json does, which is fuzzed. bad turns true at the first thing amiss, and then nothing
// more is read.
type jsonReader struct {
	data    []byte
	pos     int
	depth   int
	scratch []byte // of the last string that had escapes
	bad     bool
}

// peek returns the next byte that is not white space, 0 at the end.
func (r *jsonReader) peek() byte {
	for ; r.pos < len(r.data); r.pos++ {
		switch c := r.data[r.pos]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// eat reads the byte c, if it is next.
func (r *jsonReader) eat(c byte) bool {
	if r.bad || r.peek() != c {
		return false
	}
	r.pos++
	return true
}

func (r *jsonReader) must(ok bool) bool {
	r.bad = r.bad || !ok
	return !r.bad
}

// end expects nothing but white space.
func (r *jsonReader) end() bool {
	r.must(r.peek() == 0 && r.pos == len(r.data))
	return !r.bad
}

// object reads an object or null; field is called with each key and must read its value. The key
// is valid until then. It returns whether there was an object.
func (r *jsonReader) object(field func(key []byte)) bool {
	if !r.open('{') {
		return false
	}
	for first := true; !r.eat('}') && !r.bad; first = false {
		if !first {
			r.must(r.eat(','))
		}
		key, ok := r.text()
		if r.must(ok && r.eat(':')) {
			field(key)
		}
	}
	r.depth--
	return !r.bad
}

// array reads an array or null; item must read one element. It returns whether there was an array.
func (r *jsonReader) array(item func()) bool {
	if !r.open('[') {
		return false
	}
	for first := true; !r.eat(']') && !r.bad; first = false {
		if !first {
			r.must(r.eat(','))
		}
		if !r.bad {
			item()
		}
	}
	r.depth--
	return !r.bad
}

// open reads what begins an object or array, or null, which is none.
func (r *jsonReader) open(c byte) bool {
	if !r.eat(c) {
		r.literal("null")
		return false
	}
	r.depth++
	return r.must(r.depth <= maxDepth)
}

// text reads a string, or null, for which ok is false. The bytes are valid until the next call.
func (r *jsonReader) text() (text []byte, ok bool) {
	if !r.eat('"') {
		r.literal("null")
		return nil, false
	}
	start, ascii := r.pos, true
	for r.plain(); r.pos < len(r.data); r.plain() {
		switch c := r.data[r.pos]; {
		case c == '"':
			text = r.data[start:r.pos]
			r.pos++
			if ascii || utf8.Valid(text) {
				return text, true
			}
			r.scratch = appendValid(r.scratch[:0], text)
			return r.scratch, true
		case c == '\\':
			return r.escaped(start)
		case c < ' ':
			r.bad = true
			return nil, false
		default:
			ascii = false
			r.pos++
		}
	}
	r.bad = true
	return nil, false
}

// plain goes on to the next byte that is a quote, a backslash, a control character or no ASCII. It looks at
// eight bytes at once, which takes a quarter off the reading of a page.
func (r *jsonReader) plain() {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for ; r.pos+8 <= len(r.data); r.pos += 8 {
		x := binary.LittleEndian.Uint64(r.data[r.pos:])
		quote, backslash, control := x^ones*'"', x^ones*'\\', x-ones*' '
		// Subtracting sets the high bit of the lowest byte that is too small, and perhaps of bytes above it.
		if found := ((quote-ones)&^quote | (backslash-ones)&^backslash | control | x) & highs; found != 0 {
			r.pos += bits.TrailingZeros64(found) / 8
			return
		}
	}
	for ; r.pos < len(r.data); r.pos++ {
		if c := r.data[r.pos]; c == '"' || c == '\\' || c < ' ' || c >= utf8.RuneSelf {
			return
		}
	}
}

// escaped reads a string that began at start and has an escape at pos.
func (r *jsonReader) escaped(start int) (text []byte, ok bool) {
	out := r.scratch[:0]
	for r.plain(); r.pos < len(r.data); r.plain() {
		switch c := r.data[r.pos]; {
		case c == '"':
			out = appendValid(out, r.data[start:r.pos])
			r.pos++
			r.scratch = out
			return out, true
		case c == '\\':
			out = appendValid(out, r.data[start:r.pos])
			out = r.escape(out)
			start = r.pos
		case c < ' ':
			r.bad = true
		default:
			r.pos++
		}
		if r.bad {
			return nil, false
		}
	}
	r.bad = true
	return nil, false
}

// appendValid puts U+FFFD for each byte that is no UTF-8.
func appendValid(out, text []byte) []byte {
	if utf8.Valid(text) {
		return append(out, text...)
	}
	for _, c := range string(text) {
		out = utf8.AppendRune(out, c)
	}
	return out
}

// escape reads one escape and appends what it stands for. Half a surrogate pair is U+FFFD.
func (r *jsonReader) escape(out []byte) []byte {
	r.pos++
	if r.pos >= len(r.data) {
		r.bad = true
		return out
	}
	c := r.data[r.pos]
	r.pos++
	switch c {
	case '"', '\\', '/':
		return append(out, c)
	case 'b':
		return append(out, '\b')
	case 'f':
		return append(out, '\f')
	case 'n':
		return append(out, '\n')
	case 'r':
		return append(out, '\r')
	case 't':
		return append(out, '\t')
	case 'u':
		return utf8.AppendRune(out, r.unicode())
	}
	r.bad = true
	return out
}

func (r *jsonReader) unicode() rune {
	c := r.hex4()
	if !utf16.IsSurrogate(c) {
		return c
	}
	if after := r.pos; r.pos+1 < len(r.data) && r.data[r.pos] == '\\' && r.data[r.pos+1] == 'u' {
		r.pos += 2
		if both := utf16.DecodeRune(c, r.hex4()); both != utf8.RuneError {
			return both
		}
		r.pos = after // the other escape stands for itself
	}
	return utf8.RuneError
}

func (r *jsonReader) hex4() (c rune) {
	if !r.must(r.pos+4 <= len(r.data)) {
		return 0
	}
	for _, d := range r.data[r.pos : r.pos+4] {
		switch {
		case '0' <= d && d <= '9':
			c = c<<4 | rune(d-'0')
		case 'a' <= d|0x20 && d|0x20 <= 'f':
			c = c<<4 | rune(d|0x20-'a'+10)
		default:
			r.bad = true
		}
	}
	r.pos += 4
	return c
}

// skip reads any value and keeps nothing.
func (r *jsonReader) skip() {
	switch c := r.peek(); {
	case r.bad:
	case c == '{':
		r.object(func([]byte) { r.skip() })
	case c == '[':
		r.array(r.skip)
	case c == '"':
		r.text()
	case c == 't':
		r.literal("true")
	case c == 'f':
		r.literal("false")
	case c == 'n':
		r.literal("null")
	default:
		r.number()
	}
}

func (r *jsonReader) literal(word string) {
	r.peek()
	if r.must(len(r.data)-r.pos >= len(word) && string(r.data[r.pos:r.pos+len(word)]) == word) {
		r.pos += len(word)
	}
}

func (r *jsonReader) number() {
	r.eat('-')
	if r.pos < len(r.data) && r.data[r.pos] == '0' {
		r.pos++
	} else {
		r.digits()
	}
	if r.pos < len(r.data) && r.data[r.pos] == '.' {
		r.pos++
		r.digits()
	}
	if r.pos < len(r.data) && r.data[r.pos]|0x20 == 'e' {
		r.pos++
		if r.pos < len(r.data) && (r.data[r.pos] == '+' || r.data[r.pos] == '-') {
			r.pos++
		}
		r.digits()
	}
}

// digits reads one digit or more.
func (r *jsonReader) digits() {
	start := r.pos
	for r.pos < len(r.data) && '0' <= r.data[r.pos] && r.data[r.pos] <= '9' {
		r.pos++
	}
	r.must(r.pos > start)
}
