package bitbucket

import (
	"strings"
	"time"
)

// dateLayouts are RFC 3339, which Bitbucket sends, and the forms of ISO 8601 that its parts have
// sent over the years: a blank for T, an offset without its colon, no offset, which is UTC.
var dateLayouts = []string{
	time.RFC3339,
	"2006-01-02T15:04:05Z0700",
	"2006-01-02T15:04:05Z07",
	"2006-01-02T15:04:05",
}

// parseDate reads a date and time; ok is false for what is in no calendar.
func parseDate(text string) (t time.Time, ok bool) {
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), true
		}
	}
	if upper := strings.Replace(strings.ToUpper(text), " ", "T", 1); upper != text {
		return parseDate(upper)
	}
	return time.Time{}, false
}
