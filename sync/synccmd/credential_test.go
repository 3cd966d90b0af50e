package synccmd

import (
	"context"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

func basicOf(email, token string) string {
	return base64.StdEncoding.EncodeToString([]byte(email + ":" + token))
}

// What is in the environment comes first, and nothing after it is touched.
func TestCredentialPrecedence(t *testing.T) {
	if !inOwnProcess(t) {
		return
	}
	p := newProgram(t)
	connections := p.trap()
	ran := filepath.Join(t.TempDir(), "ran")
	command := "touch '" + ran + "'; echo " + testAccessToken
	for _, c := range []struct {
		name string
		env  map[string]string
		want []string
		code int
		ran  bool
	}{
		{"access token", map[string]string{"TRUNKSTAT_TOKEN": testAccessToken, "TRUNKSTAT_TOKEN_COMMAND": command},
			[]string{`"source":"environment"`, `"kind":"access_token"`, `"state":"ok"`}, 0, false},
		{"API token", map[string]string{"TRUNKSTAT_TOKEN": testAPIToken, "TRUNKSTAT_EMAIL": testEmail},
			[]string{`"source":"environment"`, `"kind":"api_token"`, `"state":"ok"`}, 0, false},
		{"API token without e-mail", map[string]string{"TRUNKSTAT_TOKEN": testAPIToken},
			[]string{"TRUNKSTAT_TOKEN", "set TRUNKSTAT_EMAIL"}, 4, false},
		{"app password", map[string]string{"TRUNKSTAT_TOKEN": "ATBBxyz", "TRUNKSTAT_EMAIL": testEmail},
			[]string{"2026-07-28"}, 4, false},
		{"command", map[string]string{"TRUNKSTAT_TOKEN_COMMAND": command},
			[]string{`"source":"command"`, `"kind":"access_token"`, `"state":"ok"`}, 0, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			os.Remove(ran)
			c.env["DBUS_SESSION_BUS_ADDRESS"] = p.env["DBUS_SESSION_BUS_ADDRESS"]
			p.t, p.env = t, c.env
			p.expect(p.run("-w", "acme", "auth", "status", "--format", "json"), c.code, c.want...)
			if _, err := os.Stat(ran); (err == nil) != c.ran {
				t.Errorf("the command was run: %v, want %v", err == nil, c.ran)
			}
		})
	}
	if n := connections(); n != 0 {
		t.Errorf("the keychain was asked %d times", n)
	}
}

// An address that must not get a secret gets none, and none is read for it.
func TestForeignPlainHTTP(t *testing.T) {
	if !inOwnProcess(t) {
		return
	}
	p := newProgram(t)
	connections := p.trap()
	ran := filepath.Join(t.TempDir(), "ran")
	for _, url := range []string{"http://api.bitbucket.org/2.0", "http://127.0.0.1.example.com",
		"ftp://127.0.0.1", "https://me:hunter2@127.0.0.1/2.0", "127.0.0.1"} {
		for _, env := range []string{"", "TRUNKSTAT_TOKEN_COMMAND"} {
			if env != "" {
				p.env[env] = "touch '" + ran + "'"
			}
			o := p.run("--api-url", url, "-w", "acme", "auth", "status")
			p.expect(o, 2, "--api-url")
			if strings.Contains(o.all(), "hunter2") {
				t.Errorf("the password of the address is shown: %s", o.all())
			}
			delete(p.env, env)
		}
	}
	if _, err := os.Stat(ran); err == nil {
		t.Error("the token command was run")
	}
	if n := connections(); n != 0 {
		t.Errorf("the keychain was asked %d times", n)
	}
}

func TestTokenCommand(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the commands are those of sh")
	}
	p := newProgram(t)
	for _, c := range []struct {
		name, command, email string
		code                 int
		want                 []string
	}{
		{"token", "printf '  %s\\r\\n' " + testAccessToken, "", 0, []string{"command"}},
		{"with e-mail", "echo " + testAPIToken, testEmail, 0, []string{"api_token"}},
		{"status", "echo hunter2; echo locked out >&2; exit 3", "", 4,
			[]string{"TRUNKSTAT_TOKEN_COMMAND: exit status 3", "locked out"}},
		{"nothing", "true", "", 4, []string{"is empty"}},
		{"a file", "yes hunter2", "", 4, []string{"longer than a token"}},
		{"further lines", "echo " + testAccessToken + "; echo login: hunter2", "", 0, []string{`command`}},
		{"not on the first line", "echo; echo " + testAccessToken, "", 4, []string{"is empty"}},
		{"two tokens in a line", "echo hunter2 hunter2", "", 4, []string{"a blank"}},
		{"no such command", "/nonexistent/hunter2-helper 2>/dev/null", "", 4, []string{"exit status 127"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p.t = t
			p.env = map[string]string{"TRUNKSTAT_TOKEN_COMMAND": c.command, "TRUNKSTAT_EMAIL": c.email}
			o := p.run("-w", "acme", "auth", "status")
			p.expect(o, c.code, c.want...)
			for _, secret := range []string{"hunter2", testAccessToken, testAPIToken} {
				if strings.Contains(o.all(), secret) {
					t.Errorf("the output is shown: %s", o.all())
				}
			}
		})
	}
	t.Run("cancelled", func(t *testing.T) {
		p.t = t
		started := filepath.Join(t.TempDir(), "started")
		p.env = map[string]string{"TRUNKSTAT_TOKEN_COMMAND": "touch '" + started + "'; sleep 60 & sleep 60"}
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		go func() {
			for ctx.Err() == nil {
				if _, err := os.Stat(started); err == nil {
					cancel()
				}
				time.Sleep(time.Millisecond)
			}
		}()
		if o := p.runContext(ctx, "-w", "acme", "auth", "status"); !errors.Is(o.err, context.Canceled) {
			t.Errorf("got %v, want the context's error", o.err)
		}
	})
}

func TestKeychainTimeout(t *testing.T) {
	if !inOwnProcess(t) {
		return
	}
	p := newProgram(t)
	connections := p.trap()
	for _, value := range []string{"0", "-5", "-1s", "soon", "5 s", "30", "99999999999999"} {
		p.env["TRUNKSTAT_KEYRING_TIMEOUT"] = value
		p.expect(p.run("-w", "acme", "auth", "status"), 2, "TRUNKSTAT_KEYRING_TIMEOUT; use a duration like 90s")
	}
	if n := connections(); n > 0 {
		t.Errorf("the keychain was asked %d times", n)
	}
	// A bus that never answers: the limit ends the call.
	p.env["TRUNKSTAT_KEYRING_TIMEOUT"] = "20ms"
	p.expect(p.run("-w", "acme", "auth", "status"), 4, "did not answer in time", "TRUNKSTAT_TOKEN_COMMAND")
	if connections() == 0 {
		t.Error("the trap, on which other tests rely, catches nothing")
	}
}
