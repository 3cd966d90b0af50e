package people

import (
	"iter"
	"strings"
	"unicode/utf8"
)

// A mark is a line of a message that says how a commit was written.
type mark struct {
	key, value string
	isTrailer  bool // it has a colon; else it is a footer
}

// marks yields the trailers and footers of a message that may name co-authors or assistants. They count on
// any line below the subject, since a squashed commit has the trailers of several; a quoted line, which
// begins with > or a quotation mark, is none.
func marks(message string) iter.Seq[mark] {
	return func(yield func(mark) bool) {
		_, body, found := cutLine(message)
		for line := ""; found; {
			line, body, found = cutLine(body)
			if m, ok := parseMark(line); ok && !yield(m) {
				return
			}
		}
	}
}

// cutLine cuts the first line off a text; found is whether there is one.
func cutLine(text string) (line, rest string, found bool) {
	line, rest, _ = strings.Cut(text, "\n")
	return line, rest, text != ""
}

// parseMark reads "Key: value", or "Generated with value" behind an emoji. Keys may be spelled with blanks
// instead of hyphens. A line of prose has none of the keys, or goes on behind the name.
func parseMark(line string) (m mark, ok bool) {
	line = strings.TrimSpace(line)
	for len(line) > 0 && line[0] >= 0x80 { // an emoji, and what joins it with others
		_, size := utf8.DecodeRuneInString(line)
		line = line[size:]
	}
	line = strings.TrimLeft(line, " \t")
	if len(line) < len("made-with x") || !strings.ContainsRune("acgmACGM", rune(line[0])) {
		return m, false
	}
	for _, key := range markKeys {
		if len(line) <= len(key) || !equalKey(line[:len(key)], key) {
			continue
		}
		value, isTrailer := strings.CutPrefix(strings.TrimLeft(line[len(key):], " \t"), ":")
		if !isTrailer && (!strings.HasSuffix(key, "-with") || line[len(key)] != ' ') {
			return m, false
		}
		return mark{key, strings.TrimSpace(value), isTrailer}, true
	}
	return m, false
}

var markKeys = []string{
	"co-authored-by", "co-authored-with", "assisted-by", "assisted-with", "generated-by", "generated-with", "made-by",
	"made-with", "authored-with", "co-developed-by",
}

// equalKey compares a key in any case, with blanks or underscores for hyphens.
func equalKey(text, key string) bool {
	for i := range len(key) {
		switch c := text[i]; {
		case c|0x20 == key[i] && key[i] != '-', c == key[i]:
		case key[i] == '-' && (c == ' ' || c == '_'):
		default:
			return false
		}
	}
	return true
}
