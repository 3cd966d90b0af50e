package bitbucket

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"
)

func TestErrors(t *testing.T) {
	const scopes = "Your credentials lack one or more required privilege scopes."
	tests := []struct {
		name    string
		status  int
		body    string
		headers []string
		want    Error
		text    string // after "GET /repositories/acme/x/commits: "
	}{
		{"commit", 404, `{"type":"error","error":{"message":"Commit not found","data":{"shas":["` + hashA + `"]}},"data":{"shas":["` + hashA + `"]}}`, nil,
			Error{Message: "Commit not found", Shas: []string{hashA}}, "404 Not Found: Commit not found"},
		{"shas at the top alone", 404, `{"error":{"message":"Commit not found"},"data":{"shas":["a","b"]}}`, nil,
			Error{Message: "Commit not found", Shas: []string{"a", "b"}}, "404 Not Found: Commit not found"},
		{"shas inside alone", 404, `{"error":{"message":"Commit not found","data":{"shas":["a",7,null,"b"]}},"data":null}`, nil,
			Error{Message: "Commit not found", Shas: []string{"a", "b"}}, "404 Not Found: Commit not found"},
		{"workspace", 404, `{"type":"error","error":{"message":"No workspace with identifier 'x'."}}`, nil,
			Error{Message: "No workspace with identifier 'x'"}, "404 Not Found: No workspace with identifier 'x'"},
		{"detail", 404, `{"type":"error","error":{"message":"Resource not found","detail":"There is no API hosted at this URL.\n\nFor information about our API's, please refer to the documentation."}}`, nil,
			Error{Message: "Resource not found", Detail: "There is no API hosted at this URL. For information about our API's, please refer to the documentation"},
			"404 Not Found: Resource not found: There is no API hosted at this URL. For information about our API's, please refer to the documentation"},
		{"scopes", 403, `{"type":"error","error":{"message":"` + scopes + `","detail":{"granted":["read:user:bitbucket"],"required":["read:repository:bitbucket","read:user:bitbucket"]}}}`, nil,
			Error{Message: scopes[:len(scopes)-1], MissingScopes: []string{"read:repository:bitbucket"}},
			"403 Forbidden: " + scopes[:len(scopes)-1] + " (missing scope: read:repository:bitbucket)"},
		{"scopes as strings", 403, `{"error":{"message":"m","detail":{"granted":null,"required":"repository"}}}`, nil,
			Error{Message: "m", MissingScopes: []string{"repository"}}, "403 Forbidden: m (missing scope: repository)"},
		{"token", 401, `{"type":"error","error":{"message":"Token is invalid, expired, or not supported for this endpoint."}}`, nil,
			Error{Message: "Token is invalid, expired, or not supported for this endpoint"}, "401 Unauthorized: Token is invalid, expired, or not supported for this endpoint"},
		{"text", 401, "Unauthorized\nmore", []string{"Content-Type: text/plain"},
			Error{Message: "Unauthorized", NotJSON: true}, "401 Unauthorized: Unauthorized"},
		{"no type", 400, "what?", []string{"Content-Type: "}, Error{Message: "what?", NotJSON: true}, "400 Bad Request: what?"},
		{"HTML", 400, "\n <html><body>Bad", []string{"Content-Type: text/html"}, Error{Message: "BASE returned an HTML page, not Bitbucket's API", NotJSON: true, NotBitbucket: true}, "400 Bad Request: BASE returned an HTML page, not Bitbucket's API"},
		{"HTML that says to be JSON", 400, "<!doctype html>", nil, Error{Message: "BASE returned an HTML page, not Bitbucket's API", NotJSON: true, NotBitbucket: true}, "400 Bad Request: BASE returned an HTML page, not Bitbucket's API"},
		{"nothing", 410, "", nil, Error{NotJSON: true}, "410 Gone"},
		{"change", 410, `{"type":"error","error":{"message":"CHANGE-2770 - Functionality has been deprecated","detail":"Please read the changelog entry for more details.","data":{"announcement_url":"https://x"}},"data":{"announcement_url":"https://x"}}`, nil,
			Error{Message: "CHANGE-2770 - Functionality has been deprecated", Detail: "Please read the changelog entry for more details"},
			"410 Gone: CHANGE-2770 - Functionality has been deprecated: Please read the changelog entry for more details"},
		{"an error that is a string", 400, `{"error":"no"}`, nil, Error{Message: "no"}, "400 Bad Request: no"},
		{"an error that is a number", 400, `{"error":7}`, nil, Error{}, "400 Bad Request"},
		{"message of another form", 400, `{"error":{"message":["a"],"detail":7,"data":"x"},"data":[1]}`, nil, Error{}, "400 Bad Request"},
		{"somebody else's JSON", 400, `{"message":"no"}`, nil, Error{Message: "BASE returned JSON of another service, not Bitbucket's API", NotBitbucket: true}, "400 Bad Request: BASE returned JSON of another service, not Bitbucket's API"},
		{"escapes", 400, `{"error":{"message":"a\u001b[31mred\u0007\u202e\u0000\r\n\tb\u0085c"}}`, nil, Error{Message: "a [31mred b c"}, "400 Bad Request: a [31mred b c"},
		{"too long", 400, `{"error":{"message":"` + strings.Repeat("é", 5000) + `"}}`, nil, Error{Message: strings.Repeat("é", 150) + "…"}, "400 Bad Request: " + strings.Repeat("é", 150) + "…"},
		{"Retry-After of a 404", 404, "", []string{"Retry-After: 5", "X-Ratelimit-Reset: 9"}, Error{NotJSON: true, RetryAfter: 5e9}, "404 Not Found"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStub(t, turn{"", answer(tt.status, tt.body, tt.headers...)})
			_, err := walk(t.Context(), s.client(Config{}))
			var got *Error
			if !errors.As(err, &got) {
				t.Fatalf("got %v", err)
			}
			tt.want.Message = strings.ReplaceAll(tt.want.Message, "BASE", s.base())
			tt.text = strings.ReplaceAll(tt.text, "BASE", s.base())
			tt.want.Method, tt.want.Path = "GET", "/repositories/acme/x/commits"
			tt.want.StatusCode, tt.want.Attempts = tt.status, 1
			if !reflect.DeepEqual(*got, tt.want) {
				t.Errorf("got  %#v\nwant %#v", *got, tt.want)
			}
			ofCommits := tt.want.Message == "Commit not found"
			if IsCommitNotFound(err) != ofCommits || IsNotFound(err) != (tt.status == 404 && !ofCommits) {
				t.Errorf("not found: %v, a commit: %v", IsNotFound(err), IsCommitNotFound(err))
			}
			if want := "GET /repositories/acme/x/commits: " + tt.text; err.Error() != want {
				t.Errorf("reads\n%s\nwant\n%s", err, want)
			}
		})
	}
}

