package bitbucket

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
)

// reason finds a 403 that another token would get too: an IP allow list, two-step verification
// that is off, a plan that does not include it.
var reason = regexp.MustCompile(`(?i)\bIP\b|\b(allow|white)[- ]?list|` +
	`\b(two|2)[- ]?(step|factor)\b|\b2(fa|sv)\b|\b(plan|premium|upgrade|subscription|billing)\b`)

// envelope reads Bitbucket's body of an error, {"error":{"message":…,"detail":…,"data":…},"data":…}.
// The data is in the one member, the other, or both; the detail is a string, or an object for missing
// scopes. Fields of another form are left out, because the status counts whatever they are.
func (s scrubber) envelope(e *Error, problem, data json.RawMessage) {
	var fields struct{ Message, Detail, Data json.RawMessage }
	if json.Unmarshal(problem, &fields) != nil { // some gateways send a string
		e.Message = s.text(problem)
		return
	}
	e.Message = s.text(fields.Message)
	e.Detail = s.text(fields.Detail)
	var scopes struct{ Granted, Required json.RawMessage }
	if json.Unmarshal(fields.Detail, &scopes) == nil {
		granted := s.list(scopes.Granted)
		e.MissingScopes = slices.DeleteFunc(s.list(scopes.Required), func(scope string) bool {
			return slices.Contains(granted, scope)
		})
	}
	for _, raw := range []json.RawMessage{fields.Data, data} {
		var d struct{ Shas json.RawMessage }
		if len(e.Shas) == 0 && json.Unmarshal(raw, &d) == nil {
			e.Shas = s.list(d.Shas)
		}
	}
	for _, text := range []string{e.Message, e.Detail} {
		if e.StatusCode == http.StatusForbidden && e.Reason == "" && reason.MatchString(text) {
			e.Reason = text
		}
	}
}

// text reads a JSON string, "" of anything else.
func (s scrubber) text(raw json.RawMessage) string {
	var t string
	if json.Unmarshal(raw, &t) != nil {
		return ""
	}
	return s.clean(t)
}

// list reads a JSON list of strings, or one string, and leaves out what is neither. A range asks for a
// hundred hashes, so a longer list than a thousand is no list of theirs.
func (s scrubber) list(raw json.RawMessage) (list []string) {
	var items []json.RawMessage
	if json.Unmarshal(raw, &items) != nil {
		items = []json.RawMessage{raw}
	}
	for _, item := range items[:min(len(items), 1000)] {
		if t := s.text(item); t != "" {
			list = append(list, t)
		}
	}
	return list
}
