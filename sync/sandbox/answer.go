package sandbox

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// An answer is what a request gets.
type answer struct {
	status int
	header http.Header
	body   []byte
}

const jsonType = "application/json; charset=utf-8"

// An object is a JSON object to be sent.
type object map[string]any

// answer writes the object as JSON. Its members come in the order of their names, so that an answer is
// the same each time.
func (o object) answer(status int) *answer {
	body, err := json.Marshal(o)
	if err != nil {
		panic(err) // only strings, numbers and truth values are written
	}
	return &answer{status, http.Header{"Content-Type": {jsonType}}, body}
}

// errorObject is Bitbucket's envelope of errors.
func errorObject(message string) object {
	return object{"type": "error", "error": object{"message": message}}
}

func errorAnswer(status int, message string) *answer { return errorObject(message).answer(status) }

// lacksScope is Bitbucket's 403 for a token without a scope: the detail of this one is an object.
func lacksScope(granted []string, required string) *answer {
	return object{"type": "error", "error": object{
		"message": "Your credentials lack one or more required privilege scopes.",
		"detail":  object{"granted": granted, "required": []string{required}},
	}}.answer(http.StatusForbidden)
}

// send writes an answer, or breaks the connection in the middle of it.
func (s *Server) send(w http.ResponseWriter, q *request, a *answer) {
	switch q.fault {
	case TruncatedJSON:
		a.body = a.body[:len(a.body)/2]
	case Reset:
		panic(http.ErrAbortHandler) // which net/http takes as: close the connection, and log nothing
	}
	maps.Copy(w.Header(), a.header)
	// With a length, half a body is a broken answer; without one, it could be taken for a whole one.
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	if q.fault == ResetMidBody {
		w.Write(a.body[:len(a.body)/2])
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	w.Write(a.body) // an error means that the client has gone
}

// fields is the parameter of that name, as a tree of the members that an answer has. Only the form of a
// sync is served, a list of plain names; Bitbucket has +, - and * as well. A name that is not listed here
// is unexpected, while Bitbucket ignores it.
type fields map[string]fields

// knownFields are the members that each kind of answer can have.
var knownFields = map[Kind][]string{
	Listing: {
		"next", "size", "values.uuid", "values.slug", "values.name", "values.project.key",
		"values.is_private", "values.size", "values.parent.uuid", "values.parent.full_name",
		"values.updated_on", "values.mainbranch.name", "values.mainbranch.target.hash",
	},
	CommitsKind: {
		"next", "values.hash", "values.date", "values.message", "values.parents.hash",
		"values.author.raw", "values.author.user.uuid", "values.author.user.type",
	},
	BranchKind: {"name", "target.hash"},
}

// parseFields reads the parameter. An answer without fields would have the message of each commit four
// times, so that a request without them is unexpected too.
func parseFields(kind Kind, param string) (f fields, problem string) {
	f = fields{}
	for name := range strings.SplitSeq(param, ",") {
		if !slices.Contains(knownFields[kind], name) {
			problem = "unexpected field " + strconv.Quote(name)
		}
		at := f
		for member := range strings.SplitSeq(name, ".") {
			if at[member] == nil {
				at[member] = fields{}
			}
			at = at[member]
		}
	}
	return f, problem
}

// pick returns a value with the members alone that the fields name. It looks into objects and lists of
// objects.
func (f fields) pick(value any) any {
	switch v := value.(type) {
	case object:
		picked := object{}
		for name, inner := range f {
			if member, ok := v[name]; ok {
				picked[name] = inner.pick(member)
			}
		}
		return picked
	case []object:
		list := make([]any, len(v))
		for i := range v {
			list[i] = f.pick(v[i])
		}
		return list
	}
	return value
}

// found answers with an object that was asked for.
func (q *request) found(o object) *answer { return q.fields.pick(o).(object).answer(http.StatusOK) }
