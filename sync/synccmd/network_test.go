package synccmd

import (
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"trunkstat/store"
)

// secured puts TLS before the program's Bitbucket, and returns its address and the file that
// holds its certificate.
func (p *program) secured() (address, ca string) {
	p.t.Helper()
	target, err := url.Parse(p.server.URL())
	if err != nil {
		p.t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(&url.URL{Scheme: target.Scheme, Host: target.Host})
		r.Out.Host = target.Host
	}}
	server := httptest.NewUnstartedServer(proxy)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // that some do not trust it
	server.StartTLS()
	p.t.Cleanup(server.Close)
	ca = filepath.Join(p.t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(ca, block, 0o600); err != nil {
		p.t.Fatal(err)
	}
	return server.URL + target.Path, ca
}

// A company's own certificate authority is trusted with --ca-cert, from the login to the sync, and
// without it the one way to say so is told.
func TestCACert(t *testing.T) {
	p := newProgram(t)
	p.env["TRUNKSTAT_TOKEN"] = testAccessToken
	address, ca := p.secured()
	p.expect(p.run("--api-url", address, "--ca-cert", ca, "-w", "acme", "auth", "status"), 0, "ok")
	p.expect(p.run("--api-url", address, "--ca-cert", ca, "-w", "acme", "sync"), 0, "2 synced")
	for _, command := range [][]string{{"auth", "status"}, {"sync"}} {
		o := p.run(append([]string{"--api-url", address, "-w", "acme"}, command...)...)
		p.expect(o, 1, "no connection to https://127.0.0.1:", "certificate signed by unknown authority",
			"certificate of your company's proxy with --ca-cert FILE")
		if strings.Contains(o.all(), "trying again") {
			t.Errorf("it is not tried again: %s", o.stderr)
		}
	}
}

// A portal that answers everything with a page to log in on is told from Bitbucket.
func TestCaptivePortal(t *testing.T) {
	p := newProgram(t)
	p.env["TRUNKSTAT_TOKEN"] = testAccessToken
	portal := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Write([]byte("<html><title>Welcome to the hotel</title></html>"))
	}))
	defer portal.Close()
	o := p.run("--api-url", portal.URL, "-w", "acme", "sync")
	p.expect(o, 1, "is not Bitbucket Cloud: it returned an HTML page", "log in to this network with a browser",
		"returned an HTML page, not Bitbucket's API; trying again")
	f := lines(p.run("--api-url", portal.URL, "doctor"))["API"]
	if !strings.HasPrefix(f, "problem") || !strings.Contains(f, "log in to this network with a browser") {
		t.Errorf("doctor: %s", f)
	}
}

// What another server refuses is not taken for Bitbucket's refusal, and needs no new token.
func TestOtherServer(t *testing.T) {
	p := newProgram(t)
	p.env["TRUNKSTAT_TOKEN"] = testAccessToken
	for body, kind := range map[string]string{"<html><title>Sign in</title></html>": "text/html", `{"message":"Not Found"}`: "application/json"} {
		for _, status := range []int{401, 403, 404, 410} {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", kind)
				w.WriteHeader(status)
				w.Write([]byte(body))
			}))
			o := p.run("--api-url", server.URL, "-w", "acme", "sync")
			p.expect(o, 1, "is not Bitbucket")
			if strings.Contains(o.all(), "invalid_") || strings.Contains(o.all(), "no_resources") {
				t.Errorf("%d with %s: %s", status, kind, o.all())
			}
			server.Close()
		}
	}
}

// Plain HTTP goes to this machine by any of its names, and to no other.
func TestLoopbackIPv6(t *testing.T) {
	p := newProgram(t)
	p.env["TRUNKSTAT_TOKEN"] = testAccessToken
	for address, code := range map[string]int{"http://[::1]:1/2.0": 1, "http://[fe80::1]/2.0": 2, "http://[::]/2.0": 2} {
		o := p.run("--api-url", address, "-w", "acme", "auth", "status")
		if plain := strings.Contains(o.all(), "plain http"); o.code != code || plain != (code == 2) {
			t.Errorf("%s: exit code %d, %s", address, o.code, o.all())
		}
	}
	listener, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skip("no IPv6 here:", err)
	}
	target, _ := url.Parse(p.server.URL())
	server := httptest.NewUnstartedServer(httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: target.Host}))
	server.Listener = listener
	server.Start()
	defer server.Close()
	p.expect(p.run("--api-url", "http://"+listener.Addr().String()+"/2.0", "-w", "acme", "auth", "status"), 0, "ok")
}

// A sync says in time that the token in the keychain ends.
func TestSyncWarnsOfExpiry(t *testing.T) {
	p := newProgram(t)
	ws := p.withKeychain()
	p.stdin = testAccessToken
	p.expect(p.run("-w", ws, "auth", "login", "--with-token"), 0)
	entry := p.entry(ws)
	for days, want := range map[int]string{13: "in 13 days; replace it with trunkstat auth login -w " + ws, 15: ""} {
		entry.Expires = time.Now().Add(time.Duration(days)*24*time.Hour + time.Minute).UTC()
		p.put(store.Workspace{Slug: ws, Credential: entry})
		o := p.run("--quiet", "-w", ws, "sync")
		p.expect(o, 0, want)
		if (o.stderr == "") != (want == "") {
			t.Errorf("%d days: %s", days, o.stderr)
		}
	}
}
