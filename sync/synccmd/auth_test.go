package synccmd

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/urfave/cli/v2"

	"trunkstat/store"
	"trunkstat/store/command"
	"trunkstat/store/keychain"
	"trunkstat/sync/sandbox"
)

// urfave/cli has one flag for the help of all apps, which tests that run side by side would write to.
func init() { cli.HelpFlag = nil }

const (
	testEmail       = "ada@example.com"
	testAPIToken    = "ATATT3xFfGF0-synthetic-api-token"
	testAccessToken = "ATCTT3xFfGN0-synthetic-access-token"
)

// A program is the commands of this package with the flags that main gives them, a sandbox to
// talk to, and an environment of its own.
type program struct {
	t      *testing.T
	server *sandbox.Server
	access *sandbox.Credential // the access token
	db     string
	env    map[string]string
	stdin  string

	secrets keychain.Items // nil: the system's keychain
	waits   bool           // waits take their time
	skipped atomic.Int64   // nanoseconds by which the clock is ahead, since waits take no time
	notice  time.Duration  // see environment.noticeAfter
	timeout time.Duration  // see environment.tokenTimeout
}

// newProgram starts a sandbox with the workspace acme and tokens that are good for it. Its
// environment has no keychain.
func newProgram(t *testing.T) *program {
	t.Helper()
	server, err := sandbox.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	acme := server.Workspace("acme")
	acme.NewRepository("website").Commits("main", 1)
	acme.NewRepository("api").Commits("main", 1)
	server.AddAPIToken(testEmail, testAPIToken)
	return &program{t: t, server: server, access: server.AddAccessToken(testAccessToken), db: filepath.Join(t.TempDir(), "trunkstat.db"),
		env: map[string]string{}}
}

// An ending is all that can be seen of a run.
type ending struct {
	stdout, stderr string
	err            error
	code           int
	hint           string
}

// all is everything that is shown to people, in one text.
func (o ending) all() string {
	text := o.stdout + o.stderr + o.hint
	if o.err != nil {
		text += o.err.Error()
	}
	return text
}

func (p *program) run(args ...string) ending {
	return p.runContext(context.Background(), args...)
}

func (p *program) runContext(ctx context.Context, args ...string) ending {
	p.t.Helper()
	var stdout bytes.Buffer
	var stderr lockedBuffer
	app := &cli.App{
		Name: "trunkstat", Version: "test", HideVersion: true,
		Reader: strings.NewReader(p.stdin), Writer: &stdout, ErrWriter: &stderr,
		Flags: p.globalFlags(), Commands: commands(p.environment()),
	}
	command.Prepare(app, nil)
	err := app.RunContext(ctx, append([]string{"trunkstat"}, args...))
	o := ending{stdout: stdout.String(), stderr: stderr.String(), err: err}
	o.code, o.hint = command.Exit(err)
	return o
}

// A lockedBuffer can be written to by several goroutines.
type lockedBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// globalFlags are those of main, with the program's database and sandbox as default values.
func (p *program) globalFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "db", Value: p.db},
		&cli.StringFlag{Name: "api-url", Value: p.server.URL()},
		&cli.StringFlag{Name: "git-url", Value: p.server.GitURL()},
		&cli.StringFlag{Name: "workspace", Aliases: []string{"w"}},
		&cli.StringFlag{Name: "ca-cert"},
		&cli.BoolFlag{Name: "quiet"}, &cli.BoolFlag{Name: "verbose"}, &cli.BoolFlag{Name: "no-color"},
	}
}

// environment has the program's variables and keychain, and a clock that jumps ahead instead of waiting.
func (p *program) environment() environment {
	env := newEnvironment(p.getenv, p.secrets)
	env.now = func() time.Time { return time.Now().Add(time.Duration(p.skipped.Load())) }
	env.sleep = func(ctx context.Context, d time.Duration) error {
		p.skipped.Add(int64(d))
		return ctx.Err()
	}
	if p.waits {
		env.sleep = nil
	}
	env.noticeAfter = cmp.Or(p.notice, env.noticeAfter)
	env.tokenTimeout = cmp.Or(p.timeout, env.tokenTimeout)
	return env
}

func (p *program) getenv(name string) string { return p.env[name] }

