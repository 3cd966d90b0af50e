package githistory

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

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
		{"credential.helper", ""},
		{own + "extraHeader", ""}, // an empty value removes those before it
		{own + "sslVerify", "true"},
		{own + "followRedirects", "false"},                       // git would send the header to another host
		{"http.lowSpeedLimit", "1"}, {"http.lowSpeedTime", "60"}, // bytes a second, seconds
		{"url." + r.URL + ".insteadOf", r.URL}, // users change https to ssh for all of bitbucket.org
		{"fetch.fsckObjects", "false"},         // which refuses old histories; hashes are compared here
		{"fetch.writeCommitGraph", "false"}, {"protocol.version", "2"},
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
	setting, _ := output(ctx, cmd) // which fails where there is none
	own := cmp.Or(os.Getenv("GIT_SSL_CAINFO"), setting)
	for _, file := range append([]string{own}, systemBundles...) {
		if trusted, err := os.ReadFile(file); err == nil {
			certificates = append(append(trusted, '\n'), certificates...)
			break
		}
	}
	bundle := filepath.Join(cmd.Dir, "certificates.pem") // an absolute path
	return bundle, os.WriteFile(bundle, certificates, 0o600)
}

// TempDir makes an empty folder beside a file, for a fetch. Only this user may read it.
func TempDir(beside string) (string, error) {
	dir, err := os.MkdirTemp(filepath.Dir(beside), filepath.Base(beside)+".git-*")
	if err != nil {
		return "", fmt.Errorf("make a temporary folder: %w", withCause(err))
	}
	return dir, nil
}

// RemoveTemp removes the folders of TempDir that a killed run left behind. It must be called while no other
// process can use one, which is under the lock that keeps a second sync away from the same file.
func RemoveTemp(beside string) error {
	folder, file := filepath.Split(beside)
	temporary := regexp.MustCompile("^" + regexp.QuoteMeta(file) + `\.git-[0-9]+$`)
	entries, err := os.ReadDir(filepath.Clean(folder))
	for _, e := range entries {
		if e.IsDir() && temporary.MatchString(e.Name()) {
			err = errors.Join(err, os.RemoveAll(filepath.Join(folder, e.Name())))
		}
	}
	if err != nil {
		return fmt.Errorf("remove the temporary folders of a run before: %w", err)
	}
	return nil
}
