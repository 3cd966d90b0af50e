package synccmd

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"trunkstat/store"
	"trunkstat/sync/sandbox"
)

// utf16File is a text as PowerShell writes it into a file.
func utf16File(text string) string {
	b := []byte{0xFF, 0xFE}
	for _, unit := range utf16.Encode([]rune(text)) {
		b = binary.LittleEndian.AppendUint16(b, unit)
	}
	return string(b)
}

// Whatever way a token comes, what comes along with it is taken off.
func TestTokenInput(t *testing.T) {
	p := newProgram(t)
	for name, form := range map[string]string{
		"white space": " \t%\r\n", "byte order mark": "\uFEFF%\n", "quotes": `"%"` + "\n", "both": "\uFEFF'%' ",
	} {
		p.env = map[string]string{"TRUNKSTAT_TOKEN": strings.ReplaceAll(form, "%", testAPIToken), "TRUNKSTAT_EMAIL": `"` + testEmail + `"`}
		p.expect(p.run("-w", "acme", "auth", "status"), 0, "environment", "api_token")
		ws := p.withKeychain()
		p.env["TRUNKSTAT_TOKEN"], p.env["TRUNKSTAT_EMAIL"] = "", ""
		p.stdin = strings.ReplaceAll(form, "%", testAccessToken)
		p.expect(p.run("-w", ws, "auth", "login", "--with-token"), 0)
		p.stdin = utf16File(strings.ReplaceAll(form, "%", testAccessToken))
		p.expect(p.run("-w", ws, "auth", "login", "--with-token"), 0)
		if secret, _ := p.secret(ws); secret.Token() != testAccessToken {
			t.Errorf("%s: another token was stored", name)
		}
	}
	if runtime.GOOS == "windows" {
		return
	}
	p.env = map[string]string{"TRUNKSTAT_TOKEN_COMMAND": `printf '\377\376`}
	for _, letter := range testAccessToken {
		p.env["TRUNKSTAT_TOKEN_COMMAND"] += string(letter) + `\000`
	}
	p.env["TRUNKSTAT_TOKEN_COMMAND"] += `\r\000\n\000u\000s\000e\000r\000'`
	p.expect(p.run("-w", "acme", "auth", "status"), 0, "command")
}

// What cannot be right is named before a request is spent.
func TestWrongInput(t *testing.T) {
	p := newProgram(t)
	ws := p.withKeychain()
	env := p.env
	for name, c := range map[string]struct{ email, token, text string }{
		"service account": {"", "ATSTT3xFfGN0-of-a-robot", "service account"},
		"both in one":     {"", testEmail + ":" + testAPIToken, "an e-mail or a user name and a colon"},
		"both, and again": {testEmail, "ada:" + testAPIToken, "colon"},
		"user name":       {"ada", testAPIToken, "no @"},
		"git's user":      {"x-bitbucket-api-token-auth", testAPIToken, "user names for git"},
		"git's other one": {"x-token-auth", testAccessToken, "user names for git"},
		"app password":    {"ada@example.com", "ATBBabcdefghijklmnop", "2026-07-28"},
	} {
		ways := map[string]ending{}
		p.env = map[string]string{"TRUNKSTAT_TOKEN": c.token, "TRUNKSTAT_EMAIL": c.email}
		ways["environment"] = p.run("-w", ws, "sync")
		ways["doctor"] = p.run("-w", ws, "doctor")
		if runtime.GOOS != "windows" {
			p.env = map[string]string{"TRUNKSTAT_TOKEN_COMMAND": "echo " + c.token, "TRUNKSTAT_EMAIL": c.email}
			ways["command"] = p.run("-w", ws, "auth", "status")
		}
		p.env, p.stdin = env, c.token
		ways["stdin"] = p.run("-w", ws, "auth", "login", "--with-token", "--email", c.email)
		for way, o := range ways {
			p.t.Log(name, way)
			p.expect(o, map[bool]int{true: 1, false: 4}[way == "doctor"], c.text)
			if strings.Contains(o.all(), c.token) {
				t.Errorf("%s, %s: the token is repeated", name, way)
			}
		}
	}
	for _, r := range p.server.Requests() {
		if r.Credential != sandbox.Anonymous { // doctor looks whether anything answers
			t.Errorf("a request was spent: %+v", r)
		}
	}
}

// The token command is run once, however many workspaces there are, also if it fails: it may ask for a password.
func TestTokenCommandOnce(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the commands are those of sh")
	}
	p := newProgram(t)
	p.server.Workspace("beta").NewRepository("web").Commits("main", 1)
	p.put(store.Workspace{Slug: "acme"}, store.Workspace{Slug: "beta"})
	for _, args := range []string{"sync", "auth status", "doctor"} {
		ran := filepath.Join(t.TempDir(), "ran")
		p.env["TRUNKSTAT_TOKEN_COMMAND"] = "echo x >> '" + ran + "'; echo " + testAccessToken
		p.expect(p.run(strings.Fields(args)...), 0)
		if text, err := os.ReadFile(ran); err != nil || string(text) != "x\n" {
			t.Errorf("%s: %q, %v", args, text, err)
		}
		os.Remove(ran)
		p.env["TRUNKSTAT_TOKEN_COMMAND"] = "echo x >> '" + ran + "'; exit 3"
		if o := p.run(strings.Fields(args)...); strings.Count(o.all(), "exit status 3") < 2 {
			t.Errorf("%s: each workspace's failure is not told: %s", args, o.all())
		}
		if text, err := os.ReadFile(ran); err != nil || string(text) != "x\n" {
			t.Errorf("%s that fails: %q, %v", args, text, err)
		}
	}
}

// A token command that takes long is mentioned, and one that hangs is given up.
func TestTokenCommandHangs(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: it waits")
	}
	if runtime.GOOS == "windows" {
		t.Skip("the commands are those of sh")
	}
	t.Parallel()
	p := newProgram(t)
	const words = "waiting for TRUNKSTAT_TOKEN_COMMAND"
	p.notice, p.timeout = 20*time.Millisecond, 300*time.Millisecond
	p.env["TRUNKSTAT_TOKEN_COMMAND"] = "sleep 30"
	o := p.run("-w", "acme", "sync")
	p.expect(o, 4, words, "no token within 300ms")
	p.env["TRUNKSTAT_TOKEN_COMMAND"] = "exec sleep 30" // whose pipe closes with it
	o = p.run("-w", "acme", "--quiet", "sync")
	if p.expect(o, 4); strings.Contains(o.all(), words) {
		t.Error("said although quiet")
	}
	p.timeout = time.Minute
	p.env["TRUNKSTAT_TOKEN_COMMAND"] = "sleep 0.1; echo " + testAccessToken
	p.expect(p.run("-w", "acme", "sync"), 0, words)
	p.notice = 0
	if o = p.run("-w", "acme", "sync"); strings.Contains(o.all(), words) {
		t.Error("said at once")
	}
}
