package bitbucket

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestNewCredential(t *testing.T) {
	tests := []struct {
		name, email, token string
		kind               Kind
		wantEmail, want    string
	}{
		{"API token", "ann@example.com", "ATATT3xsecret", APIToken, "ann@example.com", "ATATT3xsecret"},
		{"token of no known form, with an e-mail", "ann@example.com", "secret", APIToken, "ann@example.com", "secret"},
		{"access token", "", "ATCTT3xsecret", AccessToken, "", "ATCTT3xsecret"},
		{"token of no known form", "", "secret", AccessToken, "", "secret"},
		{"access token with an e-mail", "ann@example.com", "ATCTT3xsecret", AccessToken, "", "ATCTT3xsecret"},
		{"line end", " ann@example.com\n", "ATATT3xsecret\r\n", APIToken, "ann@example.com", "ATATT3xsecret"},
		{"quotes", "'ann@example.com'", `"ATATT3xsecret"`, APIToken, "ann@example.com", "ATATT3xsecret"},
		{"quotes and blanks", "", " ' secret\r\n'\n", AccessToken, "", "secret"},
		{"one pair alone", "", `"'secret'"`, AccessToken, "", "'secret'"},
		{"one quote", "", `"secret`, AccessToken, "", `"secret`},
		{"byte order mark", "\ufeffann@example.com", "\ufeff\"ATATT3xsecret\"\n", APIToken, "ann@example.com", "ATATT3xsecret"},
		{"other blanks", "", "\u00a0secret\u2003", AccessToken, "", "secret"},
		{"blanks", "", "\t secret  \n\n", AccessToken, "", "secret"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := NewCredential(tt.email, tt.token)
			if err != nil || c.Kind != tt.kind || c.Email != tt.wantEmail || c.Token() != tt.want {
				t.Errorf("got %v, %q, %v", c, c.Token(), err)
			}
		})
	}
}

func TestNewCredentialRefuses(t *testing.T) {
	tests := []struct {
		name, email, token string
		want               string // "": any
	}{
		{"empty", "ann@example.com", "", "the token is empty"},
		{"blank", "", " \r\n", "the token is empty"},
		{"API token alone", "", "ATATT3xhunter2", "needs the e-mail"},
		{"API token with a blank e-mail", " ", "ATATT3xhunter2", "needs the e-mail"},
		{"app password", "ann@example.com", "ATBBhunter2", "app password (ATBB…) no longer works"},
		{"app password alone", "", "ATBBhunter2", "app password (ATBB…) no longer works"},
		{"app password in quotes", "", `"ATBBhunter2"`, "app password (ATBB…) no longer works"},
		{"service account", "", "ATSTT3xhunter2", "service account's token (ATSTT…) does not work"},
		{"service account with an e-mail", "ann@example.com", "ATSTT3xhunter2", "service account's token (ATSTT…) does not work"},
		{"no e-mail", "ann", "ATATT3xhunter2", "the e-mail has no @"},
		{"no e-mail with an access token", "hunter2", "ATCTT3xhunter2", "the e-mail has no @"},
		{"user of git", "x-token-auth", "ATCTT3xhunter2", "are user names for git"},
		{"other user of git", "X-Bitbucket-Api-Token-Auth", "ATATT3xhunter2", "are user names for git"},
		{"both in one", "", "ann@example.com:ATATT3xhunter2", "holds an e-mail or a user name and a colon"},
		{"both in one and an e-mail", "ann@example.com", "ann@example.com:ATATT3xhunter2", "holds an e-mail or a user name and a colon"},
		{"user and token in one", "", "x-token-auth:ATCTT3xhunter2", "holds an e-mail or a user name and a colon"},
		{"e-mail for a token", "", "hunter2@example.com", "holds an e-mail or a user name and a colon"},
		{"quotes alone", "", `""`, "the token is empty"},
		{"two words", "", "token: hunter2", ""},
		{"two lines", "", "hunter2\nhunter2", ""},
		{"header in disguise", "", "hunter2\r\nX-Evil: 1", ""},
		{"NUL", "", "hunter2\x00", ""},
		{"DEL", "", "hunter2\x7f", ""},
		{"curly quotes", "", "“hunter2”", ""},
		{"no UTF-8", "", "hunter2\xff", ""},
		{"colon in the e-mail", "ann:hunter2", "ATATT3xhunter2", ""},
		{"line end in the e-mail", "ann@example.com\nX: hunter2", "ATATT3xhunter2", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := NewCredential(tt.email, tt.token)
			if err == nil || !strings.Contains(err.Error(), tt.want) || c != (Credential{}) {
				t.Fatalf("got %v, %v, want %q", c, err, tt.want)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%v repeats the secret", err)
			}
		})
	}
}

// TestCredentialShowsNoToken prints it in every way, alone and nested where fmt cannot call its
// methods.
func TestCredentialShowsNoToken(t *testing.T) {
	c := credential(t, "ann@example.com", testToken)
	client, err := New(Config{BaseURL: "https://api.bitbucket.org/2.0", Credential: c})
	if err != nil {
		t.Fatal(err)
	}
	type inner struct{ c Credential }
	type outer struct {
		inner
		list []Credential
		m    map[string]any
		Open Credential
		p    *Credential
	}
	nested := outer{inner{c}, []Credential{c}, map[string]any{"c": inner{c}}, c, &c}
	values := map[string]any{"plain": c, "pointer": &c, "nested": nested, "pointer to nested": &nested,
		"slice": []any{c, &c, nested}, "config": Config{Credential: c}, "client": client, "*client": *client,
		"scrubber": client.scrub, "error": fmt.Errorf("with %v: %w", c, errors.New("x"))}
	for name, v := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			noToken(t, name+" as "+verb, fmt.Sprintf(verb, v))
		}
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "v", v)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "v", v)
		noToken(t, name+" in a log", log.String())
		if data, err := json.Marshal(v); err == nil {
			noToken(t, name+" as JSON", string(data))
		}
	}
	if got := fmt.Sprint(c); got != "api_token of ann@example.com" {
		t.Errorf("printed as %q", got)
	}
}

// noToken looks for the token of the tests in all forms it could have taken.
func noToken(t *testing.T, what, text string) {
	t.Helper()
	basic := Credential{Email: "ann@example.com"}
	token := testToken
	basic.token = &token
	for i := range len(testToken) - minPiece {
		if strings.Contains(text, testToken[i:i+minPiece]) {
			t.Errorf("%s shows %d characters of the token: %s", what, minPiece, text)
			return
		}
	}
	for _, form := range []string{testToken, testToken[:20], testToken[15:], strings.TrimRight(strings.TrimPrefix(basic.authorization(), "Basic "), "="),
		fmt.Sprintf("%x", testToken), fmt.Sprintf("%X", testToken), strings.Trim(fmt.Sprint([]byte(testToken)), "[]")} {
		if strings.Contains(text, form) {
			t.Errorf("%s shows the token: %s", what, text)
			return
		}
	}
}
