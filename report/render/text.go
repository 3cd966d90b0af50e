package render

import (
	"strings"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"

	"trunkstat/store"
)

// width is that of text on a terminal. Nearly all text is plain, and need not be looked at by clusters.
func width(s string) int {
	if store.IsPlain(s) {
		return len(s)
	}
	return displaywidth.String(s)
}

// trimmed is text that may stand in a cell: clean, without blanks at its ends, and without what
// would join the blanks beside it and so change the width of the line, such as a combining mark
// at the beginning.
func trimmed(text string) string {
	for text = strings.TrimSpace(store.Clean(text)); !store.IsPlain(text); text = strings.TrimSpace(text) {
		_, first := utf8.DecodeRuneInString(text)
		_, last := utf8.DecodeLastRuneInString(text)
		switch columns := displaywidth.String(text); {
		case columns == 0:
			return "" // marks and joiners with nothing to join
		case displaywidth.String(" "+text) != columns+1:
			text = text[first:]
		case displaywidth.String(text+" ") != columns+1:
			text = text[:len(text)-last]
		default:
			return text
		}
	}
	return text
}
