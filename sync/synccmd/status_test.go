package synccmd

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"trunkstat/store"
	"trunkstat/sync/bitbucket"
	"trunkstat/sync/sandbox"
)

// Every failure that DX names, for both ways to authenticate, as Bitbucket answers it.
func TestNamedFailures(t *testing.T) {
	p := newProgram(t)
	p.server.Workspace("empty")
	p.server.FailNext("/repositories/spam", sandbox.ErrorFault(410, "This workspace has been deactivated."), -1)
	p.server.AddAPIToken("bob@example.com", "ATATT3-unscoped", "read:user:bitbucket")
	p.server.AddAccessToken("ATCTT3-unscoped", "webhook")
	p.server.AddAccessToken("ATCTT3-nothing").Reach()
	basic := "curl -u ATLASSIAN_ACCOUNT_EMAIL:API_TOKEN -H 'Accept: application/json' '" +
		p.server.URL() + "/repositories/"
	bearer := "curl -H 'Authorization: Bearer YOUR_WORKSPACE_TOKEN' -H 'Accept: application/json' '" +
		p.server.URL() + "/repositories/"
	for _, c := range []struct {
		name, email, token, workspace string
		code                          int
		state, cause, hint            string
	}{
		{"wrong API token", testEmail, "ATATT3-wrong", "acme", 4, "invalid_credentials",
			"without scopes for Bitbucket", basic + "acme'"},
		{"wrong access token", "", "ATCTT3-wrong", "acme", 4, "invalid_credentials",
			"expired or revoked", bearer + "acme'"},
		{"API token without the scope", "bob@example.com", "ATATT3-unscoped", "acme", 4, "invalid_permissions",
			"lacks the scope read:repository:bitbucket", basic + "acme'"},
		{"access token without the scope", "", "ATCTT3-unscoped", "acme", 4, "invalid_permissions",
			"lacks the scope repository", bearer + "acme'"},
		{"no such workspace", "", testAccessToken, "nowhere", 5, "no_resources",
			"there is no workspace nowhere", bearer + "nowhere'"},
		{"deactivated workspace", testEmail, testAPIToken, "spam", 5, "no_resources",
			"deactivated", basic + "spam'"},
		{"empty workspace", testEmail, testAPIToken, "empty", 5, "no_resources",
			"reaches no repository of empty", basic + "empty'"},
		{"nothing in reach", "", "ATCTT3-nothing", "acme", 5, "no_resources",
			"reaches no repository of acme", bearer + "acme'"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p.t = t
			p.env = map[string]string{"TRUNKSTAT_TOKEN": c.token, "TRUNKSTAT_EMAIL": c.email}
			o := p.run("-w", c.workspace, "auth", "status")
			p.expect(o, c.code, c.state, c.cause)
			if o.err == nil || !strings.HasPrefix(o.err.Error(), c.state+": ") {
				t.Errorf("error %v, want %s: …", o.err, c.state)
			}
			fix := map[int]string{4: "trunkstat auth login -w acme", 5: "the workspace is acme"}[c.code]
			if !strings.HasSuffix(o.hint, "\n"+c.hint) || !strings.Contains(o.hint, fix) {
				t.Errorf("hint %s\nwant %s, then %s", o.hint, fix, c.hint)
			}
			if strings.Contains(o.all(), c.token) || c.email != "" && strings.Contains(o.all(), c.email) {
				t.Errorf("the credential is shown: %s", o.all())
			}
			var got struct {
				Credentials []struct{ State, Error string }
			}
			decodeJSON(t, p.run("-w", c.workspace, "auth", "status", "--format", "json").stdout, &got)
			if len(got.Credentials) != 1 || got.Credentials[0].State != c.state ||
				!strings.HasPrefix(got.Credentials[0].Error, c.state) {
				t.Errorf("JSON: %+v", got)
			}
		})
	}
}

