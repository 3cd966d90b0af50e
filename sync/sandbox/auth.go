package sandbox

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"time"
)

// The kinds of credential, as the request log names them. A request without one is Anonymous.
const (
	APIToken    = "api_token"    // Basic, e-mail and token; belongs to a user
	AccessToken = "access_token" // Bearer; belongs to a workspace, a project or a repository
	Anonymous   = ""
)

// A Credential is a token the server accepts. It reaches every repository until [Credential.Reach]
// limits it.
type Credential struct {
	s            *Server
	kind         string
	email, token string
	scopes       []string
	reach        []string // workspaces and full names; nil: everything
	revoked      bool
	expires      time.Time // zero: never
	limit        int       // requests an hour; 0: the server's
}

// AddAPIToken makes a user's API token valid. Without scopes it has read:repository:bitbucket.
func (s *Server) AddAPIToken(email, token string, scopes ...string) *Credential {
	if len(scopes) == 0 {
		scopes = []string{"read:repository:bitbucket"}
	}
	return s.addCredential(&Credential{kind: APIToken, email: email, token: token, scopes: scopes})
}

// AddAccessToken makes a workspace access token valid. Without scopes it has repository.
func (s *Server) AddAccessToken(token string, scopes ...string) *Credential {
	if len(scopes) == 0 {
		scopes = []string{"repository"}
	}
	return s.addCredential(&Credential{kind: AccessToken, token: token, scopes: scopes})
}

func (s *Server) addCredential(c *Credential) *Credential {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.s = s
	s.credentials = append(s.credentials, c)
	return c
}

// Revoke makes the server refuse the token from now on.
func (c *Credential) Revoke() { c.s.change(func() { c.revoked = true }) }

// Expire makes the server refuse the token from t on.
func (c *Credential) Expire(t time.Time) { c.s.change(func() { c.expires = t }) }

// Reach limits the credential to workspaces ("acme") and repositories ("acme/website"), as an
// access token of a project or a repository is limited; with no name it reaches nothing.
func (c *Credential) Reach(names ...string) *Credential {
	c.s.change(func() { c.reach = append([]string{}, names...) })
	return c
}

// Limit grants the credential requests an hour of its own.
func (c *Credential) Limit(requests int) *Credential {
	c.s.change(func() { c.limit = requests })
	return c
}

// authenticate finds the credential of a request; ok is false where the answer is 401. No
// credential at all is fine: it sees what is public.
func (s *Server) authenticate(r *http.Request) (c *Credential, ok bool) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return nil, true
	}
	for _, c := range s.credentials {
		if header == c.header() {
			expired := !c.expires.IsZero() && !s.now().Before(c.expires)
			return c, !c.revoked && !expired
		}
	}
	return nil, false
}

// header is what a request must carry. An API token as Bearer and an access token as Basic are
// both refused by Bitbucket, and match nothing here.
func (c *Credential) header() string {
	if c.kind == APIToken {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(c.email+":"+c.token))
	}
	return "Bearer " + c.token
}

// sees reports whether the credential (nil: none) reaches the repository.
func (c *Credential) sees(r *Repository) bool {
	if r.public {
		return true
	}
	if c == nil {
		return false
	}
	return c.reach == nil || slices.Contains(c.reach, r.workspace.slug) ||
		slices.Contains(c.reach, r.fullName())
}

// modern translates a scope of the old vocabulary, in which the addresses say what they want,
// into the API tokens' one.
var modern = map[string]string{
	"repository": "read:repository:bitbucket",
	"account":    "read:user:bitbucket",
	"workspace":  "read:workspace:bitbucket",
}

// implied holds the scopes that contain another one. Scopes of API tokens contain nothing else.
var implied = map[string][]string{
	"repository": {"repository:write", "project", "project:write", "pullrequest", "pullrequest:write"},
	"account":    {"account:write"},
}

// allowed reports whether the credential has the scope; the names are for the refusal.
func (c *Credential) allowed(scope string) (required string, ok bool) {
	if c == nil {
		return scope, true
	}
	if c.kind == APIToken {
		return modern[scope], slices.Contains(c.scopes, modern[scope])
	}
	has := func(s string) bool { return slices.Contains(c.scopes, s) }
	return scope, has(scope) || slices.ContainsFunc(implied[scope], has)
}

// identify sets the headers by which Bitbucket tells a client what its credential is.
func (c *Credential) identify(h http.Header, accepted string) {
	if c == nil {
		return
	}
	kind := "apikey"
	if c.kind == AccessToken {
		kind = "accesstoken"
	}
	h["X-Oauth-Scopes"] = []string{strings.Join(c.scopes, ", ")}
	h["X-Accepted-Oauth-Scopes"] = []string{accepted}
	h["X-Credential-Type"] = []string{kind}
}