// expect fails the test unless the run ended with the code and showed the texts.
func (p *program) expect(o ending, code int, texts ...string) {
	p.t.Helper()
	if o.code != code {
		p.t.Errorf("exit code %d, want %d (%v)\nstdout: %s\nstderr: %s", o.code, code, o.err, o.stdout, o.stderr)
	}
	for _, text := range texts {
		if !strings.Contains(o.all(), text) {
			p.t.Errorf("%q is not said:\n%s", text, o.all())
		}
	}
}

// withKeychain gives the program a keychain, a workspace of its own in it and in the sandbox, and returns
// its slug. The keychain is that of the session where one was promised (.ci/with-keychain), else a twin.
func (p *program) withKeychain() string {
	p.t.Helper()
	p.secrets = &keychain.Memory{}
	if os.Getenv("TRUNKSTAT_TEST_KEYCHAIN") != "" {
		p.secrets = nil
		for _, name := range []string{"DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"} {
			p.env[name] = os.Getenv(name)
		}
	}
	if err := p.keys().Ping(context.Background()); err != nil {
		p.t.Fatalf("a keychain was promised: %v", err)
	}
	slug := fmt.Sprintf("trunkstat-test-%d-%d", os.Getpid(), time.Now().UnixNano())
	p.server.Workspace(slug).NewRepository("website").Commits("main", 1)
	p.t.Cleanup(func() { p.keys().Delete(context.Background(), slug) })
	return slug
}

func (p *program) keys() *keychain.Keychain {
	return &keychain.Keychain{Items: p.secrets, Getenv: p.getenv}
}

// secret is what the keychain holds for the workspace, and whether it holds anything.
func (p *program) secret(workspace string) (keychain.Secret, bool) {
	p.t.Helper()
	secret, err := p.keys().Get(context.Background(), workspace)
	if err != nil && !errors.Is(err, keychain.ErrNotFound) {
		p.t.Fatal(err)
	}
	return secret, err == nil
}

// entry is what the database knows of the workspace's credential; nil for nothing.
func (p *program) entry(workspace string) *store.Credential {
	p.t.Helper()
	var entry *store.Credential
	err := store.Open(p.db).View(context.Background(), func(tx *store.Tx) error {
		ws, _, err := tx.Workspace(workspace)
		entry = ws.Credential
		return err
	})
	if err != nil && !errors.Is(err, store.ErrNoDatabase) {
		p.t.Fatal(err)
	}
	return entry
}