// A reason that no other token would change comes first, cleaned, and no new token is advised.
func TestServersWords(t *testing.T) {
	p := newProgram(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		w.Write([]byte(`{"type":"error","error":{"message":"Your \u001b[31mIP is not\non the allowlist of ` +
			testAccessToken + `."}}`))
	}))
	defer server.Close()
	p.env["TRUNKSTAT_TOKEN"] = testAccessToken
	o := p.run("--api-url", server.URL, "-w", "acme", "auth", "status")
	p.expect(o, 4, "invalid_permissions: Your", "allowlist", "curl -H")
	if strings.ContainsAny(o.err.Error(), "\x1b\n") || strings.Contains(o.all(), testAccessToken) {
		t.Errorf("not cleaned: %q", o.all())
	}
	if strings.Contains(o.all(), "create an access token") || strings.Contains(o.all(), "auth login") {
		t.Errorf("a new token is advised: %s", o.all())
	}
	twoStep := sandbox.ErrorFault(403, "To access this workspace, you must enable two-step verification.")
	for fault, reason := range map[sandbox.Fault]string{sandbox.IPAllowList: "IP", twoStep: "two-step"} {
		for _, command := range []string{"auth status", "sync", "doctor"} {
			p.server.FailNext("/repositories/acme", fault, 1)
			o := p.run(append([]string{"-w", "acme"}, strings.Fields(command)...)...)
			p.expect(o, map[bool]int{true: 1, false: 4}[command == "doctor"], "invalid_permissions: ", reason)
			if strings.Contains(o.all(), "create an access token") || strings.Contains(o.all(), "auth login") {
				t.Errorf("%s, %s: a new token is advised: %s", fault, command, o.all())
			}
		}
	}
}

// Errors that are nobody's fault of these three stay what they are.
func TestOtherFailures(t *testing.T) {
	p := newProgram(t)
	p.env["TRUNKSTAT_TOKEN"] = testAccessToken
	status := http.StatusTooManyRequests
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(status)
	}))
	defer server.Close()
	p.expect(p.run("--api-url", server.URL, "-w", "acme", "auth", "status"), 75, "failed", "rate limit")
	status = http.StatusTeapot
	p.expect(p.run("--api-url", server.URL, "-w", "acme", "auth", "status"), 1, "failed", "418")
	if err := namedError(nil, bitbucket.Credential{}, "acme", server.URL); err != nil {
		t.Errorf("no error became %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if o := p.runContext(ctx, "-w", "acme", "auth", "status"); o.err == nil || o.stdout != "" {
		t.Errorf("interrupted: %v, %q", o.err, o.stdout)
	}
}

func TestCurlCommandQuotes(t *testing.T) {
	got := curlCommand(bitbucket.APIToken, "acme", "https://example.com/it's/")
	if !strings.HasSuffix(got, `'https://example.com/it'\''s/repositories/acme'`) {
		t.Error(got)
	}
}

func TestStatus(t *testing.T) {
	p := newProgram(t)
	p.expect(p.run("auth", "status"), 4, "no credential", "trunkstat auth login -w WORKSPACE")
	p.expect(p.run("auth", "status", "--format", "yaml"), 2, "table, json")

	ws := p.withKeychain()
	p.expect(p.run("-w", ws, "auth", "status"), 4, "no credential for "+ws, "auth login -w "+ws)
	p.stdin = testAccessToken
	p.expect(p.run("-w", ws, "auth", "login", "--with-token", "--label", "laptop"), 0)
	synced := store.Workspace{Slug: "anonymous"} // known, and without a credential anywhere
	p.put(synced)

	entry := p.entry(ws)
	entry.Verified = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	entry.Expires = time.Now().Add(72*time.Hour + time.Minute).UTC().Truncate(time.Second)
	p.put(store.Workspace{Slug: ws, Credential: entry})
	o := p.run("auth", "status")
	p.expect(o, 0, ws, "ok", "access_token", "laptop", "keychain", "repository", "anonymous", "none")
	if !strings.Contains(o.stderr, "expires on "+entry.Expires.Format(time.DateOnly)+", in 3 days") {
		t.Errorf("no warning: %s", o.stderr)
	}
	if !p.entry(ws).Verified.After(entry.Verified) {
		t.Error("the verification was not recorded")
	}

	var got struct {
		Schema      int
		Credentials []credentialStatus
	}
	decodeJSON(t, p.run("-w", ws, "auth", "status", "--format", "json").stdout, &got)
	if len(got.Credentials) != 1 || got.Schema != 1 {
		t.Fatalf("%+v", got)
	}
	c := got.Credentials[0]
	if c.Workspace != ws || c.Kind != "access_token" || c.Label != "laptop" || c.Source != "keychain" ||
		c.State != "ok" || c.Error != "" || c.Repositories == nil || *c.Repositories != 1 ||
		len(c.Scopes) != 1 || c.Scopes[0] != "repository" || c.Created.IsZero() || c.Verified.IsZero() ||
		!c.Expires.Equal(entry.Expires) {
		t.Errorf("%+v", c)
	}

	// Both a wrong credential and one for nothing: the worst decides, the other one is told.
	p.server.AddAccessToken(testAccessToken + "2").Reach()
	p.env["TRUNKSTAT_TOKEN"] = testAccessToken + "2"
	p.put(store.Workspace{Slug: "acme"})
	o = p.run("auth", "status")
	p.expect(o, 5, "no_resources", "environment")
	if n := strings.Count(o.stderr, "no_resources"); n != 2 {
		t.Errorf("%d of 3 failures on stderr beside the worst: %s", n, o.stderr)
	}
}

