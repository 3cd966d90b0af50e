package people

import (
	"iter"
	"strings"
	"unicode"
)

// A mark is a line of a message that says how a commit was written. Git's own rule for trailers, that they
// are the last paragraph, would miss those of squashed commits and of tools that write behind them.
type mark struct {
	key, value string
	isTrailer  bool // it has a colon; else it is a footer
	hasEmoji   bool // it begins with one
}

// marks yields the trailers and footers of a message that may name co-authors or assistants. Trailers count
// on any line below the subject, since a squashed commit has the trailers of several. A footer without an
// emoji begins a paragraph or stands below a trailer: elsewhere the same words are a line of prose. A quoted
// line, which begins with > or a quotation mark, is none of them.
func marks(message string) iter.Seq[mark] {
	return func(yield func(mark) bool) {
		above, body := cutLine(strings.TrimSpace(message))
		for body != "" {
			line, rest := cutLine(body)
			m, ok := parseMark(line)
			switch {
			case ok && m.isTrailer:
				m.value, rest = unfold(m.value, line, rest)
			case ok:
				ok = m.hasEmoji || endsProse(above)
			}
			if ok && !yield(m) {
				return
			}
			above, body = line, rest
		}
	}
}

func cutLine(text string) (line, rest string) {
	line, rest, _ = strings.Cut(text, "\n")
	return line, rest
}

// endsProse reports whether a line is blank, a footer or a trailer of any key, such as Signed-off-by: behind
// one of these, a line does not continue a sentence.
func endsProse(line string) bool {
	line = strings.TrimSpace(line)
	_, isMark := parseMark(line)
	key, _, isTrailer := strings.Cut(line, ": ")
	return line == "" || isMark || isTrailer && !strings.Contains(key, " ")
}

// unfold adds to a trailer's value the lines that it goes on in. They are indented deeper than its first:
// git merge --squash indents whole messages.
func unfold(value, line, body string) (unfolded, rest string) {
	for body != "" {
		next, rest := cutLine(body)
		text := strings.TrimSpace(next)
		_, isMark := parseMark(next)
		if text == "" || isMark || indent(next) <= indent(line) {
			break
		}
		value, body = strings.TrimSpace(value+" "+text), rest
	}
	return value, body
}

func indent(line string) int { return len(line) - len(strings.TrimLeft(line, " \t")) }

// parseMark reads "Key: value", or "Generated with value" behind an emoji or in Markdown's emphasis. Keys
// may be spelled with blanks instead of hyphens. A line of prose has none of the keys, or goes on behind
// the name.
func parseMark(line string) (m mark, ok bool) {
	if len(line) < len("made-with x") || isPlain[line[0]] {
		return m, false // most lines are prose: this is all that they cost
	}
	line = strings.TrimLeft(strings.TrimSpace(line), "*_")
	text := strings.TrimLeftFunc(line, isEmoji)
	if m.hasEmoji = len(text) < len(line); m.hasEmoji {
		text = strings.TrimLeft(text, " \t*_")
	}
	for _, key := range markKeys {
		if len(text) <= len(key) || !equalKey(text[:len(key)], key) {
			continue
		}
		m.key = key
		m.value, m.isTrailer = strings.CutPrefix(strings.TrimLeft(text[len(key):], " \t"), ":")
		m.value = strings.Trim(m.value, "* \t")
		isFooter := text[len(key)] == ' ' && (m.hasEmoji || strings.HasSuffix(key, "-with"))
		return m, m.isTrailer || isFooter
	}
	return m, false
}

// isPlain has the bytes that no mark begins with: those of ASCII but blanks, emphasis, and a, c, g and m.
var isPlain = func() (plain [256]bool) {
	for c := range 0x80 {
		plain[c] = !strings.ContainsRune(" \t\r\v\f*_acgmACGM", rune(c))
	}
	return plain
}()

// isEmoji also has what joins emojis with each other.
func isEmoji(r rune) bool { return r >= 0x80 && unicode.In(r, unicode.S, unicode.M, unicode.Cf) }

// markKeys are keys of trailers. Behind an emoji, all of them begin footers as well, and those that end in
// -with do so without one: Generated with Claude Code.
var markKeys = []string{
	"co-authored-by", "co-authored-with", "assisted-by", "assisted-with", "generated-by", "generated-with",
	"made-by", "made-with", "authored-with", "co-developed-by",
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
