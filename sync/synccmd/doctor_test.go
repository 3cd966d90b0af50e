package synccmd

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"trunkstat/store"
)

// lines are the doctor's findings, by what they are about, each with its fix behind it.
func lines(o ending) map[string]string {
	found, what := map[string]string{}, ""
	for line := range strings.Lines(o.stdout) {
		if fix, ok := strings.CutPrefix(line, strings.Repeat(" ", 21)); ok {
			found[what] += ": " + strings.TrimSpace(fix)
		} else if len(line) > 21 && line[0] != ' ' {
			what = strings.TrimSpace(line[9:20])
			found[what] += strings.TrimSpace(line[:8]) + " " + strings.TrimSpace(line[20:])
		}
	}
	return found
}

func TestDoctor(t *testing.T) {
	if !inOwnProcess(t, "DBUS_SESSION_BUS_ADDRESS="+noBus) {
		return
	}
	p := newProgram(t)
	p.env["TRUNKSTAT_TOKEN"] = testAccessToken
	p.env["DBUS_SESSION_BUS_ADDRESS"] = noBus
	o := p.run("-w", "acme", "doctor")
	p.expect(o, 0)
	for what, want := range map[string]string{
		"database":   "first sync",
		"keychain":   "ok ",
		"proxy":      "ok none",
		"TLS":        "ok not used",
		"API":        "ok http://127.0.0.1:",
		"clock":      "ok agrees",
		"credential": "ok acme: the access token from the environment reaches 2 repositories",
	} {
		if got := lines(o)[what]; !strings.Contains(got, want) || !strings.HasPrefix(got, "ok ") {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	if _, err := os.Stat(p.db); err == nil {
		t.Error("the doctor made a database")
	}
	if list := p.server.Unexpected(); len(list) != 0 {
		t.Errorf("asked for something else than a sync does: %+v", list)
	}
}

// With nothing set up it tells what to do, and breaks off nowhere.
func TestDoctorNothingSetUp(t *testing.T) {
	if !inOwnProcess(t, "DBUS_SESSION_BUS_ADDRESS="+noBus) {
		return
	}
	p := newProgram(t)
	p.env["DBUS_SESSION_BUS_ADDRESS"] = noBus
	p.env["HTTPS_PROXY"] = "http://me:hunter2@proxy.example.com:3128"
	p.env["no_proxy"] = "localhost"
	o := p.run("--api-url", "http://127.0.0.1:1/2.0", "doctor")
	p.expect(o, 1, "problems found")
	found := lines(o)
	for what, want := range map[string]string{
		"database":   "ok",
		"proxy":      "ok http://xxxxx@proxy.example.com:3128 (HTTPS_PROXY), but not for localhost",
		"API":        "problem http://127.0.0.1:1/2.0: ",
		"clock":      "- skipped: no connection",
		"TLS":        "- skipped: no connection",
		"credential": "problem no credential: trunkstat auth login -w WORKSPACE",
	} {
		if !strings.HasPrefix(found[what], want) {
			t.Errorf("%s: %q, want %q", what, found[what], want)
		}
	}
	if strings.Contains(o.all(), "hunter2") {
		t.Error("the proxy's password is shown")
	}
}

func TestDoctorFindsFaults(t *testing.T) {
	if !inOwnProcess(t, "DBUS_SESSION_BUS_ADDRESS="+noBus) {
		return
	}
	p := newProgram(t)
	late := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", time.Now().Add(7*time.Minute+10*time.Second).UTC().Format(http.TimeFormat))
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer late.Close()
	late.Config.ErrorLog = nil
	ca := filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: late.Certificate().Raw})
	if err := os.WriteFile(ca, block, 0o600); err != nil {
		t.Fatal(err)
	}
	p.env["TRUNKSTAT_TOKEN"] = "ATCTT3-wrong"
	p.put(store.Workspace{Slug: "acme"})

	found := lines(p.run("--api-url", late.URL, "--ca-cert", ca, "doctor"))
	for what, want := range map[string]string{
		"TLS":        "ok the certificate is trusted",
		"API":        "ok https://127.0.0.1:",
		"clock":      "problem 7m0s behind Bitbucket's: set it",
		"credential": "problem acme: invalid_credentials",
		"database":   "ok " + p.db + ": 0 repositories of 1 workspace",
	} {
		if !strings.HasPrefix(found[what], want) {
			t.Errorf("%s: %q, want %q", what, found[what], want)
		}
	}

	// Without its authority the certificate is not trusted; nor is a file that is no database.
	foreign := filepath.Join(t.TempDir(), "letter.txt")
	if err := os.WriteFile(foreign, []byte(strings.Repeat("dear diary\n", 2000)), 0o600); err != nil {
		t.Fatal(err)
	}
	p.env["TRUNKSTAT_KEYRING_TIMEOUT"] = "soon"
	o := p.run("--api-url", late.URL, "--db", foreign, "-w", "a/b", "doctor")
	p.expect(o, 1)
	found = lines(o)
	for what, want := range map[string]string{
		"TLS":        "--ca-cert FILE",
		"database":   "another file with --db",
		"keychain":   "TRUNKSTAT_KEYRING_TIMEOUT",
		"credential": "correct --workspace",
	} {
		if !strings.Contains(found[what], want) || !strings.HasPrefix(found[what], "problem ") {
			t.Errorf("%s: %q, want %q", what, found[what], want)
		}
	}
}

