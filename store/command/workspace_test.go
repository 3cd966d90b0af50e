package command

import (
	"net/url"
	"strings"
	"testing"
)

var workspaces = map[string]string{
	"acme":                                                  "acme",
	" Acme-Inc_2 ":                                          "acme-inc_2",
	"https://bitbucket.org/acme":                            "acme",
	"https://bitbucket.org/acme?x=1":                        "acme",
	"https://bitbucket.org/Acme/x/src":                      "acme",
	"HTTPS://Bitbucket.org/acme/#top":                       "acme",
	"https://bitbucket.org/acme/workspace/overview/?x=1":    "acme",
	"https://bitbucket.org//acme//x":                        "acme",
	"https://bitbucket.org/acme/workspace/projects/WEB":     "acme",
	"https://ada@bitbucket.org/acme/website.git":            "acme",
	"http://www.bitbucket.org/acme/?x=y#z":                  "acme",
	"bitbucket.org/acme":                                    "acme",
	"git@bitbucket.org:acme/website.git":                    "acme",
	"ssh://git@bitbucket.org/acme/website.git":              "acme",
	"ssh://git@altssh.bitbucket.org:443/acme/website.git":   "acme",
	"https://api.bitbucket.org/2.0/repositories/acme":       "acme",
	"https://api.bitbucket.org/2.0/workspaces/acme/members": "acme",
	"https://bitbucket.org/!api/2.0/repositories/acme/x":    "acme",
	"":                                  "",
	"  ":                                "",
	"acme/website":                      "",
	"acme inc":                          "",
	"acme.com":                          "",
	"../acme":                           "",
	"-acme":                             "",
	"{b1f2}":                            "",
	"bitbucket.org":                     "",
	"https://bitbucket.org/":            "",
	"https://bitbucket.org/dashboard/x": "",
	"https://bitbucket.org/-acme/x":     "",
	"https://github.com/acme":           "",
	"https://notbitbucket.org/acme":     "",
	"https://bitbucket.org/ac%2fme/x":   "",
	"https://bitbucket.org.evil.org/a":  "",
	"acme\x00":                          "",
	"ümlaut":                            "",
	strings.Repeat("a", 101):            "",
}

func TestParseWorkspace(t *testing.T) {
	for text, want := range workspaces {
		got, err := ParseWorkspace(text)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: got %q, %v; want %q", text, got, err, want)
		}
	}
	token := "ATATT3x" + strings.Repeat("fG0h", 10)
	_, err := ParseWorkspace("https://example.com/" + token)
	if err == nil || strings.Contains(err.Error(), token) || !strings.Contains(err.Error(), "https://bitbucket.org/acme/") {
		t.Errorf("got %v", err)
	}
}

// FuzzParseWorkspace holds what is promised of a slug, and that it means itself: as a slug, and in
// an address.
func FuzzParseWorkspace(f *testing.F) {
	for text := range workspaces {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		slug, err := ParseWorkspace(text)
		if err != nil {
			if slug != "" || len(err.Error()) > 400 {
				t.Errorf("%q: %q, %v", text, slug, err)
			}
			return
		}
		if slug == "" || len(slug) > 100 || slug[0] == '-' || slug != strings.ToLower(slug) {
			t.Errorf("%q: %q is no slug", text, slug)
		}
		if escaped := url.PathEscape(slug); escaped != slug {
			t.Errorf("%q: %q cannot stand in a path (%q)", text, slug, escaped)
		}
		if again, err := ParseWorkspace(slug); again != slug || err != nil {
			t.Errorf("%q: %q became %q, %v", text, slug, again, err)
		}
	})
}
