package store

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean makes text that others wrote safe to print on a terminal, on one line. It takes out
// escape sequences, control characters, and the invisible characters that reorder or hide text;
// newlines and tabs become a blank, and bytes that are not UTF-8 become U+FFFD.
func Clean(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for len(s) > 0 {
		if n := escapeLen(s); n > 0 {
			s = s[n:]
			continue
		}
		r, n := utf8.DecodeRuneInString(s)
		s = s[n:]
		switch {
		case unicode.IsSpace(r): // U+0085, U+2028 and U+2029 among them
			b.WriteByte(' ')
		case !isHidden(r):
			b.WriteRune(r)
		}
	}
	return b.String()
}

// isHidden reports whether r draws nothing itself but changes how a terminal shows the rest. The
// joiners stay: Persian, the scripts of India and emoji are written with them.
func isHidden(r rune) bool {
	const zwnj, zwj = '\u200c', '\u200d'
	return r != zwnj && r != zwj && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r))
}

// escapeLen is the length of the escape sequence that s begins with, or 0.
func escapeLen(s string) int {
	kind, n := introducer(s)
	switch kind {
	case 0:
		return 0
	case '[':
		return n + finalByte(s[n:], 0x30, 0x3f)
	case ']', 'P', 'X', '^', '_':
		return n + stringEnd(s[n:])
	}
	return n
}

// introducer finds what begins an escape sequence: ESC and a byte, or the C1 control of the same
// meaning. A lone ESC is a sequence of length 1.
func introducer(s string) (kind byte, n int) {
	if s[0] == 0x1b {
		if len(s) == 1 || s[1] < 0x20 || s[1] > 0x7e {
			return 0x1b, 1
		}
		if s[1] < 0x30 { // ESC, intermediates, a final byte: ESC ( B
			return 0x1b, 1 + finalByte(s[1:], 0x20, 0x2f)
		}
		return s[1], 2
	}
	if r, size := utf8.DecodeRuneInString(s); r >= 0x80 && r <= 0x9f && r != 0x85 {
		return byte(r - 0x40), size
	}
	return 0, 0
}

// finalByte is the length of a run of parameters (lo to hi) and intermediates with the byte that
// ends it. Where another byte follows, the sequence is broken and ends before it.
func finalByte(s string, lo, hi byte) int {
	i := 0
	for i < len(s) && (s[i] >= lo && s[i] <= hi || s[i] >= 0x20 && s[i] <= 0x2f) {
		i++
	}
	if i < len(s) && s[i] >= 0x30 && s[i] <= 0x7e {
		i++
	}
	return i
}

// stringEnd is the length of a control string (a window's title, a link) with its end, BEL or ST;
// 0 where it has none, so that a broken one does not swallow the rest of the text.
func stringEnd(s string) int {
	end := 0
	for _, stop := range []string{"\a", "\x1b\\", "\u009c"} {
		if i := strings.Index(s, stop); i >= 0 && (end == 0 || i+len(stop) < end) {
			end = i + len(stop)
		}
	}
	return end
}