// TestNotBitbucket: what another server says is never taken for Bitbucket's word, whatever its status.
func TestNotBitbucket(t *testing.T) {
	const html, text = "Content-Type: text/html", "Content-Type: text/plain"
	const dataCenter = `{"errors":[{"context":null,"message":"Authentication failed","exceptionName":"x"}]}`
	tests := []struct {
		name    string
		body    string
		headers []string
		want    string // what it returned; "": it may be Bitbucket
	}{
		{"HTML", "<html>Sign in", []string{html}, "an HTML page"},
		{"HTML that says to be JSON", "\n<!DOCTYPE html>", nil, "an HTML page"},
		{"a forge", `{"message":"Not Found","documentation_url":"https://docs.example.com"}`, nil, "JSON of another service"},
		{"a tracker", `{"errorMessages":["no"],"errors":{}}`, nil, "JSON of another service"},
		{"a list", `[]`, nil, "JSON of another service"},
		{"Data Center", dataCenter, nil, "an answer of Bitbucket Data Center"},
		{"Data Center by its header", ``, []string{"X-AREQUESTID: @1ABC2x841x7x0"}, "an answer of Bitbucket Data Center"},
		{"envelope", `{"type":"error","error":{"message":"no"}}`, nil, ""},
		{"nothing", "", nil, ""},
		{"text", "Unauthorized", []string{text}, ""},
	}
	statuses := map[int]func(error) bool{401: IsUnauthorized, 403: IsForbidden, 404: IsNotFound, 410: IsGone, 400: nil, 418: nil}
	for _, tt := range tests {
		for status, is := range statuses {
			if status == 404 && tt.name == "text" {
				tt.want = "plain text" // a Bitbucket that says so is not known
			}
			s := newStub(t, turn{"", answer(status, tt.body, tt.headers...)})
			_, err := walk(t.Context(), s.client(Config{}))
			if IsNotBitbucket(err) != (tt.want != "") || is != nil && is(err) != (tt.want == "") {
				t.Errorf("%d %s: %v", status, tt.name, err)
			}
			if says := s.base() + " returned " + tt.want + ", not Bitbucket's API"; tt.want != "" && !strings.HasSuffix(err.Error(), says) {
				t.Errorf("%d %s: %v does not say %q", status, tt.name, err, says)
			}
			if tt.name == "text" {
				tt.want = ""
			}
		}
	}
	// A gateway's own page of a 5xx may stand before Bitbucket or before another server.
	for _, body := range []string{"<html>", `{"message":"Endpoint request timed out"}`} {
		s := newStub(t, turn{"", answer(504, body)})
		if _, err := walk(t.Context(), s.client(Config{Attempts: 1})); !IsServerError(err) || IsNotBitbucket(err) {
			t.Errorf("504: %v", err)
		}
	}
	s := newStub(t, turn{"", answer(503, dataCenter)})
	if _, err := walk(t.Context(), s.client(Config{Attempts: 1})); IsServerError(err) || !IsNotBitbucket(err) {
		t.Errorf("503 of Data Center: %v", err)
	}
	for body, want := range map[string]bool{`{"hello":"world"}`: true, `{}`: false, `{"values":null}`: false, "<html>": true} {
		s := newStub(t, turn{"", ok(body)})
		if _, err := walk(t.Context(), s.client(Config{Attempts: 1})); IsNotBitbucket(err) != want {
			t.Errorf("200 with %s: %v", body, err)
		}
	}
	s = newStub(t, turn{"", answer(302, "", "Location: https://sso.example.com/login?to=x")})
	if _, err := walk(t.Context(), s.client(Config{})); !IsNotBitbucket(err) || !strings.Contains(err.Error(), "https://sso.example.com/login") {
		t.Errorf("a redirect to sign on: %v", err)
	}
}

