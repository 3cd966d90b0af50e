package sandbox

import (
	"encoding/json"
	"fmt"
	"maps"
	"net"
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
	case Reset, ResetMidBody:
		reset(w, q, a)
		return
	}
	maps.Copy(w.Header(), a.header)
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	w.Write(a.body) // an error means that the client has gone
}

// reset breaks the connection, after half of the answer if that is the fault. The pause lets the half
// arrive, because a reset throws away what was not read.
func reset(w http.ResponseWriter, q *request, a *answer) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer conn.Close()
	if q.fault == ResetMidBody {
		fmt.Fprintf(conn, "HTTP/1.1 %d %s\r\nContent-Length: %d\r\n",
			a.status, http.StatusText(a.status), len(a.body))
		a.header.Write(conn)
		conn.Write(append([]byte("\r\n"), a.body[:len(a.body)/2]...))
		wait(q, 20*time.Millisecond)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
}

// wait passes the time, unless the client goes away before.
func wait(q *request, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-q.Context().Done():
	}
}
