package githistory

import (
	"bytes"
	"encoding/hex"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
)

// A Hash is a commit's SHA-1, raw.
type Hash [20]byte

// String writes 40 lower-case hexadecimal digits.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

func parseHash(text string) (h Hash, ok bool) {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(h) {
		return h, false
	}
	return Hash(raw), true
}

// A Commit is a commit as Bitbucket's API tells it.
type Commit struct {
	Hash      Hash
	Parents   []Hash // as the object has them, also where a shallow clone ends
	Date      int64  // the committer's clock, seconds since 1970; 0 where it cannot be read
	AuthorRaw string // "name <e-mail>"
	Message   string
}

// decode reads a commit object. What git tolerates is tolerated: any part may be missing. The message
// ends at a NUL, because it does in git log and in libgit2.
func decode(hash Hash, object []byte) Commit {
	c := Commit{Hash: hash}
	header, message, _ := bytes.Cut(object, []byte("\n\n"))
	message, _, _ = bytes.Cut(message, []byte{0})
	var author, charset string
	// Further lines of a header, as signatures have, begin with a blank, and so have no name here.
	for line := range strings.Lines(string(header)) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		switch name {
		case "parent":
			if p, ok := parseHash(value); ok {
				c.Parents = append(c.Parents, p)
			}
		case "author":
			author = value
		case "committer":
			c.Date = parseDate(value)
		case "encoding":
			charset = value
		}
	}
	c.AuthorRaw, c.Message = toUTF8(parseAuthor(author), charset), toUTF8(string(message), charset)
	return c
}

// parseAuthor takes the name and the e-mail of an author line as git does: the name ends before the
// first <, the e-mail at the first > behind that. A line without them has neither.
func parseAuthor(line string) string {
	name, rest, _ := strings.Cut(line, "<")
	email, _, ok := strings.Cut(rest, ">")
	if !ok {
		return " <>"
	}
	return strings.TrimRight(name, " \t\r") + " <" + email + ">"
}

// parseDate reads the seconds of a committer line, which stand behind the e-mail. git takes a number that
// it cannot hold for 1970.
func parseDate(line string) int64 {
	date, _, _ := strings.Cut(strings.TrimSpace(line[strings.LastIndexByte(line, '>')+1:]), " ")
	seconds, err := strconv.ParseUint(date, 10, 63)
	if err != nil {
		return 0
	}
	return int64(seconds)
}

// toUTF8 converts text from the encoding that a commit's header names, by IANA's name or else by the one that
// browsers use. Bitbucket gives UTF-8, so that a commit is one record whatever way it came. Text that is not
// in that encoding is taken for UTF-8, as git takes it. Each invalid byte becomes U+FFFD, as in JSON.
func toUTF8(text, charset string) string {
	if strings.EqualFold(charset, "latin-1") {
		charset = "latin1" // which is in the index
	}
	e, err := ianaindex.IANA.Encoding(charset)
	if err != nil || e == nil {
		e, err = htmlindex.Get(charset)
	}
	if err == nil {
		decoded, err := e.NewDecoder().String(text)
		if err == nil && !strings.ContainsRune(decoded, utf8.RuneError) {
			return decoded
		}
	}
	return string([]rune(text))
}
