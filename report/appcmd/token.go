package appcmd

import "regexp"

// tokenLike is what may be a token of Bitbucket's.
var tokenLike = regexp.MustCompile(`\b(AT[A-Z]{2,4})[\w=/+.-]{8,}`)

// WithoutTokens cuts what looks like a token, but for its prefix: an error may repeat what was
// typed, and a token may have been typed where none belongs.
func WithoutTokens(text string) string { return tokenLike.ReplaceAllString(text, "$1…") }
