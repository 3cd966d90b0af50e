package bitbucket

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	testToken = "ATATT3xFfGF0-secret_0123456789=ABCDEF01"
	hashA     = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	hashB     = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	hashC     = "cccccccccccccccccccccccccccccccccccccccc"
)

// A stub is a Bitbucket that expects given requests in a given order. Any other request fails
// the test, and so does an expected one that does not come.
type stub struct {
	t   *testing.T
	srv *httptest.Server

	mu    sync.Mutex
	turns []turn
	seen  int
}

// A turn is an expected request, as method, path and query below the base, and, of a POST, a
// blank and the body; "" stands for any. And the answer to it.
type turn struct {
	request string
	answer  http.HandlerFunc
}

func newStub(t *testing.T, turns ...turn) *stub {
	s := &stub{t: t, turns: turns}
	s.srv = httptest.NewServer(s)
	t.Cleanup(func() {
		s.srv.Close()
		for _, left := range s.turns {
			t.Errorf("nobody asked for %s", left.request)
		}
	})
	return s
}

// then adds turns, for answers that must know the server's address.
func (s *stub) then(turns ...turn) *stub {
	s.turns = append(s.turns, turns...)
	return s
}

func (s *stub) base() string { return s.srv.URL + "/2.0" }

func (s *stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	got := strings.TrimSpace(r.Method + " " + strings.TrimPrefix(r.URL.RequestURI(), "/2.0") + " " + string(body))
	s.mu.Lock()
	s.seen++
	if len(s.turns) == 0 || s.turns[0].request != "" && s.turns[0].request != got {
		want := "nothing more"
		if len(s.turns) > 0 {
			want = s.turns[0].request
		}
		s.mu.Unlock()
		s.t.Errorf("unexpected request\n got %s\nwant %s", got, want)
		http.Error(w, "unexpected", http.StatusTeapot)
		return
	}
	answer := s.turns[0].answer
	s.turns = s.turns[1:]
	s.mu.Unlock()
	answer(w, r)
}

// answer makes an answer of a status, a body, and headers as "Name: value".
func answer(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for _, h := range headers {
			name, value, _ := strings.Cut(h, ": ")
			if value == "" {
				w.Header()[name] = nil
				continue
			}
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

func ok(body string) http.HandlerFunc { return answer(http.StatusOK, body) }

// cut breaks the connection in the middle of a body.
func cut(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	io.WriteString(w, `{"values":[`)
	w.(http.Flusher).Flush()
	panic(http.ErrAbortHandler)
}

// reset breaks the connection before anything was answered.
func reset(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// commitPage is a page of commits with the given hashes; a next of "" is left out.
func commitPage(next string, hashes ...string) string {
	for i, h := range hashes {
		hashes[i] = fmt.Sprintf(`{"hash":%q,"date":"2025-03-31T12:00:00+00:00"}`, h)
	}
	body := `{"values":[` + strings.Join(hashes, ",") + `]`
	if next != "" {
		body += fmt.Sprintf(`,"next":%q`, next)
	}
	return body + `}`
}

// A clock is time that passes only in sleep.
type clock struct {
	mu    sync.Mutex
	now   time.Time
	slept []time.Duration
	hook  func(context.Context) // called in each sleep
}

func newClock() *clock { return &clock{now: time.Unix(1_750_000_000, 0)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	if c.hook != nil {
		c.hook(ctx)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.slept = append(c.slept, d)
	return nil
}

func (c *clock) total() (sum time.Duration) {
	for _, d := range c.slept {
		sum += d
	}
	return sum
}

func (c *clock) budget(conf BudgetConfig) *Budget {
	conf.Now, conf.Sleep = c.Now, c.Sleep
	return NewBudget(conf)
}

func credential(t *testing.T, email, token string) Credential {
	t.Helper()
	c, err := NewCredential(email, token)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// client makes a client of the stub whose waits take no time.
func (s *stub) client(conf Config) *Client {
	s.t.Helper()
	if conf.BaseURL == "" {
		conf.BaseURL = s.base()
	}
	if conf.Credential.Token() == "" {
		conf.Credential = credential(s.t, "ann@example.com", testToken)
	}
	if conf.Budget == nil {
		conf.Budget = newClock().budget(BudgetConfig{})
	}
	c, err := New(conf)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(c.Close)
	return c
}

// hash reads 40 digits.
func hash(text string) Hash {
	h, err := parseHash(text)
	if err != nil {
		panic(err)
	}
	return h
}

// walk returns the hashes of a walk from hashA and how it ended.
func walk(ctx context.Context, c *Client) (hashes []string, err error) {
	for page, err := range c.Commits(ctx, "acme", "x", Range{Include: []Hash{hash(hashA)}}) {
		if err != nil {
			return hashes, err
		}
		for _, commit := range page.Commits {
			hashes = append(hashes, commit.Hash.String())
		}
	}
	return hashes, nil
}
