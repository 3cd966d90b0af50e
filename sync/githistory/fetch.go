package githistory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Fetch makes a bare repository in an empty folder and fetches the commits of a branch into it, without
// trees and blobs. Where the server makes no such packs, it is an error, and nothing is fetched. After an
// error the folder holds nothing of use.
func (g *Git) Fetch(ctx context.Context, dir string, remote Remote, branch string) error {
	offers, err := OffersFilter(ctx, remote)
	if err == nil && !offers {
		err = errors.New("the git server offers no filter")
	}
	if err != nil {
		return err
	}
	if err := g.fetch(ctx, dir, remote, branch); err != nil {
		return fmt.Errorf("fetch %s: %w", remote.URL, withCause(remote.redact(err)))
	}
	return nil
}

// fetch is Fetch of a server that offers filters.
func (g *Git) fetch(ctx context.Context, dir string, remote Remote, branch string) error {
	// Templates would bring hooks and settings along.
	create := g.command(ctx, dir, "init", "--quiet", "--bare", "--template=", "--object-format=sha1")
	if _, err := output(ctx, create); err != nil {
		return err
	}
	ref := "refs/heads/" + branch
	// Tags and submodules would bring other histories. Without --update-shallow, git fetches nothing of a
	// repository that was pushed from a shallow clone.
	cmd := g.command(ctx, dir, "fetch", "--quiet", "--filter=tree:0", "--no-tags", "--no-recurse-submodules",
		"--no-write-fetch-head", "--no-auto-gc", "--update-shallow", remote.URL, ref+":"+ref)
	scheme, _, _ := strings.Cut(remote.URL, ":")
	// The last value of a variable counts, so this allows what command forbids.
	cmd.Env = append(append(cmd.Env, remote.settings()...), "GIT_ALLOW_PROTOCOL="+scheme)
	if remote.CAs != nil {
		bundle, err := g.bundle(ctx, dir, remote)
		if err != nil {
			return err
		}
		cmd.Env = append(cmd.Env, "GIT_SSL_CAINFO="+bundle)
	}
	if _, err := output(ctx, cmd); err != nil {
		return err
	}
	// git named the server in the configuration, to fetch from it what is missing: each tree and each file
	// that a command looks at, by itself. Without that, they are just not there.
	return os.WriteFile(filepath.Join(dir, "config"), []byte("[core]\n\tbare = true\n"), 0o600)
}

// unreadable are parts of what git writes where ErrUnreadable is the cause: it has no codes for them.
var unreadable = []string{
	"returned error: 403", "returned error: 404", "returned error: 410",
	"couldn't find remote ref", "' not found",
}

// withCause puts ErrUnreadable in front of an error of git that tells the same.
func withCause(err error) error {
	if slices.ContainsFunc(unreadable, func(t string) bool { return strings.Contains(err.Error(), t) }) {
		return fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	return err
}

// settings are the variables that give git the settings of a fetch, the credential among them: no argument
// and no file has it. They outrank the user's settings. Those for an address are given for the whole of it,
// so that none of the user's is more specific; proxies and certificates are the user's.
func (r Remote) settings() (env []string) {
	own := "http." + r.URL + "."
	settings := [][2]string{
		{"credential.helper", ""},
		{own + "extraHeader", ""}, // an empty value removes those before it
		{own + "sslVerify", "true"},
		{own + "followRedirects", "false"},                       // git would send the header to another host
		{"http.lowSpeedLimit", "1"}, {"http.lowSpeedTime", "60"}, // bytes a second, seconds
		{"url." + r.URL + ".insteadOf", r.URL}, // users change https to ssh for all of bitbucket.org
		{"fetch.fsckObjects", "false"},         // which refuses old histories; hashes are compared here
		{"fetch.writeCommitGraph", "false"},    // which takes time, and is of use to later commands alone
		{"protocol.version", "2"},              // older ones have no filters
	}
	if header := r.authorization(); header != "" {
		settings = append(settings, [2]string{own + "extraHeader", "Authorization: " + header})
	}
	if strings.HasPrefix(r.URL, "http:") {
		settings = append(settings, [2]string{own + "proxy", ""}) // a proxy cannot reach this machine
	}
	for i, s := range settings {
		env = append(env,
			fmt.Sprintf("GIT_CONFIG_KEY_%d=%s", i, s[0]), fmt.Sprintf("GIT_CONFIG_VALUE_%d=%s", i, s[1]))
	}
	return append(env, fmt.Sprintf("GIT_CONFIG_COUNT=%d", len(settings)))
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
	cmd := g.command(ctx, dir, "config", "--type=path", "--get-urlmatch", "http.sslCAInfo", remote.URL)
	setting, _ := output(ctx, cmd) // which fails where there is none
	certificates := remote.CAs
	own := cmp.Or(os.Getenv("GIT_SSL_CAINFO"), strings.TrimSpace(string(setting)))
	for _, file := range append([]string{own}, systemBundles...) {
		if trusted, err := os.ReadFile(file); err == nil {
			certificates = append(append(trusted, '\n'), certificates...)
			break
		}
	}
	bundle := filepath.Join(cmd.Dir, "certificates.pem") // an absolute path
	return bundle, os.WriteFile(bundle, certificates, 0o600)
}
