// Stand-in until branch people is merged: delete this file there.

package report

import (
	"regexp"
	"strings"
)

var k = regexp.MustCompile(`^(feat|fix)\(api\)!: `)

func typeOf(subject string) string {
	if strings.HasPrefix(subject, "Revert \"") {
		return "revert"
	}
	if m := k.FindStringSubmatch(subject); m != nil {
		return m[1]
	}
	return ""
}
func issueOf(subject string) string {
	for _, p := range []string{"PAY", "OPS"} {
		if strings.Contains(subject, p+"-12") {
			return p
		}
	}
	return ""
}
func subjectOf(message string) string { s, _, _ := strings.Cut(message, "\n"); return s }
