package bitbucket

import (
	"regexp"
	"strings"
	"unicode"
)

// A scrubber makes a server's texts fit to be printed: no secret, no control characters, not
// endless.
type scrubber struct {
	secrets func() []string // a function, because fmt shows no more of it than an address
}

const (
	maxText   = 300 // bytes
	minSecret = 4   // what is shorter is no secret, and would be found everywhere
)

// tokenLike finds Atlassian's tokens by their prefix, whole or cut short: not only our own.
var tokenLike = regexp.MustCompile(`AT(ATT|CTT|BB)[0-9A-Za-z_\-=]{8,}`)

// newScrubber knows the token and the form of it that travels in a Basic header. Padding is
// taken off, so that it is found with and without.
func newScrubber(c Credential) scrubber {
	secrets := []string{strings.TrimRight(c.basic(), "="), c.Token()}
	return scrubber{func() []string { return secrets }}
}

func (s scrubber) redact(text string) string {
	for _, secret := range s.secrets() {
		if len(secret) >= minSecret {
			text = strings.ReplaceAll(text, secret, "[redacted]")
		}
	}
	return tokenLike.ReplaceAllString(text, "[redacted]")
}

func (s scrubber) clean(text string) string {
	text = s.redact(strings.ToValidUTF8(text, "\uFFFD"))
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return !unicode.IsGraphic(r) || unicode.IsSpace(r)
	}), " ")
	text = strings.TrimSuffix(text, ".")
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "") + "…"
	}
	return text
}
