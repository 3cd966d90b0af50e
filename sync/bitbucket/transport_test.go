package bitbucket

import (
	"compress/gzip"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
)

// TestHTTP2AndGzip: what the real service speaks is asked for and understood, a body that is cut
// within gzip included.
func TestHTTP2AndGzip(t *testing.T) {
	var requests atomic.Int32
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 || r.Header.Get("Accept-Encoding") != "gzip" {
			t.Errorf("%s, %s", r.Proto, r.Header.Get("Accept-Encoding"))
		}
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		io.WriteString(z, commitPage("", hashA, hashB))
		z.Flush()
		if requests.Add(1) == 1 {
			panic(http.ErrAbortHandler)
		}
		z.Close()
	}))
	srv.EnableHTTP2 = true
	srv.StartTLS()
	defer srv.Close()
	pool := x509.NewCertPool()
	pool.AddCert(srv.Certificate())
	got, err := walk(t.Context(), (&stub{t: t}).client(Config{BaseURL: srv.URL, RootCAs: pool}))
	if err != nil || len(got) != 2 || requests.Load() != 2 {
		t.Errorf("got %v, %v after %d requests", got, err, requests.Load())
	}
}

// TestConnections: more walkers than MaxConns share connections, and keep them.
func TestConnections(t *testing.T) {
	var conns sync.Map
	var underWay, most atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := underWay.Add(1)
		defer underWay.Add(-1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		conns.Store(r.RemoteAddr, true)
		ok(commitPage("", hashA))(w, r)
	}))
	defer srv.Close()
	c := (&stub{t: t}).client(Config{BaseURL: srv.URL, MaxConns: 3})
	var group sync.WaitGroup
	for range 12 {
		group.Go(func() {
			for range 10 {
				if _, err := walk(t.Context(), c); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	n := 0
	conns.Range(func(any, any) bool { n++; return true })
	if n > 3 || most.Load() > 3 {
		t.Errorf("%d connections, %d requests at a time", n, most.Load())
	}
}
