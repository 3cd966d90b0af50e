package people

import (
	"cmp"
	"io"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// A Mailmap maps the names and e-mails in commits to proper ones, as git's .mailmap does; see
// gitmailmap(5). All comparisons ignore the case of ASCII letters, and no others, as git's do.
type Mailmap struct {
	emails map[string]*mailmapEntry // by folded commit e-mail
}

// A mailmapEntry is what the lines about one commit e-mail say: for everybody who uses it, and for
// those who use it under one name.
type mailmapEntry struct {
	proper
	names map[string]proper // by folded commit name
}

// A proper name or e-mail that is empty leaves the commit's own.
type proper struct{ name, email string }

// ParseMailmap reads git's format. What git passes over in silence (a line without an e-mail, a
// comment) is passed over here; later lines overrule earlier ones. A file with a byte order mark may be in
// UTF-16, as PowerShell writes it. Errors are r's alone.
func ParseMailmap(r io.Reader) (*Mailmap, error) {
	m := &Mailmap{emails: map[string]*mailmapEntry{}}
	text, err := io.ReadAll(transform.NewReader(r, unicode.BOMOverride(transform.Nop)))
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(text)) {
		m.line(line)
	}
	return m, nil
}

// line adds what a line says: the proper contact comes first, and the one of the commits behind it. If there
// is one alone, its e-mail is that of the commits, and its name the proper one.
func (m *Mailmap) line(line string) {
	if strings.HasPrefix(line, "#") {
		return
	}
	name, email, rest, ok := cutContact(line)
	if !ok || email == "" {
		return
	}
	oldName, oldEmail, _, ok := cutContact(rest)
	if !ok {
		m.put("", email, proper{name: name})
		return
	}
	m.put(oldName, oldEmail, proper{name, email})
}

// put adds one mapping. An entry without a commit name keeps what an earlier line gave and this
// one does not; one with a commit name replaces it whole. Both are git's ways.
func (m *Mailmap) put(oldName, oldEmail string, to proper) {
	entry := m.emails[foldASCII(oldEmail)]
	if entry == nil {
		entry = &mailmapEntry{names: map[string]proper{}}
		m.emails[foldASCII(oldEmail)] = entry
	}
	if oldName != "" {
		entry.names[foldASCII(oldName)] = to
		return
	}
	entry.proper = proper{cmp.Or(to.name, entry.name), cmp.Or(to.email, entry.email)}
}

// Map gives the proper name and e-mail for those of a commit; mapped reports whether some line
// was about them. A nil Mailmap maps nothing. The same mailmap gives the same answers as git check-mailmap.
func (m *Mailmap) Map(name, email string) (properName, properEmail string, mapped bool) {
	to, _ := m.find(name, email)
	return cmp.Or(to.name, name), cmp.Or(to.email, email), to != (proper{})
}

// find gives the mapping for a name and e-mail, and whether it is one for that name alone.
func (m *Mailmap) find(name, email string) (to proper, named bool) {
	if m == nil {
		return proper{}, false
	}
	entry := m.emails[foldASCII(email)]
	if entry == nil {
		return proper{}, false
	}
	if to, named = entry.names[foldASCII(name)]; named {
		return to, true
	}
	return entry.proper, false
}

// cutContact cuts "Name <email>" from the front of s. A name or an e-mail may be empty.
func cutContact(s string) (name, email, rest string, ok bool) {
	name, rest, ok = strings.Cut(s, "<")
	if !ok {
		return "", "", "", false
	}
	email, rest, ok = strings.Cut(rest, ">")
	return strings.Trim(name, cSpace), email, rest, ok
}

// cSpace are the characters that C's isspace knows, which git trims.
const cSpace = " \t\n\v\f\r"

// foldASCII lowers ASCII letters, as git's comparisons do, and keeps every other byte.
func foldASCII(s string) string {
	folded := []byte(s)
	for i, c := range folded {
		if 'A' <= c && c <= 'Z' {
			folded[i] = c + 'a' - 'A'
		}
	}
	return string(folded)
}
