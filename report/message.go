package report

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Subject returns the first line of a message that is not blank.
func Subject(message string) string {
	for line := range strings.Lines(message) {
		if line = strings.TrimSpace(line); line != "" {
			return line
		}
	}
	return ""
}

// typeOf returns the type of a Conventional Commits subject, in lower case: "feat(api)!: …" is a feat. What
// git calls Revert "…" is a revert. The specification allows any word as a type, and so begin many subjects
// that have none ("Note: …", "store: …"); so a word that is not in use as a type needs a scope.
func typeOf(subject string) string {
	if strings.HasPrefix(subject, `Revert "`) {
		return "revert"
	}
	match := conventional.FindStringSubmatch(subject)
	if match == nil || match[2] == "" && !slices.Contains(types, strings.ToLower(match[1])) {
		return ""
	}
	return strings.ToLower(match[1])
}

var conventional = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9-]*)(\([^()]+\))?!?:[ \t]`)

// types are those of the specification, of Angular and of commitlint, and some that teams add.
var types = []string{
	"build", "chore", "ci", "docs", "feat", "fix", "perf", "refactor", "revert", "style", "test",
	"bugfix", "deps", "feature", "hotfix", "release", "security", "wip",
}

// issueOf returns the project of the first issue key in a subject: PAY for PAY-123.
func issueOf(subject string) string {
	if !strings.Contains(subject, "-") { // for speed alone
		return ""
	}
	for {
		at := issueKey().FindStringSubmatchIndex(subject)
		if at == nil {
			return ""
		}
		// The rest begins with the character behind the key: what ends one key may begin the next,
		// as the blank in "UTF-8 PAY-3".
		project, rest := subject[at[2]:at[3]], subject[at[4]:]
		_, isOther := slices.BinarySearch(notProjects, project)
		isVersion := len(rest) > 1 && rest[0] == '.' && '0' <= rest[1] && rest[1] <= '9' // PHP-8.2
		if !isVersion && !isOther {
			return project
		}
		subject = rest
	}
}

// An issueKey is not part of a word or a version. It may be part of a branch's name: feature/PAY-123-retry.
// It takes 0.1 ms to compile, for the classes of letters and digits, so it is compiled when a subject is read.
var issueKey = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?:^|[^\pL\pN_.-])([A-Z][A-Z0-9_]+)-[1-9][0-9]*($|[^\pL\pN_])`)
})

// notProjects look like projects of issue keys and are names of standards, encodings, algorithms and lists of
// vulnerabilities. They are sorted, so that each key costs few comparisons.
var notProjects = []string{
	"AES", "ARM", "AVX", "BASE", "BIP", "COVID", "CRC", "CVE", "CWE", "DSA", "ECMA", "EIP", "ERC", "ES",
	"FIPS", "GB", "GMT", "GPT", "HMAC", "HTTP", "IEC", "IEEE", "IPV", "ISO", "JSR", "LATIN", "MD", "MPEG",
	"MR", "NIST", "PEP", "PKCS", "PR", "PYSEC", "RC", "RFC", "RHSA", "RSA", "RUSTSEC", "SHA", "SHA2",
	"SHA3", "SOC", "SSE", "SSL", "TLS", "UCS", "USB", "USN", "UTC", "UTF", "VT", "WCAG", "WIN", "WINDOWS",
	"X86", "XXX",
}
