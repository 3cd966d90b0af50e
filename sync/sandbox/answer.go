package sandbox

import (
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
	"time"
)

// An answer is what a request gets.
type answer struct {
	status int
	header http.Header
	body   []byte
}

const jsonType = "application/json; charset=utf-8"

// errorAnswer writes Bitbucket's envelope of errors.
func errorAnswer(status int, message string) *answer {
	return objectAnswer(status, object{"type": "error", "error": object{"message": message}})
}

// lacksScope is Bitbucket's 403 for a token without a scope: the detail of this one is an object.
func lacksScope(granted []string, required string) *answer {
	return objectAnswer(http.StatusForbidden, object{"type": "error", "error": object{
		"message": "Your credentials lack one or more required privilege scopes.",
		"detail":  object{"granted": granted, "required": []string{required}},
	}})
}

// objectAnswer writes an object as JSON. Its members come in the order of their names, so that an answer
// is the same each time.
func objectAnswer(status int, o object) *answer {
	body, err := json.Marshal(o)
	if err != nil {
		panic(err) // only strings and numbers are written
	}
	return jsonAnswer(status, body)
}

// jsonAnswer sends a body that is JSON already, or is made to look so.
func jsonAnswer(status int, body []byte) *answer {
	return &answer{status, http.Header{"Content-Type": {jsonType}}, body}
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
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	if q.fault == ResetMidBody {
		w.Write(a.body[:len(a.body)/2])
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	w.Write(a.body) // an error means that the client has gone
}

// wait passes the time, unless the client goes away before.
func wait(q *request, d time.Duration) {
	if d <= 0 {
		return
	}
	select {
	case <-time.After(d):
	case <-q.Context().Done():
	}
}
