// Stand-in until branch people is merged: delete this file there.

package people

import "strings"

type Assistants struct{}

func NewAssistants(extra []string) (*Assistants, error) { return &Assistants{}, nil }
func (a *Assistants) In(message string) []string {
	if strings.Contains(message, "noreply@anthropic.com") {
		return []string{"claude"}
	}
	if strings.Contains(message, "cursoragent@cursor.com") {
		return []string{"cursor"}
	}
	return nil
}
func (a *Assistants) OfAuthor(raw string) string { return "" }
func (a *Assistants) CoAuthors(message string) (all []string) {
	for line := range strings.Lines(message) {
		if rest, ok := strings.CutPrefix(line, "Co-authored-by: "); ok {
			all = append(all, strings.TrimSpace(rest))
		}
	}
	return all
}