// Offline, no network and no keychain is touched.
func TestStatusOffline(t *testing.T) {
	if !inOwnProcess(t) {
		return
	}
	p := newProgram(t)
	connections := p.trap()
	past := time.Now().AddDate(0, 0, -1).UTC()
	p.put(
		store.Workspace{Slug: "acme", Credential: &store.Credential{Kind: "api_token", Expires: past}},
		store.Workspace{Slug: "bare"},
		store.Workspace{Slug: "good", Credential: &store.Credential{Kind: "access_token"}},
	)
	o := p.run("auth", "status", "--offline", "--format", "json")
	p.expect(o, 0, "expired on "+past.Format(time.DateOnly), "auth login -w acme")
	var got struct{ Credentials []credentialStatus }
	decodeJSON(t, o.stdout, &got)
	var states []string
	for _, c := range got.Credentials {
		states = append(states, c.State+" "+string(c.Source))
	}
	if s := strings.Join(states, ", "); s != "expired keychain, none , unverified keychain" {
		t.Errorf("states: %s", s)
	}
	p.env["TRUNKSTAT_TOKEN"] = testAccessToken
	p.expect(p.run("auth", "status", "--offline"), 0, "environment")
	if n := connections(); n != 0 || len(p.server.Requests()) != 0 {
		t.Errorf("%d connections to the keychain, %d requests", n, len(p.server.Requests()))
	}
}

func TestExpiry(t *testing.T) {
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	for in, want := range map[string]string{
		"":                     "0001-01-01T00:00:00Z",
		"2026-03-10":           "2026-03-10T23:59:59Z", // good through its day
		"2026-12-31":           "2026-12-31T23:59:59Z",
		"2026-03-09":           "",
		"2026-04-01T00:00:00Z": "",
		"2026-3-11":            "",
		"2026-02-30":           "",
		"2026-04":              "",
		"1y":                   "",
		"tomorrow":             "",
	} {
		got, err := parseExpiry(in, now)
		if (err == nil) != (want != "") || err == nil && got.Format(time.RFC3339) != want {
			t.Errorf("parseExpiry(%q) = %v, %v; want %s", in, got, err, want)
		}
	}
	for _, c := range []struct {
		left time.Duration
		want string
	}{
		{15 * 24 * time.Hour, ""},
		{14 * 24 * time.Hour, "expires on 2026-03-24, in 14 days"},
		{36 * time.Hour, "expires on 2026-03-12, in 1 day"},
		{time.Hour, "expires on 2026-03-10, within a day"},
		{-time.Hour, "expired on 2026-03-10"},
	} {
		if got := expiryWords(now.Add(c.left), now); got != c.want {
			t.Errorf("%v left: %q, want %q", c.left, got, c.want)
		}
	}
	if got := expiryWords(time.Time{}, now); got != "" {
		t.Errorf("no date: %q", got)
	}
}
