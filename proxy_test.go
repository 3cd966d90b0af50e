package main

import (
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"

	"trunkstat/sync/sandbox"
)

// proxiedHost is a name of Bitbucket that only the proxy finds, because net/http sends nothing for this
// machine through a proxy. The certificates of httptest are good for it.
const proxiedHost = "api.example.com"

// A proxy is an HTTP proxy as companies have one, which opens tunnels for https. All its tunnels lead
// to one server, whatever host they were asked for.
type proxy struct {
	to   string // the server's host and port
	http *httptest.Server
	ends sync.WaitGroup // the two directions of each tunnel

	mu      sync.Mutex
	account string // user:password that it requires; empty: none
	refusal int    // the status of every answer; 0: it lets them through
	asked   []string
	open    []net.Conn
}

func newProxy(to string) *proxy {
	p := &proxy{to: to}
	p.http = httptest.NewServer(http.HandlerFunc(p.connect))
	return p
}

// close stops the proxy and breaks its tunnels.
func (p *proxy) close() {
	p.http.Close()
	p.mu.Lock()
	for _, c := range p.open {
		c.Close()
	}
	p.mu.Unlock()
	p.ends.Wait()
}

// status returns what a request for a tunnel is answered with.
func (p *proxy) status(r *http.Request) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, r.Host)
	given := r.Header.Get("Proxy-Authorization")
	switch {
	case r.Method != http.MethodConnect:
		return http.StatusMethodNotAllowed
	case p.account != "" && given != "Basic "+base64.StdEncoding.EncodeToString([]byte(p.account)):
		return http.StatusProxyAuthRequired
	case p.refusal != 0:
		return p.refusal
	}
	return http.StatusOK
}

func (p *proxy) connect(w http.ResponseWriter, r *http.Request) {
	if status := p.status(r); status != http.StatusOK {
		if status == http.StatusProxyAuthRequired {
			w.Header().Set("Proxy-Authenticate", `Basic realm="proxy"`)
		}
		http.Error(w, "<h1>"+http.StatusText(status)+"</h1>", status)
		return
	}
	server, err := net.Dial("tcp", p.to)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	client, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		server.Close()
		return
	}
	io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n")
	carry := func(to net.Conn, from io.Reader) func() {
		return func() {
			io.Copy(to, from)
			client.Close()
			server.Close()
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open = append(p.open, client, server)
	p.ends.Go(carry(server, buffered))
	p.ends.Go(carry(client, server))
}

// proxyCmd puts the script behind a company's proxy: see the cases.
func proxyCmd(ts *testscript.TestScript, neg bool, args []string) {
	if args[0] == "up" {
		startProxy(ts)
		return
	}
	p := ts.Value("proxy").(*proxy)
	if args[0] == "down" {
		p.close()
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch args[0] {
	case "wants": // wants USER PASSWORD
		p.account = args[1] + ":" + args[2]
	case "refuses": // refuses STATUS; 0 lets through again
		status, err := strconv.Atoi(args[1])
		ts.Check(err)
		p.refusal = status
	case "tunnels": // tunnels N: so many were asked for so far, all of them to Bitbucket
		others := slices.DeleteFunc(slices.Clone(p.asked), func(host string) bool { return host == proxiedHost+":443" })
		if fmt.Sprint(len(p.asked)) != args[1] || len(others) > 0 {
			ts.Fatalf("tunnels to %q, want %s", p.asked, args[1])
		}
	default:
		ts.Fatalf("proxy %v: no such thing", args)
	}
}

// startProxy makes a Bitbucket that speaks https, and a proxy before it; the environment names both.
func startProxy(ts *testscript.TestScript) {
	server, err := sandbox.New(sandbox.Options{URL: "https://" + proxiedHost + "/2.0"})
	ts.Check(err)
	server.AddAPIToken(scriptEmail, scriptToken)
	fill(server.Workspace("acme"))
	secure := httptest.NewUnstartedServer(server.Handler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0) // where a client does not trust it
	secure.StartTLS()
	p := newProxy(secure.Listener.Addr().String())
	ts.Defer(func() { p.close(); secure.Close(); server.Close() })
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw})
	ts.Check(os.WriteFile(ts.MkAbs("ca.pem"), cert, 0o600))
	values := ts.Value("values").(map[any]any)
	values["proxy"], values["server"] = p, server
	ts.Setenv("TRUNKSTAT_API_URL", server.URL())
	ts.Setenv("TRUNKSTAT_CA_CERT", ts.MkAbs("ca.pem"))
	ts.Setenv("PROXY", p.http.Listener.Addr().String())
	ts.Setenv("HTTPS_PROXY", p.http.URL)
}
