package githistory

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// The users that Bitbucket expects in front of a token over https.
const (
	AccessTokenUser = "x-token-auth"
	APITokenUser    = "x-bitbucket-api-token-auth" // the e-mail of the account is refused
)

// A Remote is a repository on a git server.
type Remote struct {
	URL    string        // without a user
	User   string        // AccessTokenUser or APITokenUser; empty: no credential is sent
	Token  func() string // a function, because fmt shows no more of it than an address
	CAFile string        // certificates to trust beside the system's; empty: none
}

// check refuses a URL that would send the credential in the clear, or in a place where it is printed.
func (r Remote) check() (*url.URL, error) {
	u, err := url.Parse(r.URL)
	switch {
	case err != nil || u.Host == "" || u.User != nil:
		return nil, errors.New("the URL of the git server is not valid")
	case u.Scheme != "https" && !(u.Scheme == "http" && isLoopback(u.Hostname())):
		return nil, ErrPlainHTTP
	}
	return u, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// authorization returns the value of the header Authorization, "" without a credential.
func (r Remote) authorization() string {
	if r.User == "" || r.Token == nil || r.Token() == "" {
		return ""
	}
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(r.User+":"+r.Token()))
}

// redact takes the credential out of an error, however it came there.
func (r Remote) redact(err error) error {
	if r.authorization() == "" {
		return err
	}
	basic := strings.TrimPrefix(r.authorization(), "Basic ")
	text := strings.NewReplacer(r.Token(), "[redacted]", basic, "[redacted]").Replace(err.Error())
	if text == err.Error() {
		return err
	}
	return withCause(errors.New(text))
}

// Fetch makes a bare repository in an empty folder and fetches the commits of a branch into it, without
// trees and blobs. ErrNoCommit tells that they do not reach want. After any other error the folder holds
// nothing of use; the caller removes it in either case.
func (g *Git) Fetch(ctx context.Context, dir string, remote Remote, branch string, want Hash) error {
	u, err := remote.check()
	if err != nil {
		return err
	}
	if err := g.fetch(ctx, dir, remote, u, "refs/heads/"+branch); err != nil {
		return fmt.Errorf("fetch %s: %w", remote.URL, remote.redact(err))
	}
	have, err := g.Has(ctx, dir, []Hash{want})
	if err == nil && len(have) == 0 {
		err = fmt.Errorf("fetch %s: %s: %w", remote.URL, want, ErrNoCommit)
	}
	return err
}

func (g *Git) fetch(ctx context.Context, dir string, remote Remote, u *url.URL, ref string) error {
	if err := initBare(dir); err != nil {
		return withCause(err)
	}
	cmd := g.command(ctx, dir, remote.settings(u), "fetch", "--quiet", "--filter=tree:0", "--no-tags",
		"--no-recurse-submodules", "--no-write-fetch-head", "--no-auto-gc", "--update-shallow",
		remote.URL, ref+":"+ref)
	cmd.Env = append(cmd.Env, "GIT_ALLOW_PROTOCOL="+u.Scheme)
	if remote.CAFile != "" {
		bundle, err := g.bundle(ctx, dir, remote)
		if err != nil {
			return withCause(err)
		}
		cmd.Env = append(cmd.Env, "GIT_SSL_CAINFO="+bundle)
	}
	if _, err := output(ctx, cmd); err != nil {
		return err
	}
	if strings.Contains(cmd.Stderr.(*bytes.Buffer).String(), "filtering not recognized") {
		return ErrNoFilter
	}
	return withCause(writeConfig(dir)) // git named the server there, to fetch what is missing
}

// initBare makes an empty bare repository, without the templates and hooks that git init would copy.
func initBare(dir string) error {
	for _, name := range []string{"objects", "refs"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "HEAD"), []byte("ref: refs/heads/main\n"), 0o600); err != nil {
		return err
	}
	return writeConfig(dir)
}

func writeConfig(dir string) error {
	config := "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"
	return os.WriteFile(filepath.Join(dir, "config"), []byte(config), 0o600)
}

// settings are those of a fetch. Settings for an address are given for the whole of it, so that none of
// the user's is more specific; proxies and certificates are the user's.
func (r Remote) settings(u *url.URL) []setting {
	own := "http." + r.URL + "."
	s := []setting{
		{"credential.helper", ""}, {"core.askPass", ""},
		{own + "extraHeader", ""}, // an empty value removes those before it
		{own + "sslVerify", "true"},
		{own + "followRedirects", "false"},                       // git would send the header to another host
		{"http.lowSpeedLimit", "1"}, {"http.lowSpeedTime", "60"}, // bytes a second, seconds
		{"url." + r.URL + ".insteadOf", r.URL}, // users change https to ssh for all of bitbucket.org
		{"fetch.fsckObjects", "false"},         // which refuses old histories; hashes are compared here
		{"fetch.unpackLimit", "1"}, {"fetch.writeCommitGraph", "false"}, {"maintenance.auto", "false"},
		{"protocol.version", "2"},
	}
	if header := r.authorization(); header != "" {
		s = append(s, setting{own + "extraHeader", "Authorization: " + header})
	}
	if u.Scheme == "http" {
		s = append(s, setting{own + "proxy", ""}) // a proxy cannot reach this machine
	}
	return s
}

// systemBundles are where systems keep their certificates in one file.
var systemBundles = []string{
	"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/cert.pem",
}

// bundle writes a file with the given certificates and those that git would trust without them, which
// are the user's own, or else the system's: git takes one file only. Where git is set to use the TLS of
// Windows, it takes the certificates of Windows instead.
func (g *Git) bundle(ctx context.Context, dir string, remote Remote) (string, error) {
	certificates, err := os.ReadFile(remote.CAFile)
	if err != nil {
		return "", err
	}
	cmd := g.command(ctx, dir, nil, "config", "--type=path", "--get-urlmatch", "http.sslCAInfo", remote.URL)
	own, _ := output(ctx, cmd) // which fails where there is none
	for _, variable := range cmd.Env {
		if file, ok := strings.CutPrefix(variable, "GIT_SSL_CAINFO="); ok {
			own = file
		}
	}
	for _, file := range append([]string{own}, systemBundles...) {
		if trusted, err := os.ReadFile(file); err == nil {
			certificates = append(append(trusted, '\n'), certificates...)
			break
		}
	}
	bundle := filepath.Join(cmd.Dir, "certificates.pem")
	return bundle, os.WriteFile(bundle, certificates, 0o600)
}
