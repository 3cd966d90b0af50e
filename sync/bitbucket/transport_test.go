package bitbucket

import (
	"compress/gzip"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
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

// TestLoopback: plain http goes to this machine by any of its names, never through a proxy, and
// to no other machine, whatever a name is resolved to.
func TestLoopback(t *testing.T) {
	srv := httptest.NewServer(ok(commitPage("", hashA)))
	defer srv.Close()
	_, port, _ := strings.Cut(strings.TrimPrefix(srv.URL, "http://"), ":")
	for _, host := range []string{"127.0.0.1", "localhost", "LOCALHOST", "localhost.", "[::ffff:127.0.0.1]"} {
		c := (&stub{t: t}).client(Config{BaseURL: "http://" + host + ":" + port + "/2.0", Attempts: 1})
		if got, err := walk(t.Context(), c); err != nil || len(got) != 1 {
			t.Logf("%s: %v", host, err) // a resolver may not know localhost with a dot
			if !strings.HasSuffix(host, ".") {
				t.Errorf("%s: %v", host, err)
			}
		}
	}
	for _, host := range []string{"127.0.0.1:1", "localhost", "LOCALHOST.", "[::1]", "127.0.0.53"} {
		base, err := parseBase("http://" + host + "/2.0")
		if err != nil {
			t.Errorf("%s: %v", host, err)
			continue
		}
		if proxy, err := proxyFor(&http.Request{URL: base}); proxy != nil || err != nil {
			t.Errorf("%s goes through %v, %v", host, proxy, err)
		}
	}
	for _, host := range []string{"127", "127.1", "127.0.1", "128.1", "1270.1", "127.1.example.com", "127.0.0.0.1", "10.0.0.1", "[fe80::1]", "[::]", "0.0.0.0", "localhost.example.com", "127.-1"} {
		if _, err := parseBase("http://" + host + "/2.0"); err == nil {
			t.Errorf("%s is allowed", host)
		}
	}
	for address, want := range map[string]bool{"127.0.0.1:80": true, "[::1]:80": true, "[::ffff:127.0.0.1]:80": true,
		"10.0.0.1:80": false, "[fe80::1]:80": false, "[::ffff:10.0.0.1]:80": false, "localhost:80": false} {
		if err := loopbackOnly("tcp", address, nil); (err == nil) != want {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// TestProxyAuthentication: a proxy that asks for what cannot be given is told from one that wants a
// password.
func TestProxyAuthentication(t *testing.T) {
	tests := []struct {
		offers []string
		want   string
	}{
		{[]string{`Basic realm="x"`}, "wants a user and a password"},
		{[]string{"NTLM"}, "offers only NTLM authentication, which is not supported"},
		{[]string{"Negotiate", "NTLM"}, "offers only Negotiate and NTLM authentication, which is not supported"},
		{[]string{"negotiate oRQwEg=="}, "offers only Negotiate authentication, which is not supported"},
		{[]string{"NTLM", "basic"}, "wants a user and a password"},
		{nil, "wants a user and a password"},
	}
	for _, tt := range tests {
		requests := 0
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			requests++
			for _, offer := range tt.offers {
				w.Header().Add("Proxy-Authenticate", offer)
			}
			w.WriteHeader(http.StatusProxyAuthRequired)
		}))
		address, _ := url.Parse(proxy.URL)
		c := (&stub{t: t}).client(Config{BaseURL: "https://api.example.com/2.0"})
		c.transport.Proxy = http.ProxyURL(address)
		_, err := walk(t.Context(), c)
		if !errors.As(err, new(*ProxyError)) || !strings.HasSuffix(err.Error(), "the proxy "+address.Host+" "+tt.want) || requests != 1 {
			t.Errorf("%q: %v after %d requests", tt.offers, err, requests)
		}
		proxy.Close()
	}
}
