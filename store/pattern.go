package store

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// A Pattern is a glob with which a user selects repositories, projects or people. It means the same in
// every command: *, ?, [a-z] and [^x] as in path.Match, [!x] like [^x], and neither case nor the Unicode
// form of a letter matters.
type Pattern struct{ folded string }

// Patterns are several; a text matches them if it matches one.
type Patterns []Pattern

// NewPatterns returns an error that names the pattern if one of the texts is empty or not a valid glob.
func NewPatterns(texts ...string) (Patterns, error) {
	patterns := make(Patterns, 0, len(texts))
	for _, text := range texts {
		p := Pattern{Fold(text)}
		if _, err := path.Match(p.glob(), ""); text == "" || err != nil {
			return nil, fmt.Errorf("invalid pattern %q", text)
		}
		patterns = append(patterns, p)
	}
	return patterns, nil
}

// Match reports whether the whole text matches the pattern. A star does not match a slash.
func (p Pattern) Match(text string) bool {
	matched, err := path.Match(p.glob(), Fold(text))
	return matched && err == nil
}

// MatchRepository matches workspace/slug if the pattern has a slash, and else the slug alone.
func (p Pattern) MatchRepository(workspace, slug string) bool {
	if strings.Contains(p.folded, "/") {
		return p.Match(workspace + "/" + slug)
	}
	return p.Match(slug)
}

// MatchPart matches people: a pattern without *, ? and brackets need only be a part of the text. One with
// them also matches itself as a part, so that "[bot]" finds "ci[bot]". A slash in a name means nothing.
func (p Pattern) MatchPart(text string) bool {
	text = Fold(text)
	if strings.Contains(text, p.folded) {
		return true
	}
	noSlash := strings.NewReplacer("/", "\x00")
	matched, err := path.Match(noSlash.Replace(p.glob()), noSlash.Replace(text))
	return p.isGlob() && matched && err == nil
}

// Match reports whether the whole text matches one of the patterns.
func (ps Patterns) Match(text string) bool {
	return slices.ContainsFunc(ps, func(p Pattern) bool { return p.Match(text) })
}

// MatchRepository reports whether the repository matches one of the patterns.
func (ps Patterns) MatchRepository(workspace, slug string) bool {
	return slices.ContainsFunc(ps, func(p Pattern) bool { return p.MatchRepository(workspace, slug) })
}

// MatchPart reports whether one of the patterns matches the text as it matches people.
func (ps Patterns) MatchPart(text string) bool {
	return slices.ContainsFunc(ps, func(p Pattern) bool { return p.MatchPart(text) })
}

func (p Pattern) isGlob() bool { return strings.ContainsAny(p.folded, "*?[]") }

// glob is the pattern as path.Match reads it, which does not know the [!x] of shells and git.
func (p Pattern) glob() string { return strings.ReplaceAll(p.folded, "[!", "[^") }

// Fold returns the form of a text in which two texts are equal if they differ in case or in the Unicode
// form of their letters alone: file names of macOS come decomposed, all others composed.
func Fold(text string) string {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return norm.NFC.String(cases.Fold().String(norm.NFC.String(text)))
		}
	}
	return strings.ToLower(text)
}
