package store

import (
	"regexp"
	"strings"
	"unicode"
)

// Clean makes text that others wrote safe to print on a terminal, on one line. It takes out escape
// sequences, control characters, and the invisible characters that reorder or hide text; newlines and
// tabs become a blank, and bytes that are not UTF-8 become U+FFFD.
func Clean(s string) string {
	if IsPlain(s) {
		return s
	}
	s = string([]rune(s)) // before anything is taken out: what is left must not make new characters
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r): // U+0085, U+2028 and U+2029 among them
			return ' '
		case IsHidden(r):
			return -1
		}
		return r
	}, escapeSequence.ReplaceAllLiteralString(s, ""))
}

// An escapeSequence begins with ESC and a byte, or with the C1 control of the same meaning. Where
// its end is missing, only its beginning is removed, and the rest of the text is kept.
var escapeSequence = regexp.MustCompile(
	// a control sequence, of parameters and a final byte: a colour, a move of the cursor
	`(?:\x1b\[|\x{9b})[ -?]*[0-~]?` +
		// a control string with its end, BEL or ST: the title of a window, a link
		`|(?:\x1b[\]PX^_]|[\x{90}\x{98}\x{9d}-\x{9f}])(?:(?s:.*?)(?:\x07|\x1b\\|\x{9c}))?` +
		// any other: a character set, a reset
		`|\x1b[ -/]*[0-~]?`)

// IsPlain reports whether s is printable ASCII throughout, as nearly every name is.
func IsPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// IsHidden reports whether r draws nothing itself but changes how a terminal shows the rest. The
// joiners stay: Persian, the scripts of India and emoji are written with them.
func IsHidden(r rune) bool {
	const zwnj, zwj = '\u200c', '\u200d'
	if r >= ' ' && r <= '~' {
		return false
	}
	return r != zwnj && r != zwj && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r))
}
