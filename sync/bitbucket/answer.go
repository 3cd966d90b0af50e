package bitbucket

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"slices"
	"strings"
)

const (
	maxBody   = 64 << 20 // bytes of an answer, decompressed: more than any page has
	maxSample = 64 << 10 // bytes that are read of a refusal, which has a few hundred
)

// errTooLarge is final: another attempt would bring as much.
var errTooLarge = errors.New("the answer is too large")

// A shapeError is a body that is not of the form that was asked for.
type shapeError struct {
	wanted string // "a page of commits"
	lacks  string // "it has no values"
}

func (s shapeError) Error() string { return "not " + s.wanted + ": " + s.lacks }

// decode decodes a body. One that is not of the form that was asked for may be a fault of a proxy that
// passes, so it is worth another attempt. Data of the right form with a wrong value is Bitbucket's own, and
// the next answer would be the same.
func (c *Client) decode(r *request, h http.Header, body []byte) *Error {
	err := r.decode(body, h)
	if err == nil {
		return nil
	}
	shape, ok := errors.AsType[shapeError](err)
	if !ok {
		return &Error{StatusCode: http.StatusOK, Message: c.scrub.clean(err.Error())}
	}
	e := c.refusal(http.StatusOK, h, body)
	e.temporary = true
	if !e.NotBitbucket {
		e.Message = "not " + shape.wanted + ": " + cmp.Or(e.Message, c.scrub.clean(shape.lacks))
	}
	return e
}

// temporary reports a status that may be another at the next attempt: that of a server that fails, or
// 408, of a connection that was idle for too long.
func temporary(status int) bool {
	return status >= 500 || status == http.StatusRequestTimeout
}

// refusal makes the error of an answer that is not what was asked for. Its message is what the body says:
// Bitbucket's envelope of an error, the first line of a text, or that something else than Bitbucket's API
// answered.
func (c *Client) refusal(status int, h http.Header, body []byte) *Error {
	e := &Error{StatusCode: status, temporary: temporary(status), NotJSON: !json.Valid(body)}
	body = bytes.TrimSpace(body)
	var fields map[string]json.RawMessage
	json.Unmarshal(body, &fields) // nothing of what is no object
	kind := kindOf(h)
	what := otherService(status, h, body, fields)
	switch {
	case what != "":
		e.NotBitbucket = true
		e.Message = c.scrub.clean(c.base.String() + " returned " + what + ", not Bitbucket's API")
	case len(fields["error"]) > 0:
		c.scrub.envelope(e, fields["error"], fields["data"])
	case len(body) == 0: // the status says it all
	case isHTML(h, body):
		e.Message = "an HTML page, not JSON"
	case kind == "text/plain" || kind == "":
		line, _, _ := strings.Cut(string(body), "\n")
		e.Message = c.scrub.clean(line)
	case !e.NotJSON: // no field of it is known to be a message
	case kind == "application/json":
		e.Message = "damaged JSON"
	default:
		e.Message = c.scrub.clean(kind) + ", not JSON"
	}
	return e
}

// otherService names what answered where that cannot be Bitbucket Cloud's API, "" where it may
// be. Gateways in front of Bitbucket answer 5xx with pages of their own, so those say nothing.
func otherService(status int, h http.Header, body []byte, fields map[string]json.RawMessage) string {
	has := func(name string) bool { _, ok := fields[name]; return ok }
	switch {
	case h.Get("X-Arequestid") != "" || bytes.Contains(fields["errors"], []byte(`"context"`)):
		return "an answer of Bitbucket Data Center"
	case temporary(status) || status == http.StatusTooManyRequests || len(body) == 0:
		return ""
	case isHTML(h, body):
		return "an HTML page"
	case len(fields) > 0 && !slices.ContainsFunc([]string{"error", "type", "values", "target"}, has):
		return "JSON of another service"
	case status != http.StatusOK && fields == nil && json.Valid(body):
		return "JSON of another service"
	case status == http.StatusNotFound && fields == nil:
		return "plain text"
	}
	return ""
}

// isHTML looks at the body too, because some proxies give their pages the type of JSON.
func isHTML(h http.Header, body []byte) bool {
	return kindOf(h) == "text/html" || bytes.HasPrefix(bytes.TrimSpace(body), []byte("<"))
}

// kindOf returns the media type without its parameters, "" where there is none.
func kindOf(h http.Header) string {
	kind, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	return kind
}
