package report

import "strings"

// ParseAuthor reads a commit's author as git does: the e-mail stands between the first "<" and
// the next ">", the name before it. Text without "<" is an e-mail where it looks like one, and
// else a name. Whatever is missing is empty; nothing is an error, for Bitbucket passes on
// whatever a commit says.
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

func looksLikeEmail(s string) bool {
	local, domain, found := strings.Cut(s, "@")
	return found && local != "" && domain != "" && !strings.ContainsAny(s, " \t\"<>()") &&
		!strings.Contains(domain, "@")
}
