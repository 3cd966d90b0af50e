package bitbucket

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode"
)

// A scrubber makes a server's texts fit to be printed: no secret, no control characters, not
// endless.
type scrubber struct {
	secrets func() []spelling // a function, because fmt shows no more of it than an address
}

// A spelling is a way to write the secret. A text must not hold a piece of it of that length.
type spelling struct {
	text  string
	piece int
}

const (
	maxText     = 300  // bytes of what is printed: a sentence or two
	maxScrubbed = 4096 // bytes of what is looked at
	minPiece    = 12   // characters of a secret that give it away; tokens have 30 to 200
	minSecret   = 4    // what is shorter is no secret, and would be found everywhere
)

// tokenLike finds Atlassian's tokens by their prefixes, whole or cut short, also those that are not the
// client's. Package store/command has a pattern of its own, for what users typed in the wrong place: it
// leaves the prefix to be recognised.
var tokenLike = regexp.MustCompile(`(?:AT(?:ATT|CTT)3x|ATSTT|ATBB)[0-9A-Za-z_\-=]{8,}`)

const redacted = "[redacted]"

// newScrubber knows the token, the form of it that travels in a Basic header, and what servers
// make of one that they repeat: percent-encoded, hexadecimal, base64.
func newScrubber(c Credential) scrubber {
	token := c.Token()
	if len(token) < minSecret {
		return scrubber{func() []spelling { return nil }}
	}
	var spellings []spelling
	add := func(text string, least, perChar int) {
		if s := (spelling{text, min(len(text), minPiece*perChar)}); s.piece >= least {
			spellings = append(spellings, s)
		}
	}
	add(token, minSecret, 1)
	add(url.QueryEscape(token), minSecret, 1)
	for _, digits := range []string{hex.EncodeToString([]byte(token)), fmt.Sprintf("%X", token)} {
		percent := ""
		for i := 0; i < len(digits); i += 2 {
			percent += "%" + digits[i:i+2]
		}
		add(digits, 2*minSecret, 2)
		add(percent, 3*minSecret, 3)
	}
	for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		add(enc.EncodeToString([]byte(c.Email+":"+token)), 2*minSecret, 1)
		for before := range 3 { // the bytes that share a group of four with the token's first
			text := enc.EncodeToString([]byte("   "[:before] + token))
			add(text[(4*before+2)/3:len(text)-len(text)%4], 2*minSecret, 1)
		}
	}
	return scrubber{func() []spelling { return spellings }}
}

// redact replaces what looks like a token, and every piece of the secret.
func (s scrubber) redact(text string) string {
	text = tokenLike.ReplaceAllString(text, redacted)
	secret := make([]bool, len(text))
	for _, spelling := range s.secrets() {
		for i := 0; i+spelling.piece <= len(text); i++ {
			if strings.Contains(spelling.text, text[i:i+spelling.piece]) {
				for j := range spelling.piece {
					secret[i+j] = true
				}
			}
		}
	}
	var b strings.Builder
	for i := range len(text) {
		switch {
		case !secret[i]:
			b.WriteByte(text[i])
		case i == 0 || !secret[i-1]:
			b.WriteString(redacted)
		}
	}
	return b.String()
}

// clean makes one line of a text. It cuts the text before it looks for secrets, because that takes
// time for each byte, and to the length that is printed after it, because the first characters of a
// secret alone are not found.
func (s scrubber) clean(text string) string {
	text = s.redact(strings.ToValidUTF8(text[:min(len(text), maxScrubbed)], "\uFFFD"))
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return !unicode.IsGraphic(r) || unicode.IsSpace(r)
	}), " ")
	text = strings.TrimSuffix(text, ".")
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "") + "…"
	}
	return text
}
