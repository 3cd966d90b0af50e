package bitbucket

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// TestScrubber: no spelling of the secret, and no long piece of it, stays.
func TestScrubber(t *testing.T) {
	cred := credential(t, "ann@example.com", testToken)
	s := newScrubber(cred)
	percent := ""
	for _, c := range []byte(testToken) {
		percent += fmt.Sprintf("%%%02x", c)
	}
	std, plain := base64.StdEncoding, base64.RawURLEncoding
	spellings := []string{
		testToken, testToken[:minPiece], testToken[5 : 5+minPiece], testToken[len(testToken)-minPiece:],
		url.QueryEscape(testToken), url.PathEscape(testToken), percent, strings.ToUpper(percent), percent[3:45],
		hex.EncodeToString([]byte(testToken)), fmt.Sprintf("%X", testToken), hex.EncodeToString([]byte(testToken[4:20])),
		std.EncodeToString([]byte(testToken)), plain.EncodeToString([]byte(testToken)),
		std.EncodeToString([]byte("ann@example.com:" + testToken)), std.EncodeToString([]byte("Bearer " + testToken)),
		std.EncodeToString([]byte("x" + testToken + "y")), std.EncodeToString([]byte("xy" + testToken)),
		cred.authorization(),
	}
	for _, secret := range spellings {
		for _, text := range []string{secret, "a" + secret + "b", "token=" + secret + ", bad"} {
			got := s.clean(text)
			noToken(t, secret, got)
			for i := 0; i+20 <= len(secret); i++ {
				if strings.Contains(got, secret[i:i+20]) {
					t.Errorf("%s is printed as %s", text, got)
					break
				}
			}
		}
	}
	if got := s.clean("bad token '" + testToken + "'!"); got != "bad token '[redacted]'!" {
		t.Errorf("got %s", got)
	}
	for _, secret := range []string{"ATATT3xFfGF0abcdefgh", "ATCTT3xFfGN0abcdefgh", "ATBBabcdefgh12345678", "ATSTT3xabcdefgh123"} {
		if got := s.clean("for " + secret + "."); got != "for [redacted]" {
			t.Errorf("another token, %s, is printed as %s", secret, got)
		}
	}
}

// TestScrubberLeavesWords: what only looks a little like a token stays as it is.
func TestScrubberLeavesWords(t *testing.T) {
	s := newScrubber(credential(t, "ann@example.com", testToken))
	for _, text := range []string{"/tmp/ATLANTA-projects/t.db", "ATTACHMENTS-2025-03", "ATATT", "ATCTT3x", "ATBB", "the scope read:repository:bitbucket",
		hashA, "Commit not found", "secret_0123", "ann@example.com", "https://api.bitbucket.org/2.0/repositories/acme"} {
		if got := s.clean(text); got != text {
			t.Errorf("%s is printed as %s", text, got)
		}
	}
	short := newScrubber(credential(t, "", "abc"))
	if got := short.clean("abcabc"); got != "abcabc" {
		t.Errorf("a token of three letters: %s", got)
	}
}

// TestScrubberOfShortTokens: a token of any length is taken, and found in a text from minSecret on.
func TestScrubberOfShortTokens(t *testing.T) {
	for n := 1; n <= 2*minPiece; n++ {
		token := "zYx7wVu6tSr5qPo4nMl3kJi2"[:n]
		for _, email := range []string{"", "ann@example.com"} {
			got := newScrubber(credential(t, email, token)).clean("bad <" + token + ">")
			if found := !strings.Contains(got, "<"+token+">"); found != (n >= minSecret) {
				t.Errorf("%d characters: %s", n, got)
			}
		}
	}
}
