package report

import (
	"path"
	"slices"
	"strings"
)

// A pattern is one that a user gave to choose repositories, projects or people.
type pattern struct{ folded string }

// parsePatterns refuses patterns that could only be mistakes: empty ones, and bad globs.
func parsePatterns(kind string, texts []string) ([]pattern, error) {
	patterns := make([]pattern, 0, len(texts))
	for _, text := range texts {
		p := pattern{strings.ToLower(text)}
		if text == "" {
			return nil, misuse("the pattern for %s is empty", kind)
		}
		if _, err := path.Match(p.glob(), ""); p.isGlob() && err != nil {
			return nil, misuse("the pattern %q for %s is no glob: %w", text, kind, err)
		}
		patterns = append(patterns, p)
	}
	return patterns, nil
}

func (p pattern) isGlob() bool { return strings.ContainsAny(p.folded, "*?[]") }

// glob is the pattern as path.Match reads it: [!a] is what shells and git write for its [^a].
func (p pattern) glob() string { return strings.ReplaceAll(p.folded, "[!", "[^") }

// matches reports whether the whole text fits the glob, with a star that stops at slashes.
func (p pattern) matches(text string) bool {
	matched, err := path.Match(p.glob(), strings.ToLower(text))
	return matched && err == nil
}

// matchesPart is the rule for people: with glob characters the whole text must fit, without
// them a part. A glob also finds itself, letter by letter, so that "[bot]" means what it says.
func (p pattern) matchesPart(text string) bool {
	text = strings.ToLower(text)
	if strings.Contains(text, p.folded) {
		return true
	}
	// A name may have slashes, which mean nothing in it.
	plain := strings.NewReplacer("/", "\x00")
	matched, err := path.Match(plain.Replace(p.glob()), plain.Replace(text))
	return p.isGlob() && matched && err == nil
}

// matchesRepository is the rule for repositories: the slug alone, unless the pattern has a
// slash.
func (p pattern) matchesRepository(workspace, slug string) bool {
	if strings.Contains(p.folded, "/") {
		return p.matches(workspace + "/" + slug)
	}
	return p.matches(slug)
}

// A choosing keeps what one of its patterns to keep matches, or all where there is none, but
// for what one of the others matches.
type choosing struct{ keep, drop []pattern }

func parseChoosing(kind string, keep, drop []string) (c choosing, err error) {
	if c.keep, err = parsePatterns(kind, keep); err != nil {
		return c, err
	}
	c.drop, err = parsePatterns(kind, drop)
	return c, err
}

func (c choosing) keeps(matches func(pattern) bool) bool {
	if slices.ContainsFunc(c.drop, matches) {
		return false
	}
	return len(c.keep) == 0 || slices.ContainsFunc(c.keep, matches)
}
