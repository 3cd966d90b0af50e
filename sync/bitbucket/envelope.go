package bitbucket

import (
	"bytes"
	"encoding/json"
	"mime"
	"net/http"
	"slices"
	"strings"
)

// An envelope is Bitbucket's body of an error. The data is in one of two places, or both; the
// detail is a string, or an object for missing scopes. Fields of another form are left out: an
// odd envelope must not hide the status.
type envelope struct {
	Error json.RawMessage
	Data  json.RawMessage
}

// refusal makes the error of an answer that is none of what was asked for.
func (s scrubber) refusal(status int, h http.Header, body []byte) *Error {
	e := &Error{StatusCode: status, passing: passing(status)}
	var env envelope
	switch {
	case json.Unmarshal(body, &env) == nil && len(env.Error) > 0:
		s.envelope(e, env)
	default:
		e.NotJSON = !json.Valid(body)
		e.Message = s.foreign(h, body)
	}
	return e
}

func passing(status int) bool {
	return status >= 500 || status == http.StatusRequestTimeout
}

func (s scrubber) envelope(e *Error, env envelope) {
	var fields struct{ Message, Detail, Data json.RawMessage }
	if json.Unmarshal(env.Error, &fields) != nil { // an error that is a mere string
		e.Message = s.text(env.Error)
		return
	}
	e.Message = s.text(fields.Message)
	e.Detail = s.text(fields.Detail)
	var scopes struct{ Granted, Required json.RawMessage }
	if json.Unmarshal(fields.Detail, &scopes) == nil {
		e.Granted = s.list(scopes.Granted)
		for _, scope := range s.list(scopes.Required) {
			if !slices.Contains(e.Granted, scope) {
				e.MissingScopes = append(e.MissingScopes, scope)
			}
		}
	}
	for _, data := range []json.RawMessage{fields.Data, env.Data} {
		var d struct{ Shas json.RawMessage }
		if len(e.Shas) == 0 && json.Unmarshal(data, &d) == nil {
			e.Shas = s.list(d.Shas)
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

// list reads a JSON list of strings, or one string, and leaves out what is neither.
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

// foreign describes a body that is no envelope: the first line of a text, the kind of the rest.
func (s scrubber) foreign(h http.Header, body []byte) string {
	body = bytes.TrimSpace(body)
	kind, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	switch {
	case len(body) == 0:
		return "" // the status says it all
	case kind == "text/html" || body[0] == '<':
		return "an HTML page, not JSON"
	case kind == "text/plain" || kind == "":
		line, _, _ := strings.Cut(string(body[:min(len(body), 4096)]), "\n")
		return s.clean(line)
	case json.Valid(body):
		return "" // somebody else's: nothing in it is known to be a message
	case kind == "application/json":
		return "damaged JSON"
	}
	return s.clean(kind) + ", not JSON"
}