// TestReason: a 403 that another token would get too says why.
func TestReason(t *testing.T) {
	for message, want := range map[string]bool{
		"To access this repository, an admin must allowlist your IP.":     true,
		"Your IP address is not on the allow list of this workspace.":     true,
		"Access is denied: 203.0.113.7 is not whitelisted":                true,
		"To access this workspace, you must enable two-step verification": true,
		"You must have 2FA enabled":                                       true,
		"This feature requires the Premium plan.":                         true,
		"Your credentials lack one or more required privilege scopes.":    false,
		"Forbidden": false,
		"You do not have access to this repository, which is described in the documentation": false,
	} {
		s := newStub(t, turn{"", answer(403, fmt.Sprintf(`{"type":"error","error":{"message":%q}}`, message))})
		_, err := walk(t.Context(), s.client(Config{}))
		var e *Error
		if !errors.As(err, &e) || !IsForbidden(err) || (e.Reason != "") != want {
			t.Errorf("%s: reason %q of %v", message, e.Reason, err)
		}
		if want && !strings.HasPrefix(message, e.Reason) {
			t.Errorf("reason %q of %s", e.Reason, message)
		}
	}
	s := newStub(t, turn{"", answer(401, `{"error":{"message":"enable two-step verification"}}`)})
	_, err := walk(t.Context(), s.client(Config{}))
	if var401 := (*Error)(nil); !errors.As(err, &var401) || var401.Reason != "" {
		t.Errorf("a 401 has a reason: %v", err)
	}
}

// TestNames: what names no hash must not name every hash.
func TestNames(t *testing.T) {
	h := hash(hashA[:35] + "bcdef")
	full := h.String()
	for sha, want := range map[string]bool{
		full: true, strings.ToUpper(full): true, full + "/": true, full[:7]: true, full[:12] + "//": true,
		"": false, "/": false, "//": false, full[:6]: false, "aaaaaa/": false, full[1:]: false, full + "0": false, "/" + full: false, hashB: false, "main": false,
	} {
		if got := (&Error{Shas: []string{"x", sha}}).Names(h); got != want {
			t.Errorf("%q names it: %v", sha, got)
		}
	}
	if (&Error{}).Names(h) {
		t.Error("no name names it")
	}
}

