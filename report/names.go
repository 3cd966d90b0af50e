package report

import (
	"slices"

	"trunkstat/store"
)

// Names are the values of a dimension that is neither a time, nor known before commits are read: teams,
// groups, types. A value is the index of its text. Value 0 is that of a commit which has no name; its text
// is in brackets.
type names struct {
	texts  []string
	values map[string]int32 // by text

	// What a filter makes of the names, by value: whether it includes what has the name, and whether it
	// excludes what has the name, whatever other names it has.
	include, exclude []bool
}

// value returns the value of a text, a new one if the text is new. That of no text is 0.
func (n *names) value(text string) int32 {
	if text == "" || text == n.texts[0] {
		return 0
	}
	value, known := n.values[text]
	if !known {
		if n.values == nil {
			n.values = map[string]int32{}
		}
		value = int32(len(n.texts))
		n.values[text], n.texts = value, append(n.texts, text)
	}
	return value
}

// apply sets what the filter makes of the names that there are.
func (n *names) apply(f patternFilter) {
	for _, text := range n.texts {
		matches := func(p store.Pattern) bool { return p.Match(text) }
		n.include = append(n.include, len(f.include.patterns) == 0 || f.include.match(matches))
		n.exclude = append(n.exclude, f.exclude.match(matches))
	}
}

// filter returns those values that the filter includes: none at all if it excludes one of them. It uses the
// memory of values again.
func (n *names) filter(values []int32) []int32 {
	if len(values) == 0 {
		values = append(values, 0)
	}
	if slices.ContainsFunc(values, func(v int32) bool { return n.exclude[v] }) {
		return values[:0]
	}
	return slices.DeleteFunc(values, func(v int32) bool { return !n.include[v] })
}