// net/http would go past a proxy that is no address.
func TestProxyThatIsNone(t *testing.T) {
	p := newProgram(t)
	p.env["TRUNKSTAT_TOKEN"] = testAccessToken
	for _, value := range []string{"://", "http://", "http://me:hunter%two@proxy:1", "http://me:hunter/two@proxy:1", "ftp://me:hunter@proxy"} {
		p.env["https_proxy"] = value
		for _, command := range []string{"sync", "auth status"} {
			o := p.run(append([]string{"-w", "acme"}, strings.Fields(command)...)...)
			p.expect(o, 2, "invalid proxy address in https_proxy")
			if strings.Contains(o.all(), "hunter") {
				t.Errorf("%s: the password is shown", value)
			}
		}
		o := p.run("doctor")
		if got := lines(o)["proxy"]; !strings.HasPrefix(got, "problem invalid proxy address in https_proxy") ||
			strings.Contains(o.all(), "hunter") {
			t.Errorf("%s: %s", value, o.all())
		}
	}
	if n := p.server.Count(); n > 0 {
		t.Errorf("%d requests went past the proxy", n)
	}
	for value, want := range map[string]string{
		"proxy": "http://proxy", "proxy.example.com:3128": "http://proxy.example.com:3128", "me:hunter@proxy:1": "http://xxxxx@proxy:1",
		"https://me:h@hunter@proxy/path": "https://xxxxx@proxy", "socks5://proxy": "socks5://proxy",
	} {
		name, address := environment{getenv: func(name string) string { return map[string]string{"HTTPS_PROXY": value}[name] }}.proxyVariable()
		if name != "HTTPS_PROXY" || address == nil || address.String() != want {
			t.Errorf("%s: %s is %v, want %s", value, name, address, want)
		}
	}
}

func TestDoctorKnowsStrangers(t *testing.T) {
	p := newProgram(t)
	p.env["TRUNKSTAT_TOKEN"] = testAccessToken
	status := 0
	stranger := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Error("the credential was sent to try the address")
		}
		w.Header()["Date"] = nil
		w.Header().Set("Location", "https://login.example.com/")
		w.WriteHeader(status)
	}))
	defer stranger.Close()
	for code, want := range map[int]string{
		302: "problem what answers at " + stranger.URL + " is not Bitbucket Cloud: it answers 302",
		407: "problem what answers at " + stranger.URL + " is not Bitbucket Cloud: it answers 407",
		503: "problem " + stranger.URL + " answers 503 Service Unavailable: try again later",
		404: "ok " + stranger.URL + " answers",
	} {
		status = code
		found := lines(p.run("--api-url", stranger.URL, "doctor"))
		if !strings.HasPrefix(found["API"], want) {
			t.Errorf("%d: %q, want %q", code, found["API"], want)
		}
		if found["clock"] != "- skipped: the answer has no date" {
			t.Errorf("clock: %q", found["clock"])
		}
	}
}

func TestDoctorWarnsOfExpiry(t *testing.T) {
	p := newProgram(t)
	ws := p.withKeychain()
	p.stdin = testAccessToken
	tomorrow := time.Now().AddDate(0, 0, 1).UTC().Format(time.DateOnly)
	p.expect(p.run("-w", ws, "auth", "login", "--with-token", "--expires", tomorrow), 0, "warning", tomorrow)
	o := p.run("doctor")
	p.expect(o, 1)
	if o.err == nil || o.err.Error() != "1 problem found" {
		t.Errorf("error %v", o.err)
	}
	if got := lines(o)["credential"]; !strings.Contains(got, "expires on "+tomorrow) {
		t.Error(got)
	}
	if got := lines(o)["keychain"]; got != "ok answers" {
		t.Error(got)
	}
}