// TestBranchNotFound: a missing branch is told from a missing repository.
func TestBranchNotFound(t *testing.T) {
	for message, want := range map[string]bool{
		`Branch "repository" not found`:    true,
		`Reference "repository" not found`: true,
		`repository`:                       true,
		`You may not have access to this repository or it no longer exists in this workspace. If you think this repository exists and you have access, make sure you are authenticated.`: false,
		`The requested repository either does not exist or you do not have access.`:                                                                                                      false,
		`Repository acme/x not found`:       false,
		`No workspace with identifier 'x'.`: false,
		``:                                  false,
	} {
		branch := "repository"
		if !want {
			branch = "main"
		}
		s := newStub(t, turn{"", answer(404, fmt.Sprintf(`{"type":"error","error":{"message":%q}}`, message))})
		_, err := s.client(Config{}).Head(t.Context(), "acme", "x", branch)
		if IsBranchNotFound(err) != want || IsNotFound(err) == want {
			t.Errorf("%s: %v, %v", message, IsBranchNotFound(err), err)
		}
	}
	for _, tt := range []struct {
		status int
		body   string
		want   bool
	}{
		{404, "", false}, {404, "<html>", false}, {403, `{"error":{"message":"Branch x"}}`, false},
		{404, `{"error":{"message":"Resource not found","detail":"There is no API hosted at this URL."}}`, false},
		{404, `{"error":{"message":"Commit not found","data":{"shas":["main"]}}}`, true},
	} {
		s := newStub(t, turn{"", answer(tt.status, tt.body)})
		if _, err := s.client(Config{}).Head(t.Context(), "acme", "x", "main"); IsBranchNotFound(err) != tt.want {
			t.Errorf("%d %s: %v", tt.status, tt.body, err)
		}
	}
	s := newStub(t, turn{"", answer(404, `{"error":{"message":"Branch not found"}}`)})
	if _, err := walk(t.Context(), s.client(Config{})); IsBranchNotFound(err) {
		t.Errorf("commits: %v", err)
	}
}