// put writes workspaces into the database, as a sync or a login would.
func (p *program) put(workspaces ...store.Workspace) {
	p.t.Helper()
	err := store.Open(p.db).Update(context.Background(), func(tx *store.Tx) error {
		for _, ws := range workspaces {
			if err := tx.PutWorkspace(ws); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// inOwnProcess runs the test again in a process of its own, with the environment given, and
// reports false in this one. A process connects to a session bus once, so a test that needs
// another bus, or none, cannot share it with the tests before.
func inOwnProcess(t *testing.T, env ...string) bool {
	t.Helper()
	const marker = "TRUNKSTAT_TEST_ALONE"
	if os.Getenv(marker) == t.Name() {
		return true
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(append(os.Environ(), marker+"="+t.Name()), env...)
	out, err := cmd.CombinedOutput()
	if runtime.GOOS != "linux" && bytes.Contains(out, []byte("--- SKIP: "+t.Name())) {
		t.Skipf("%s", out)
	}
	if err != nil || !bytes.Contains(out, []byte("--- PASS: "+t.Name())) {
		t.Errorf("%v\n%s", err, out)
	}
	return false
}

const noBus = "unix:path=/nonexistent/bus"

// trap makes a session bus that counts who connects, and points the environment at it.
func (p *program) trap() (connections func() int) {
	p.t.Helper()
	if runtime.GOOS != "linux" {
		p.t.Skip("only Linux reaches its keychain over a socket")
	}
	path := filepath.Join(p.t.TempDir(), "bus")
	listener, err := net.Listen("unix", path)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { listener.Close() })
	p.env["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=" + path
	p.t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+path)
	return func() int {
		n := 0
		for {
			listener.(*net.UnixListener).SetDeadline(time.Now().Add(10 * time.Millisecond))
			conn, err := listener.Accept()
			if err != nil {
				return n
			}
			conn.Close()
			n++
		}
	}
}

func TestLogin(t *testing.T) {
	p := newProgram(t)
	ws := p.withKeychain()

	p.stdin = "  " + testAccessToken + "\r\n"
	o := p.run("-w", "https://bitbucket.org/"+strings.ToUpper(ws)+"/website/", "auth", "login",
		"--label", "laptop", "--expires", "2999-12-31", "--with-token")
	p.expect(o, 0, "access token", "1 repository")
	if o.stdout != "" {
		t.Errorf("stdout is for data: %q", o.stdout)
	}
	secret, _ := p.secret(ws)
	if secret.Kind != "access_token" || secret.Token() != testAccessToken || secret.Email != "" {
		t.Errorf("stored %s %q", secret.Kind, secret.Email)
	}
	first := p.entry(ws)
	if first == nil || first.Kind != "access_token" || first.Label != "laptop" ||
		first.Expires.Format(time.RFC3339) != "2999-12-31T23:59:59Z" || first.Verified.IsZero() {
		t.Fatalf("entry %+v", first)
	}

	first.Created = time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	p.put(store.Workspace{Slug: ws, Credential: first, LastSync: first.Created})
	p.stdin = testAPIToken
	// The workspace is the only one known, so it need not be named.
	o = p.run("auth", "login", "--email", testEmail, "--with-token")
	p.expect(o, 0, "API token")
	secret, _ = p.secret(ws)
	if secret.Kind != "api_token" || secret.Token() != testAPIToken || secret.Email != testEmail {
		t.Errorf("replaced by %s %q", secret.Kind, secret.Email)
	}
	second := p.entry(ws)
	if second == nil || second.Kind != "api_token" || second.Label != "laptop" ||
		!second.Created.Equal(first.Created) || !second.Expires.IsZero() {
		t.Errorf("entry %+v", second)
	}
}

// A login that fails leaves nothing behind, and what was there before as it was.
func TestLoginFails(t *testing.T) {
	p := newProgram(t)
	ws := p.withKeychain()
	p.server.Workspace(ws + "-empty")
	p.server.AddAccessToken("unscoped", "pullrequest:none")
	for _, c := range []struct {
		name, workspace, token string
		args                   []string
		code                   int
		text                   string
	}{
		{"wrong token", ws, "ATCTT3wrong", nil, 4, "invalid_credentials"},
		{"wrong e-mail", ws, testAPIToken, []string{"--email", "eve@example.com"}, 4, "invalid_credentials"},
		{"no scope", ws, "unscoped", nil, 4, "invalid_permissions"},
		{"no workspace", ws + "-not", testAccessToken, nil, 5, "no_resources"},
		{"no repository", ws + "-empty", testAccessToken, nil, 5, "no_resources"},
		{"app password", ws, "ATBBxyz", nil, 4, "2026-07-28"},
		{"no e-mail", ws, testAPIToken, nil, 2, "--email"},
		{"no token", ws, " \n", nil, 4, "no token"},
		{"two lines", ws, testAccessToken + "\nlogin: more", nil, 4, "several lines"},
		{"no token but a file", ws, strings.Repeat("x", 1<<17), nil, 4, "longer than a token"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p.t, p.stdin = t, c.token
			o := p.run(append([]string{"-w", c.workspace, "auth", "login", "--with-token"}, c.args...)...)
			p.expect(o, c.code, c.text)
			if _, ok := p.secret(c.workspace); ok {
				t.Error("a secret is in the keychain")
			}
			if _, err := os.Stat(p.db); err == nil {
				t.Error("a database was made")
			}
			if len(c.token) > 5 && strings.Contains(o.all(), strings.TrimSpace(c.token)) {
				t.Error("the token is shown")
			}
		})
	}
	p.t = t
	p.stdin = testAccessToken
	p.expect(p.run("-w", ws, "auth", "login", "--with-token"), 0)
	p.stdin = "ATCTT3wrong"
	p.expect(p.run("-w", ws, "auth", "login", "--with-token", "--label", "new"), 4)
	if secret, _ := p.secret(ws); secret.Token() != testAccessToken {
		t.Error("the secret was replaced by one that was refused")
	}
	if entry := p.entry(ws); entry == nil || entry.Label != "" {
		t.Errorf("the entry changed: %+v", entry)
	}

	// The entry cannot be written: the keychain keeps what it held.
	p.db, p.stdin = t.TempDir(), testAPIToken
	o := p.run("-w", ws, "auth", "login", "--email", testEmail, "--with-token")
	if o.code == 0 {
		t.Error("a folder was taken for a database")
	}
	if secret, _ := p.secret(ws); secret.Token() != testAccessToken {
		t.Error("the secret was replaced without an entry")
	}
}

// A readOnly is a keychain that takes no secret.
type readOnly struct{ keychain.Memory }

func (r *readOnly) Set(account, item string) error { return errors.New("the collection is read-only") }

// TestLoginKeychainRefuses: the entry is what it was before, none or another.
func TestLoginKeychainRefuses(t *testing.T) {
	p := newProgram(t)
	works := &keychain.Memory{}
	for _, label := range []string{"", "old"} {
		p.secrets = &readOnly{}
		p.stdin = testAccessToken
		p.expect(p.run("-w", "acme", "auth", "login", "--with-token", "--label", "new"), 1, "read-only")
		if entry := p.entry("acme"); (entry != nil) != (label != "") || entry != nil && entry.Label != label {
			t.Errorf("the entry is %+v", entry)
		}
		p.secrets = works
		p.stdin = testAccessToken
		p.expect(p.run("-w", "acme", "auth", "login", "--with-token", "--label", "old"), 0)
	}
}

func TestLoginMisuse(t *testing.T) {
	p := newProgram(t)
	p.stdin = testAccessToken
	past := time.Now().AddDate(0, 0, -2).Format(time.DateOnly)
	for name, c := range map[string]struct {
		args []string
		text string
	}{
		"no terminal":      {[]string{"-w", "acme", "auth", "login"}, pipeToken()},
		"no workspace":     {[]string{"auth", "login", "--with-token"}, "--workspace"},
		"token in argv":    {[]string{"-w", "acme", "auth", "login", "--with-token", testAccessToken}, "takes no argument"},
		"bad date":         {[]string{"-w", "acme", "auth", "login", "--with-token", "--expires", "31.12.2999"}, "2026-03-31"},
		"no such day":      {[]string{"-w", "acme", "auth", "login", "--with-token", "--expires", "2999-02-30"}, "2999-02-30"},
		"past":             {[]string{"-w", "acme", "auth", "login", "--with-token", "--expires", past}, "past"},
		"bad workspace":    {[]string{"-w", "acme/website", "auth", "login", "--with-token"}, "invalid workspace"},
		"plain http":       {[]string{"-w", "acme", "--api-url", "http://api.example.com/2.0", "auth", "login", "--with-token"}, "plain http"},
		"no CA":            {[]string{"-w", "acme", "--ca-cert", "/nonexistent", "auth", "login", "--with-token"}, "--ca-cert"},
		"CA is no PEM":     {[]string{"-w", "acme", "--ca-cert", "auth_test.go", "auth", "login", "--with-token"}, "PEM"},
		"bad key timeout":  {[]string{"-w", "acme", "auth", "login", "--with-token"}, "TRUNKSTAT_KEYRING_TIMEOUT"},
		"zero key timeout": {[]string{"-w", "acme", "auth", "login", "--with-token"}, "TRUNKSTAT_KEYRING_TIMEOUT"},
	} {
		t.Run(name, func(t *testing.T) {
			p.t = t
			p.env["TRUNKSTAT_KEYRING_TIMEOUT"] = map[string]string{
				"bad key timeout": "soon", "zero key timeout": "0"}[name]
			o := p.run(c.args...)
			p.expect(o, 2, c.text)
			if o.stdout != "" {
				t.Errorf("stdout: %q", o.stdout)
			}
			if strings.Contains(o.all(), testAccessToken) {
				t.Error("the token is repeated")
			}
			if n := len(p.server.Requests()); n != 0 {
				t.Errorf("%d requests were sent", n)
			}
		})
	}
}

// There is no flag for a token, and who tries does not see it repeated.
func TestNoFlagTakesToken(t *testing.T) {
	p := newProgram(t)
	p.stdin = testAccessToken
	for _, flag := range []string{"--token", "--with-token=", "--password"} {
		args := []string{"-w", "acme", "auth", "login", flag, testAccessToken}
		if strings.HasSuffix(flag, "=") {
			args = []string{"-w", "acme", "auth", "login", "--label=x", flag + "false", testAccessToken}
		}
		o := p.run(args...)
		if o.err == nil || strings.Contains(o.all(), testAccessToken) {
			t.Errorf("%s: %s", flag, o.all())
		}
	}
	if n := len(p.server.Requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// Without a keychain the two other ways are named, and nothing is left behind.
func TestNoKeychain(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there is always a keychain")
	}
	if !inOwnProcess(t, "DBUS_SESSION_BUS_ADDRESS="+noBus) {
		return
	}
	p := newProgram(t)
	p.env["DBUS_SESSION_BUS_ADDRESS"] = noBus
	p.stdin = testAccessToken
	for _, args := range []string{"auth login --with-token", "auth status", "auth logout", "sync"} {
		o := p.run(append([]string{"-w", "acme"}, strings.Fields(args)...)...)
		p.expect(o, 4, "TRUNKSTAT_TOKEN (with TRUNKSTAT_EMAIL", "TRUNKSTAT_TOKEN_COMMAND")
	}
	if n := p.server.Count(); n > 0 {
		t.Errorf("%d requests", n)
	}
	if _, err := os.Stat(p.db); err == nil {
		t.Error("a database was made")
	}
}

// A token is sent to no other server than the one it was stored for.
func TestTokenOfAnotherServer(t *testing.T) {
	p, other := newProgram(t), newProgram(t)
	ws := p.withKeychain()
	p.stdin = testAccessToken
	p.expect(p.run("-w", ws, "auth", "login", "--with-token"), 0)
	other.server.Workspace(ws).NewRepository("website").Commits("main", 1)
	for _, args := range []string{"sync", "auth status", "doctor"} {
		o := p.run(append([]string{"-w", ws, "--api-url", other.server.URL()}, strings.Fields(args)...)...)
		p.expect(o, map[bool]int{true: 1, false: 4}[args == "doctor"], "was stored for "+p.server.URL()+", not for "+other.server.URL())
		if args == "sync" && o.hint != "trunkstat auth login -w "+ws+" --api-url "+other.server.URL() {
			t.Errorf("hint: %s", o.hint)
		}
	}
	for _, r := range other.server.Requests() {
		if r.Credential != sandbox.Anonymous {
			t.Errorf("the token was sent to the other server: %+v", r)
		}
	}
	p.expect(p.run("-w", ws, "--api-url", strings.ToUpper(p.server.URL()[:7])+p.server.URL()[7:]+"/", "sync"), 0)
}

func TestLogout(t *testing.T) {
	p := newProgram(t)
	ws := p.withKeychain()
	p.stdin = testAccessToken
	login := func() { t.Helper(); p.expect(p.run("-w", ws, "auth", "login", "--with-token"), 0) }

	p.expect(p.run("auth", "logout"), 4, "no credential", "nothing to remove", "trunkstat auth list")
	p.expect(p.run("-w", ws, "auth", "logout"), 4, "nothing to remove")

	login()
	p.expect(p.run("auth", "logout"), 0, "removed") // the only one
	if _, ok := p.secret(ws); ok || p.entry(ws) != nil {
		t.Error("something is left")
	}

	login() // an entry without a secret
	if err := p.keys().Delete(context.Background(), ws); err != nil {
		t.Fatal(err)
	}
	p.expect(p.run("-w", ws, "auth", "logout"), 0, "removed")
	if p.entry(ws) != nil {
		t.Error("the entry is left")
	}

	login() // a secret without an entry, in a workspace that was synced
	synced := time.Date(2025, 3, 31, 0, 0, 0, 0, time.UTC)
	p.put(store.Workspace{Slug: ws, LastSync: synced})
	p.expect(p.run("-w", ws, "auth", "logout"), 0, "removed")
	if _, ok := p.secret(ws); ok {
		t.Error("the secret is left")
	}
	login()
	p.put(store.Workspace{Slug: ws, LastSync: synced, Credential: p.entry(ws)})
	p.expect(p.run("-w", ws, "auth", "logout"), 0, "removed")
	store.Open(p.db).View(context.Background(), func(tx *store.Tx) error {
		if w, ok, err := tx.Workspace(ws); err != nil || !ok || !w.LastSync.Equal(synced) || w.Credential != nil {
			t.Errorf("the workspace was forgotten with its credential: %+v %v %v", w, ok, err)
		}
		return nil
	})

	entry := &store.Credential{Kind: "access_token"}
	p.put(store.Workspace{Slug: "one", Credential: entry}, store.Workspace{Slug: "two", Credential: entry})
	p.expect(p.run("auth", "logout"), 2, "one, two")
}

// auth list reads nothing but the database.
func TestList(t *testing.T) {
	if !inOwnProcess(t) {
		return
	}
	p := newProgram(t)
	connections := p.trap()
	o := p.run("auth", "list")
	p.expect(o, 0, "trunkstat auth login -w WORKSPACE")
	if o.stdout != "" {
		t.Errorf("stdout: %q", o.stdout)
	}
	o = p.run("auth", "list", "--format", "json")
	if o.stdout != "{\"schema\":1,\"credentials\":[]}\n" {
		t.Errorf("stdout: %q", o.stdout)
	}
	if _, err := os.Stat(p.db); err == nil {
		t.Error("a database was made")
	}
	p.put(
		store.Workspace{Slug: "acme", Credential: &store.Credential{
			Kind: "api_token", Label: "team \x1b[31mred", Created: time.Date(2025, 3, 31, 10, 0, 0, 0, time.UTC)}},
		store.Workspace{Slug: "synced-only"},
	)
	o = p.run("auth", "list")
	p.expect(o, 0, "acme", "api_token", "team red", "2025-03-31")
	if strings.Contains(o.stdout, "synced-only") {
		t.Errorf("a workspace without a credential is listed: %s", o.stdout)
	}
	o = p.run("auth", "list", "--format", "json")
	want := `{"schema":1,"credentials":[{"workspace":"acme","kind":"api_token",` +
		`"label":"team \u001b[31mred","created":"2025-03-31T10:00:00Z","expires":null,"verified":null}]}` + "\n"
	if o.stdout != want {
		t.Errorf("got  %swant %s", o.stdout, want)
	}
	p.expect(p.run("auth", "list", "--format", "csv"), 2, "table, json")
	p.expect(p.run("-w", "other", "auth", "list"), 0, "auth login -w other")
	if n := connections(); n != 0 || len(p.server.Requests()) != 0 {
		t.Errorf("%d connections to the keychain, %d to Bitbucket", n, len(p.server.Requests()))
	}
}

// No command shows a token, and no file holds one.
func TestSecretsStaySecret(t *testing.T) {
	p := newProgram(t)
	ws := p.withKeychain()
	var shown strings.Builder
	for _, args := range [][]string{
		{"auth", "login", "--with-token", "--email", testEmail, "--label", "laptop"},
		{"auth", "list"}, {"auth", "list", "--format", "json"},
		{"--verbose", "auth", "status"}, {"auth", "status", "--format", "json"},
		{"auth", "status", "--offline"}, {"--verbose", "doctor"},
		{"--api-url", "http://127.0.0.1:1/2.0", "doctor"},
	} {
		p.stdin = testAPIToken
		shown.WriteString(p.run(append([]string{"-w", ws}, args...)...).all())
	}
	if !strings.Contains(shown.String(), "GET /repositories/"+ws) {
		t.Error("--verbose shows no request, so this test shows nothing")
	}
	file, err := os.ReadFile(p.db)
	if err != nil {
		t.Fatal(err)
	}
	secrets := append([]string{testAPIToken}, basicOf(testEmail, testAPIToken))
	for _, secret := range secrets {
		if strings.Contains(shown.String(), secret) {
			t.Errorf("a secret is shown:\n%s", shown.String())
		}
		if bytes.Contains(file, []byte(secret)) {
			t.Error("the database holds a secret")
		}
	}
	if bytes.Contains(file, []byte(testEmail)) {
		t.Error("the database holds the e-mail")
	}
	p.expect(p.run("-w", ws, "auth", "logout"), 0)
}

func decodeJSON(t *testing.T, text string, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
}
