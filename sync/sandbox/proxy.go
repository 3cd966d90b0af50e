package sandbox

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// certify makes the certificate of a server that is called host, signed by itself.
func (s *Server) certify(host string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("make a key for %s: %w", host, err)
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{host}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return fmt.Errorf("make a certificate for %s: %w", host, err)
	}
	s.cert = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	s.http.TLSConfig = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	s.http.ErrorLog = log.New(io.Discard, "", 0) // that a client does not trust it
	return nil
}

// Certificate is what a client has to trust, in PEM; nil without Options.Host.
func (s *Server) Certificate() []byte { return s.cert }

// A Proxy is an HTTP proxy as companies have one: whoever wants https asks it for a tunnel. All its
// tunnels lead to one Server, whatever host they were asked for.
type Proxy struct {
	server *Server
	addr   string
	http   *http.Server
	ends   sync.WaitGroup

	mu      sync.Mutex
	account string // user:password that it wants; empty: it lets in anybody
	refusal int    // the status of every answer; 0: it lets them through
	asked   []string
	open    []net.Conn
	closed  bool
}

// NewProxy starts a proxy before a server, on a free port of 127.0.0.1.
func NewProxy(server *Server) (*Proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	p := &Proxy{server: server, addr: listener.Addr().String()}
	p.http = &http.Server{Handler: http.HandlerFunc(p.connect), ReadHeaderTimeout: time.Minute}
	p.ends.Go(func() { p.http.Serve(listener) })
	return p, nil
}

// Addr is the host and port of the proxy.
func (p *Proxy) Addr() string { return p.addr }

// Want makes the proxy ask for a user and a password; empty ones make it let in anybody.
func (p *Proxy) Want(user, password string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.account = ""
	if user != "" {
		p.account = user + ":" + password
	}
}

// Refuse makes the proxy answer with that status; 0 makes it let everybody through.
func (p *Proxy) Refuse(status int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refusal = status
}

// Asked are the hosts, with their ports, that tunnels were asked for so far, granted or not.
func (p *Proxy) Asked() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.asked)
}

// Close stops the proxy and breaks its tunnels.
func (p *Proxy) Close() {
	p.http.Close()
	p.mu.Lock()
	p.closed = true
	for _, c := range p.open {
		c.Close()
	}
	p.mu.Unlock()
	p.ends.Wait()
}

// judge is the status that a tunnel is answered with.
func (p *Proxy) judge(r *http.Request) int {
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

func (p *Proxy) connect(w http.ResponseWriter, r *http.Request) {
	if status := p.judge(r); status != http.StatusOK {
		if status == http.StatusProxyAuthRequired {
			w.Header().Set("Proxy-Authenticate", `Basic realm="proxy"`)
		}
		http.Error(w, "<h1>"+http.StatusText(status)+"</h1>", status)
		return
	}
	server, err := net.Dial("tcp", p.server.addr)
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
	p.tunnel(client, buffered, server)
}

// tunnel begins to carry bytes both ways, until one side has had enough.
func (p *Proxy) tunnel(client net.Conn, fromClient io.Reader, server net.Conn) {
	carry := func(to net.Conn, from io.Reader) func() {
		return func() {
			io.Copy(to, from)
			client.Close()
			server.Close()
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		client.Close()
		server.Close()
		return
	}
	p.open = append(p.open, client, server)
	p.ends.Go(carry(server, fromClient))
	p.ends.Go(carry(client, server))
}
