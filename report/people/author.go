package people

import (
	"cmp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"trunkstat/store"
)

// ParseAuthor reads a commit's author as git does: the e-mail stands between the first "<" and the next
// ">", the name before it. Text without "<" is an e-mail if it looks like one, and else a name. Missing
// parts are empty, and nothing is an error, since Bitbucket passes on whatever a commit says.
func ParseAuthor(raw string) (name, email string) {
	raw = strings.TrimSpace(raw)
	name, rest, found := strings.Cut(raw, "<")
	if !found {
		if looksLikeEmail(raw) {
			return "", raw
		}
		return raw, ""
	}
	email, _, _ = strings.Cut(rest, ">")
	return strings.TrimSpace(name), strings.TrimSpace(email)
}

// looksLikeEmail is stricter than the mail standards, whose quoted local parts no author has.
func looksLikeEmail(s string) bool {
	local, domain, found := strings.Cut(s, "@")
	return found && local != "" && domain != "" && !strings.ContainsAny(s, " \t\"<>()") &&
		!strings.Contains(domain, "@")
}

// tidy returns a name in one Unicode form and with single blanks, as it is shown. Names that differ in
// these alone are the same text to a reader.
func tidy(name string) string {
	isOther := func(r rune) bool { return r != ' ' && unicode.IsSpace(r) }
	if strings.Contains(name, "  ") || strings.ContainsFunc(name, isOther) {
		name = strings.Join(strings.Fields(name), " ")
	}
	return norm.NFC.String(name)
}

// FoldName returns the form of a name in which names are compared: two names are equal if they differ in
// case, Unicode form or the number of blanks alone.
func FoldName(name string) string { return store.Fold(tidy(name)) }

// FoldEmail returns the form of an e-mail address in which addresses are compared. The case of the local part
// is ignored too: nearly all mail servers do so, and people type their address in either case.
func FoldEmail(email string) string { return strings.ToLower(norm.NFC.String(email)) }

// A spelling is a name and an e-mail that an author may be shown with.
type spelling struct{ name, email string }

func (s spelling) compare(other spelling) int {
	return cmp.Or(strings.Compare(s.name, other.name), strings.Compare(s.email, other.email))
}

// An alias is one author's spelling, as the mailmap has it.
type alias struct {
	spelling
	raw          spelling // as the commits have it
	mapped       bool     // the mailmap has a line for it
	mappedByName bool     // that line is about this name, not only about the e-mail
}

func newAlias(author store.Author, m *Mailmap) (a alias) {
	a.raw.name, a.raw.email = ParseAuthor(author.Raw)
	a.name, a.email, a.mapped = m.Map(a.raw.name, a.raw.email)
	_, a.mappedByName = m.find(a.raw.name, a.raw.email)
	a.name = tidy(a.name)
	return a
}

// moved reports whether the mailmap gave the author another e-mail.
func (a alias) moved() bool { return FoldEmail(a.email) != FoldEmail(a.raw.email) }

// matches reports whether match is true for one of the author's names and e-mails.
func (a alias) matches(match func(text string) bool) bool {
	return match(a.name) || match(a.email) ||
		a.raw.name != a.name && match(a.raw.name) || a.raw.email != a.email && match(a.raw.email)
}
