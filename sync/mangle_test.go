package sync

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"strings"
	"sync"

	"trunkstat/store"
)

type ctx = context.Context

// A jsonPage is a page of a listing or a range, as Bitbucket sends it.
type jsonPage struct {
	Values []map[string]any `json:"values"`
	Next   string           `json:"next,omitempty"`
	Size   *int             `json:"size,omitempty"`
}

func (w *world) serve(f http.HandlerFunc) (url string) {
	s := httptest.NewServer(f)
	w.t.Cleanup(s.Close)
	return s.URL
}

// mangleErrors puts a proxy before the sandbox that takes the reasons out of its 404s.
func (w *world) mangleErrors() {
	w.proxy(func(q *http.Request, status int, body []byte) []byte {
		if status == http.StatusNotFound {
			return []byte(`{"type":"error","error":{"message":"Commit not found"}}`)
		}
		return body
	})
}

// mangle puts a proxy before the sandbox, which lets change alter every page that is sent, one at a time.
func (w *world) mangle(change func(q *http.Request, p *jsonPage)) {
	var mu sync.Mutex
	w.proxy(func(q *http.Request, status int, body []byte) []byte {
		var p jsonPage
		if status != http.StatusOK || json.Unmarshal(body, &p) != nil || p.Values == nil {
			return body
		}
		mu.Lock()
		defer mu.Unlock()
		change(q, &p)
		body, _ = json.Marshal(p)
		return body
	})
}

func (w *world) proxy(change func(q *http.Request, status int, body []byte) []byte) {
	w.via = w.serve(func(rw http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			r.ParseForm()
		}
		r.URL.RawQuery, _, _ = strings.Cut(r.URL.RawQuery, "&endless=") // see endlessRows
		if query := r.URL.Query(); w.noExcludes {
			query.Del("exclude")
			r.URL.RawQuery = query.Encode()
			r.PostForm.Del("exclude")
		}
		url := strings.TrimSuffix(w.server.URL(), "/2.0") + r.URL.RequestURI()
		req, _ := http.NewRequestWithContext(r.Context(), r.Method, url, strings.NewReader(r.PostForm.Encode()))
		req.Header = r.Header.Clone()
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		body = bytes.ReplaceAll(body, []byte(w.server.URL()), []byte(w.via))
		rw.Header().Set("Content-Type", "application/json")
		rw.WriteHeader(resp.StatusCode)
		rw.Write(change(r, resp.StatusCode, body))
	}) + "/2.0"
}

// known lists the repositories that the database knows.
func (w *world) known() (repos []store.Repository) {
	w.t.Helper()
	err := w.db.View(w.t.Context(), func(tx *store.Tx) (err error) {
		repos, err = tx.Repositories()
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return repos
}

func sameRepository(a, b store.Repository) bool { return reflect.DeepEqual(a, b) }

func (w *world) workspaces() (list []store.Workspace) {
	w.t.Helper()
	err := w.db.View(w.t.Context(), func(tx *store.Tx) (err error) {
		list, err = tx.Workspaces()
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

// spoil puts a folder in the place of the database, which is moved away: nobody can write to that,
// not even root.
func (w *world) spoil(path, moved string) {
	if err := errors.Join(os.Rename(path, moved), os.Mkdir(path, 0o700)); err != nil {
		w.t.Error(err)
	}
}

func (w *world) unspoil(path, moved string) {
	if err := errors.Join(os.Remove(path), os.Rename(moved, path)); err != nil {
		w.t.Error(err)
	}
}
