package synccmd

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"

	"trunkstat/store"
)

// TestLimitIsThatOfAccessTokens: Bitbucket names the limit to access tokens alone. For an API token, the header
// would be that of a gateway, about something else.
func TestLimitIsThatOfAccessTokens(t *testing.T) {
	p := newProgram(t)
	api, err := url.Parse(p.server.URL())
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: api.Scheme, Host: api.Host})
	proxy.ModifyResponse = func(resp *http.Response) error {
		resp.Header.Set("X-RateLimit-Limit", "5000")
		return nil
	}
	gateway := httptest.NewServer(proxy)
	defer gateway.Close()
	for _, c := range []struct {
		name, email, token, budget string
		want                       int
	}{
		{"access token", "", testAccessToken, "access token of acme", 5000},
		{"API token", testEmail, testAPIToken, "user " + testEmail, 1000},
	} {
		p.env = map[string]string{"TRUNKSTAT_TOKEN": c.token, "TRUNKSTAT_EMAIL": c.email}
		p.expect(p.run("--api-url", gateway.URL+api.Path, "sync", "-w", "acme"), 0)
		err := store.Open(p.db).View(t.Context(), func(tx *store.Tx) error {
			b, err := tx.Budget(c.budget)
			if b.Limit != c.want {
				t.Errorf("%s: the limit is %d, want %d", c.name, b.Limit, c.want)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}
