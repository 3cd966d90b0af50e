package sandbox

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"
)

const token = "ATCTT3x-test"

// start serves a workspace acme with one credential, and fails the test at its end on a request
// that is not modelled.
func start(t *testing.T) (*Server, *Workspace) {
	t.Helper()
	s, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	s.AddAccessToken(token)
	t.Cleanup(func() {
		for _, r := range s.Unexpected() {
			t.Errorf("unexpected request %s %s %v", r.Method, r.Path, r.Query)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, s.Workspace("acme")
}

// get asks for a path below the base, or an absolute URL, and decodes the answer.
func get(t *testing.T, s *Server, path string) (status int, body map[string]any) {
	t.Helper()
	status, raw := getRaw(t, s, path, "Bearer "+token)
	if err := json.Unmarshal(raw, &body); err != nil {
		t.Fatalf("%s: %v in %q", path, err, raw)
	}
	return status, body
}

func getRaw(t *testing.T, s *Server, path, authorization string) (int, []byte) {
	t.Helper()
	if path[0] == '/' {
		path = s.URL() + path
	}
	r, err := http.NewRequest("GET", path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, raw
}

// walk follows next from path on and returns the hashes of all pages.
func walk(t *testing.T, s *Server, path string) []string {
	t.Helper()
	var hashes []string
	for path != "" {
		status, page := get(t, s, path)
		if status != http.StatusOK {
			t.Fatalf("%s: status %d, %v", path, status, page)
		}
		for _, v := range page["values"].([]any) {
			hashes = append(hashes, v.(map[string]any)["hash"].(string))
		}
		path, _ = page["next"].(string)
	}
	return hashes
}
