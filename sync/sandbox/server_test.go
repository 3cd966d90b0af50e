package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	token  = "ATCTT3x-test"
	bearer = "Bearer " + token
)

// The fields of all that can be asked for.
var (
	listingFields = "fields=" + strings.Join(knownFields[Listing], ",")
	commitFields  = "fields=" + strings.Join(knownFields[CommitsKind], ",")
)

const (
	acmePath    = "/repositories/acme"
	commitsPath = "/repositories/acme/website/commits"
)

// start serves a workspace acme with one credential, and fails the test at its end on a request that is
// not expected.
func start(t *testing.T) (*Server, *Workspace) {
	t.Helper()
	s, err := New()
	if err != nil {
		t.Fatal(err)
	}
	s.AddAccessToken(token)
	t.Cleanup(func() {
		for _, r := range s.Unexpected() {
			t.Errorf("unexpected request %+v", r)
		}
		s.Close()
	})
	return s, s.Workspace("acme")
}

// A response is an answer as a client has it.
type response struct {
	status int
	header http.Header
	body   string
	err    error
}

// ask asks for a path below the base, or an absolute URL, on a connection of its own.
func ask(s *Server, path, authorization string) (got response) {
	if path[0] == '/' {
		path = s.URL() + path
	}
	r, err := http.NewRequest("GET", path, nil)
	if err != nil {
		return response{err: err}
	}
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := transport.RoundTrip(r)
	if err != nil {
		return response{err: err}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return response{resp.StatusCode, resp.Header, string(body), err}
}

// same compares two texts of JSON; members may come in any order.
func same(a, b string) bool {
	var x, y any
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return a == b
	}
	return reflect.DeepEqual(x, y)
}

// A row is a repository or a commit, as far as the tests look at it.
type row struct {
	UUID, Slug, Hash string
	Name, Message    *string
	Date             any
	Parents          []struct{ Hash string }
	MainBranch       *struct {
		Name   string
		Target *struct{ Hash string }
	}
}

type anyPage struct {
	Values []*row
	Next   string
	Size   *int
	Error  struct{ Message string }
}

// get asks for a page.
func get(t *testing.T, s *Server, path string) (status int, p anyPage) {
	t.Helper()
	got := ask(s, path, bearer)
	if err := json.Unmarshal([]byte(got.body), &p); got.err != nil || err != nil {
		t.Fatalf("%s: %v, %v in %.300q", path, got.err, err, got.body)
	}
	return got.status, p
}

// walk follows next from path on and returns the slugs or hashes of all pages.
func walk(t *testing.T, s *Server, path string) (found []string) {
	t.Helper()
	for path != "" {
		status, p := get(t, s, path)
		if status != http.StatusOK {
			t.Fatalf("%s: status %d, %+v", path, status, p)
		}
		for _, v := range p.Values {
			found = append(found, v.Slug+v.Hash)
		}
		path = p.Next
	}
	return found
}

// commitsOf is the path of a range by default: everything that the default branch reaches.
func commitsOf(r *Repository, query string) string {
	return "/repositories/" + r.fullName() + "/commits?" + commitFields + "&include=" + r.Head() + query
}

// Everything is changed while it is served: for the race detector, and no answer is a mixture.
func TestConcurrentChanges(t *testing.T) {
	s, w := start(t)
	r := w.NewRepository("website")
	r.Commits("main", 120)
	head := r.Head()
	stop := make(chan struct{})
	var writer, readers sync.WaitGroup
	writer.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			r.ForcePush("main", 3)
			r.Commit(fmt.Sprint("b", i%5), Change{})
			w.NewRepository(fmt.Sprint("r", i)).Delete()
			s.AddAccessToken(fmt.Sprint(i)).Expire(time.Now())
			r.Shallow(head)
			r.Mend(head)
			time.Sleep(time.Millisecond) // or the readers get no turn
		}
	})
	for range 3 {
		readers.Go(func() {
			for range 30 {
				got := ask(s, commitsPath+"?"+commitFields+"&pagelen=100&include="+head, bearer)
				if n := strings.Count(got.body, `"message"`); got.status != 200 || n != 100 && n != 1 {
					t.Errorf("%d, %d commits, %v", got.status, n, got.err)
				}
				if got := ask(s, acmePath+"?"+listingFields, bearer); got.status != 200 {
					t.Errorf("%d, %v", got.status, got.err)
				}
			}
		})
	}
	readers.Wait()
	close(stop)
	writer.Wait()
}