// TestSecretsStayHome: the server sends the credential back in every way it can, and no error and
// no Exchange repeats it.
func TestSecretsStayHome(t *testing.T) {
	echo := func(status int, form string, headers ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			_, token, _ := r.BasicAuth()
			body := strings.NewReplacer("{auth}", r.Header.Get("Authorization"), "{token}", token, "{half}", token[:len(token)/2]).Replace(form)
			for i := range headers {
				headers[i] = strings.NewReplacer("{token}", token, "{auth}", r.Header.Get("Authorization")).Replace(headers[i])
			}
			answer(status, body, headers...)(w, r)
		}
	}
	raw := func(form string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				panic(err)
			}
			_, token, _ := r.BasicAuth()
			fmt.Fprint(conn, strings.ReplaceAll(form, "{token}", token))
			conn.Close()
		}
	}
	tests := map[string]http.HandlerFunc{
		"message":           echo(400, `{"error":{"message":"bad header {auth}"}}`),
		"token in message":  echo(401, `{"error":{"message":"bad token '{token}'"}}`),
		"half in message":   echo(401, `{"error":{"message":"bad token '{half}'"}}`),
		"escaped":           echo(401, `{"error":{"message":"bad token '`+strings.ReplaceAll(testToken, "=", `\u003d`)+`'"}}`),
		"split by a cut":    echo(400, `{"error":{"message":"`+strings.Repeat("x", maxText-20)+`{token}"}}`),
		"split by controls": echo(400, `{"error":{"message":"{half}\u0000"}}`),
		"detail":            echo(403, `{"error":{"message":"m","detail":"{auth}"}}`),
		"scopes":            echo(403, `{"error":{"message":"m","detail":{"granted":["{token}"],"required":["{auth}","{half}"]}}}`),
		"shas":              echo(404, `{"error":{"message":"m","data":{"shas":["{token}","{auth}"]}}}`),
		"text":              echo(400, "{auth}", "Content-Type: text/plain"),
		"content type":      echo(200, "x", "Content-Type: application/{token}"),
		"text with 200":     echo(200, "{token}", "Content-Type: text/plain"),
		"error with 200":    echo(200, `{"error":{"message":"{auth}"}}`),
		"5xx":               echo(500, "{auth}", "Content-Type: text/plain"),
		"redirect":          echo(301, "", "Location: https://example.com/{token}?{token}"),
		"redirect at home":  echo(301, "", "Location: /2.0/{token}/{token}"),
		"no redirect":       echo(301, "", "Location: http://[::1/%zz{token}"),
		"next":              echo(200, `{"values":[],"next":"https://example.com/{token}?x={token}"}`),
		"next at home":      echo(200, `{"values":[],"next":"{token}"}`),
		"hash":              echo(200, `{"values":[{"hash":"{token}"}]}`),
		"parent":            echo(200, `{"values":[{"hash":"`+hashA+`","parents":[{"hash":"{token}"}]}]}`),
		"429":               echo(429, "{token}", "Retry-After: {token}"),
		"broken protocol":   raw("{token} {token}\r\n\r\n"),
		"broken header":     raw("HTTP/1.1 200 OK\r\n{token}\r\n\r\n"),
		"broken status":     raw("HTTP/1.1 {token}\r\n\r\n"),
		"broken length":     raw("HTTP/1.1 200 OK\r\nContent-Length: {token}\r\n\r\n"),
		"broken chunks":     raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{token}\r\n"),
		"broken encoding":   raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: {token}\r\n\r\n"),
	}
	for name, handler := range tests {
		t.Run(name, func(t *testing.T) {
			srv := httptest.NewUnstartedServer(handler)
			srv.Config.ErrorLog = log.New(io.Discard, "", 0)
			srv.Start()
			defer srv.Close()
			s := &stub{t: t, srv: srv}
			var all []error
			c := s.client(Config{
				Budget: newClock().budget(BudgetConfig{Max: 9}),
				Trace:  func(e Exchange) { noToken(t, "the trace", fmt.Sprintf("%+v", e)); all = append(all, e.Err) },
			})
			_, err := walk(t.Context(), c)
			if err == nil {
				t.Fatal("no error")
			}
			for all = append(all, err); len(all) > 0; all = all[1:] {
				for err := all[0]; err != nil; err = errors.Unwrap(err) {
					noToken(t, "the error", fmt.Sprintf("%v %+v %#v %q", err, err, err, err))
					var e *Error
					if errors.As(err, &e) {
						noToken(t, "the error's fields", fmt.Sprintf("%+v %#v", *e, *e))
					}
				}
			}
		})
	}
	t.Run("scopes of Verify", func(t *testing.T) {
		s := newStub(t, turn{"", echo(200, `{"values":[]}`, "X-Oauth-Scopes: {token}, a", "X-Credential-Type: {auth}")})
		v, err := s.client(Config{}).Verify(t.Context(), "acme")
		if err != nil || !slices.Contains(v.Scopes, "a") {
			t.Errorf("got %v, %v", v, err)
		}
		noToken(t, "the verification", fmt.Sprint(v))
	})
	t.Run("names", func(t *testing.T) {
		s := newStub(t, turn{"", answer(404, "")})
		_, err := s.client(Config{}).Head(t.Context(), "acme", testToken, testToken)
		noToken(t, "the path", err.Error())
	})
}

func FuzzEnvelope(f *testing.F) {
	for _, s := range []string{`{"type":"error","error":{"message":"m","detail":{"granted":["a"],"required":["b"]},"data":{"shas":["x"]}},"data":{"shas":["y"]}}`,
		limitBody, "<html>", `{"error":"x"}`, `{"error":{"message":7}}`, "\xff\x00\x1b[31m", testToken,
		testToken[15:], testToken[len(testToken)-minPiece:], "x" + testToken[7:25] + "y", url.QueryEscape(testToken),
		`{"error":{"message":"` + testToken[9:] + `","detail":"` + testToken[:9] + ` ` + testToken[9:30] + `"}}`} {
		f.Add(s, "application/json", 404)
		f.Add(s, "text/plain; charset=utf-8", 429)
	}
	token := testToken
	c, err := New(Config{BaseURL: "https://api.bitbucket.org/2.0", Credential: Credential{Kind: APIToken, Email: "ann@example.com", token: &token}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body, kind string, status int) {
		e := c.refusal(status, http.Header{"Content-Type": {kind}}, []byte(body))
		texts := slices.Concat([]string{e.Message, e.Detail}, e.MissingScopes, e.Shas)
		for _, text := range texts {
			if len(text) > maxText+len("…")+len(", not JSON") {
				t.Errorf("a text of %d bytes", len(text))
			}
			if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("%q cannot be printed", text)
			}
			noToken(t, "the error", text)
		}
	})
}
