package sandbox

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"time"
)

// The kinds of credentials.
const (
	APIToken    = "apikey"      // Basic, e-mail and token; it belongs to a user
	AccessToken = "accesstoken" // Bearer; it belongs to a workspace, a project or a repository
	Anonymous   = ""            // none
)

// kindOf returns the kind of credential in the header Authorization.
func kindOf(header string) string {
	switch {
	case header == "":
		return Anonymous
	case strings.HasPrefix(header, "Basic "):
		return APIToken
	}
	return AccessToken
}

// A Credential is a token that the server accepts. It reaches every repository until [Credential.Reach]
// limits it.
type Credential struct {
	s       *Server
	email   string // of an API token, which is sent as Basic; empty: an access token, sent as Bearer
	token   string
	scopes  []string
	reach   []string  // workspaces and full names; nil: everything
	expires time.Time // zero: never
}

// AddAPIToken makes a user's API token valid. Without scopes it has read:repository:bitbucket.
func (s *Server) AddAPIToken(email, token string, scopes ...string) *Credential {
	if len(scopes) == 0 {
		scopes = []string{"read:repository:bitbucket"}
	}
	return s.addCredential(&Credential{email: email, token: token, scopes: scopes})
}

// AddAccessToken makes an access token of a workspace valid. Without scopes it has repository.
func (s *Server) AddAccessToken(token string, scopes ...string) *Credential {
	if len(scopes) == 0 {
		scopes = []string{"repository"}
	}
	return s.addCredential(&Credential{token: token, scopes: scopes})
}

func (s *Server) addCredential(c *Credential) *Credential {
	s.change(func() {
		c.s = s
		s.credentials = append(s.credentials, c)
	})
	return c
}

// Expire makes the server refuse the token from t on; the zero time takes it back.
func (c *Credential) Expire(t time.Time) { c.s.change(func() { c.expires = t }) }

// Reach limits the credential to workspaces ("acme") and repositories ("acme/website"), as the access
// token of a project or a repository is limited, or a person who lost access. Listings leave out the
// others, which answer 404. With no name it reaches nothing.
func (c *Credential) Reach(names ...string) *Credential {
	c.s.change(func() { c.reach = append([]string{}, names...) })
	return c
}

// authenticate finds the credential of a request, by the header that it has to send; ok is false where the
// answer is 401. A request without a credential is answered, and sees what is public.
func (s *Server) authenticate(r *http.Request, want func(*Credential) string) (c *Credential, ok bool) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return nil, true
	}
	for _, c := range s.credentials {
		if header == want(c) {
			return c, c.expires.IsZero() || s.now().Before(c.expires)
		}
	}
	return nil, false
}

// header returns what a request of the API must carry. An API token as Bearer and an access token as Basic are
// refused by Bitbucket, and match nothing here.
func (c *Credential) header() string {
	if c.email != "" {
		return basicHeader(c.email, c.token)
	}
	return "Bearer " + c.token
}

// gitHeader returns what a request of git must carry. The user says what kind the token is; the e-mail in
// its place is refused by Bitbucket, and matches nothing here.
func (c *Credential) gitHeader() string {
	if c.email != "" {
		return basicHeader("x-bitbucket-api-token-auth", c.token)
	}
	return basicHeader("x-token-auth", c.token)
}

func basicHeader(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

// canSee reports whether the credential (nil: none) reaches the repository.
func (c *Credential) canSee(r *Repository) bool {
	return r.public || c != nil && (c.reach == nil ||
		slices.Contains(c.reach, r.workspace.slug) || slices.Contains(c.reach, r.fullName()))
}

// mayRead reports whether the credential's scopes allow to read repositories, and names the scope that
// does. Scopes of access tokens imply others, those of API tokens do not.
func (c *Credential) mayRead() (required string, ok bool) {
	enough := []string{"repository", "repository:write", "project", "pullrequest", "pullrequest:write"}
	switch {
	case c == nil:
		return "", true
	case c.email != "":
		enough = []string{"read:repository:bitbucket"}
	}
	has := func(scope string) bool { return slices.Contains(c.scopes, scope) }
	return enough[0], slices.ContainsFunc(enough, has)
}

// identify sets the headers by which Bitbucket tells a client what its credential is.
func (c *Credential) identify(h http.Header) {
	if c == nil {
		return
	}
	h.Set("X-OAuth-Scopes", strings.Join(c.scopes, ", "))
	h.Set("X-Accepted-OAuth-Scopes", "repository")
	h.Set("X-Credential-Type", kindOf(c.header()))
}
