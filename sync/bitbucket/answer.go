package bitbucket

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
)

const (
	maxBody   = 64 << 20 // of an answer, decompressed
	maxSample = 64 << 10 // how much of an answer is looked at to say what is wrong with it
)

var errTooLarge = errors.New("the answer is too large")

// An answerBody reads an answer, keeps its beginning, and ends with errTooLarge before more than
// the allowed bytes were read. A failed read stays in err, since decoders make it their own.
type answerBody struct {
	from  io.Reader
	left  int64 // one more than may be read
	begin []byte
	err   error
}

// Read fails with the same error again, so that sample does not read on behind a failure.
func (b *answerBody) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	n, err := b.from.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	b.begin = append(b.begin, p[:min(n, maxSample-len(b.begin))]...)
	if b.left == 0 {
		err = errTooLarge
	}
	if err != io.EOF {
		b.err = err
	}
	return n, err
}

// sample returns the beginning of the answer, reading on where less of it was read.
func (b *answerBody) sample() []byte {
	io.CopyN(io.Discard, b, int64(maxSample-len(b.begin))) // an error stays in b.err
	return b.begin
}

// A shapeError is a body that is not of the form that was asked for.
type shapeError struct {
	wanted string // "not a page of commits"
	lacks  string // "it has no values"
	broken bool   // it is not JSON
}

func (s shapeError) Error() string { return s.wanted + ": " + s.lacks }

// newShapeError says what is wrong with a body that json could not decode. path is the field where
// that was, lacks what the body lacks where it is another.
func newShapeError(wanted, path, lacks string, err error) error {
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind):
		if field := strings.Trim(path+"."+strings.ToLower(kind.Field), "."); field != "" {
			lacks = `its field "` + field + `" is of another kind`
		}
		return shapeError{wanted, lacks, false}
	case err != nil && !errors.Is(err, io.EOF):
		lacks = "damaged JSON"
	}
	return shapeError{wanted, lacks, err != nil}
}

// atEnd expects nothing but white space.
func atEnd(dec *json.Decoder) error {
	if _, err := dec.Token(); err != io.EOF {
		return errors.New("there is more behind the value")
	}
	return nil
}

// decode decodes a body. One that is not what was asked for may come from a proxy that is
// about to get better, so it is worth another attempt; data that is wrong in itself is not.
func (c *Client) decode(r *request, h http.Header, body *answerBody) *Error {
	err := r.decode(body, h)
	if err == nil {
		return nil
	}
	var shape shapeError
	isShape := errors.As(err, &shape)
	if isShape {
		body.sample()
	}
	switch {
	case body.err != nil:
		return c.transportError(body.err)
	case !isShape:
		return &Error{StatusCode: http.StatusOK, Message: c.scrub.clean(err.Error())}
	}
	e := &Error{StatusCode: http.StatusOK, temporary: true, NotJSON: shape.broken}
	if c.describe(e, h, body.begin); e.NotBitbucket {
		return e
	}
	if e.Message == "" || shape.broken && kindOf(h) == "application/json" {
		e.Message = c.scrub.clean(shape.lacks)
	}
	e.Message = shape.wanted + ": " + e.Message
	return e
}

// refusal makes the error of an answer with a status other than 200.
func (c *Client) refusal(status int, h http.Header, body []byte) *Error {
	e := &Error{StatusCode: status, temporary: temporary(status), NotJSON: !json.Valid(body)}
	c.describe(e, h, body)
	return e
}

// temporary reports a status that may be another at the next attempt: that of a server in trouble, or
// 408, of a connection that was idle for too long.
func temporary(status int) bool {
	return status >= 500 || status == http.StatusRequestTimeout
}

// describe fills in what a body that is not what was asked for says: Bitbucket's envelope of
// an error, the first line of a text, or that something else than Bitbucket's API answered.
func (c *Client) describe(e *Error, h http.Header, body []byte) {
	body = bytes.TrimSpace(body)
	var fields map[string]json.RawMessage
	json.Unmarshal(body, &fields) // nothing of what is no object
	if what := otherService(e.StatusCode, h, body, fields); what != "" {
		e.NotBitbucket = true
		e.Message = c.scrub.clean(c.prefix + " returned " + what + ", not Bitbucket's API")
		return
	}
	if len(fields["error"]) > 0 {
		c.scrub.envelope(e, fields["error"], fields["data"])
		return
	}
	kind := kindOf(h)
	switch {
	case len(body) == 0: // the status says it all
	case isHTML(h, body):
		e.Message = "an HTML page, not JSON"
	case kind == "text/plain" || kind == "":
		line, _, _ := strings.Cut(string(body), "\n")
		e.Message = c.scrub.clean(line)
	case json.Valid(body): // no field of it is known to be a message
	case kind == "application/json":
		e.Message = "damaged JSON"
	default:
		e.Message = c.scrub.clean(kind) + ", not JSON"
	}
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
