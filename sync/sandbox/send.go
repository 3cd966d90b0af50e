package sandbox

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"hash/crc32"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// send writes an answer, or breaks the connection in the middle of it.
func (s *Server) send(w http.ResponseWriter, q *request, a answer) {
	if q.fault == TruncatedJSON {
		a.body = a.body[:len(a.body)/2]
	}
	if a.status == http.StatusOK {
		a.header.Set("ETag", entityTag(a.body))
		if q.Header.Get("If-None-Match") == a.header.Get("ETag") {
			a.status, a.body = http.StatusNotModified, nil
		}
	}
	if s.opt.Gzip && len(a.body) > 0 && strings.Contains(q.Header.Get("Accept-Encoding"), "gzip") {
		a.header.Set("Content-Encoding", "gzip")
		a.body = compressed(a.body)
	}
	if q.fault == Reset || q.fault == ResetMidBody {
		s.reset(w, q, a)
		return
	}
	h := w.Header()
	for name, values := range a.header {
		h[name] = values
	}
	if a.status != http.StatusNotModified {
		h.Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
	if q.Method != http.MethodHead {
		w.Write(a.body) // the client may have gone: nobody to tell
	}
}

func entityTag(body []byte) string {
	return fmt.Sprintf(`"gz[%08x%06x]"`, crc32.ChecksumIEEE(body), len(body))
}

func compressed(body []byte) []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	z.Write(body)
	z.Close()
	return b.Bytes()
}

// reset breaks the connection, after half of the answer if that is the fault. The pause lets the
// half arrive: a reset throws away what was not read.
func (s *Server) reset(w http.ResponseWriter, q *request, a answer) {
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

// wait passes the time until a client that has gone away need not be waited for.
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
