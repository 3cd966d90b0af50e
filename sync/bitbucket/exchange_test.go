package bitbucket

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// TestFaultsPass: any trouble that passes goes unnoticed, be it five times in a row.
func TestFaultsPass(t *testing.T) {
	faults := map[string]http.HandlerFunc{
		"cut": cut, "reset": reset, "empty": ok(""), "half": ok(`{"values":[`), "no values": ok(`{}`),
		"html": answer(200, "<html>", "Content-Type: text/html"),
		"408":  answer(408, ""), "500": answer(500, "oops"), "502": answer(502, "<html>"), "503": answer(503, ""),
		"504": answer(504, ""), "555": answer(555, ""), "599": answer(599, ""),
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			s := newStub(t, slices.Repeat([]turn{{"", fault}}, maxAttempts-1)...).then(turn{"", ok(commitPage("", hashA))})
			clk := newClock()
			b := clk.budget(BudgetConfig{})
			got, err := walk(t.Context(), s.client(Config{Budget: b}))
			if err != nil || len(got) != 1 {
				t.Fatalf("got %v, %v", got, err)
			}
			if b.Requests() != maxAttempts {
				t.Errorf("%d requests were counted", b.Requests())
			}
			bound := firstBackoff
			for _, d := range clk.slept {
				if d < 0 || d >= bound {
					t.Errorf("a pause of %v, want one below %v", d, bound)
				}
				bound = min(2*bound, lastBackoff)
			}
			if len(clk.slept) != maxAttempts-1 {
				t.Errorf("%d pauses", len(clk.slept))
			}
		})
	}
}

// TestRetriesAreShared: forty repositories that fail in the same way get few attempts each, until one
// succeeds.
func TestRetriesAreShared(t *testing.T) {
	var requests atomic.Int64
	var healthy atomic.Bool
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		if healthy.Load() {
			ok(commitPage("", hashA))(w, r)
			return
		}
		answer(500, "")(w, r)
	}))
	defer srv.Close()
	c := (&stub{t: t}).client(Config{BaseURL: srv.URL})
	for i := range 40 {
		if _, err := walk(t.Context(), c); !IsServerError(err) || !IsTemporary(err) || i > 10 && !strings.HasSuffix(err.Error(), "(2 attempts)") {
			t.Fatalf("got %v", err)
		}
	}
	if n := requests.Load(); n > 40*fewAttempts+manyFailures {
		t.Errorf("%d requests", n)
	}
	healthy.Store(true)
	if _, err := walk(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	healthy.Store(false)
	requests.Store(0)
	if _, err := walk(t.Context(), c); err == nil || requests.Load() != maxAttempts {
		t.Errorf("after a success: %v, %d requests", err, requests.Load())
	}
	c = (&stub{t: t}).client(Config{BaseURL: srv.URL, Attempts: 1})
	if _, err := walk(t.Context(), c); err == nil || requests.Load() != maxAttempts+1 {
		t.Errorf("with one attempt: %v, %d requests", err, requests.Load())
	}
}

func TestRefusalsAreFinal(t *testing.T) {
	for _, status := range []int{400, 401, 403, 404, 405, 409, 410, 413, 414, 422, 304} {
		s := newStub(t, turn{"", answer(status, "")})
		clk := newClock()
		_, err := walk(t.Context(), s.client(Config{Budget: clk.budget(BudgetConfig{})}))
		var e *Error
		if !errors.As(err, &e) || e.StatusCode != status || len(clk.slept) != 0 {
			t.Errorf("%d: got %v after %v", status, err, clk.slept)
		}
		for code, is := range map[int]func(error) bool{401: IsUnauthorized, 403: IsForbidden, 404: IsNotFound, 410: IsGone} {
			if is(err) != (code == status) {
				t.Errorf("%d: the predicate of %d is wrong", status, code)
			}
		}
	}
}

func TestRetryAfterOf503(t *testing.T) {
	for header, want := range map[string]time.Duration{"20": 20 * time.Second, "7200": time.Minute, "-5": 0} {
		s := newStub(t, turn{"", answer(503, "", "Retry-After: "+header)}, turn{"", ok(commitPage(""))})
		clk := newClock()
		if _, err := walk(t.Context(), s.client(Config{Budget: clk.budget(BudgetConfig{})})); err != nil {
			t.Fatal(err)
		}
		if got := clk.total(); got < want || got > want+firstBackoff {
			t.Errorf("Retry-After %s: waited %v", header, got)
		}
	}
}

func TestNoServer(t *testing.T) {
	s := newStub(t)
	base := s.base()
	s.srv.Close()
	_, err := walk(t.Context(), s.client(Config{BaseURL: base}))
	var e *Error
	if !errors.As(err, &e) || e.StatusCode != 0 || e.Attempts != maxAttempts || !IsNetwork(err) {
		t.Fatalf("got %v", err)
	}
	if !errors.Is(err, syscall.ECONNREFUSED) && !errors.As(err, new(*net.OpError)) {
		t.Errorf("the cause of %v is lost", err)
	}
	if strings.Contains(err.Error(), "include=") || strings.Contains(err.Error(), "fields=") {
		t.Errorf("%v shows the query", err)
	}
}

func TestUnknownAuthorityIsFinal(t *testing.T) {
	srv := httptest.NewUnstartedServer(ok(commitPage("", hashA)))
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	defer srv.Close()
	s := &stub{t: t}
	clk := newClock()
	_, err := walk(t.Context(), s.client(Config{BaseURL: srv.URL, Budget: clk.budget(BudgetConfig{})}))
	if !errors.As(err, new(*tls.CertificateVerificationError)) || len(clk.slept) != 0 || !IsNetwork(err) {
		t.Errorf("got %v after %v", err, clk.slept)
	}
	pool := x509.NewCertPool()
	pool.AddCert(srv.Certificate())
	if got, err := walk(t.Context(), s.client(Config{BaseURL: srv.URL, RootCAs: pool})); err != nil || len(got) != 1 {
		t.Errorf("with the authority: got %v, %v", got, err)
	}
}

func TestBodyIsLimited(t *testing.T) {
	s := newStub(t, turn{"", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, strings.Repeat(" ", 2000)+commitPage(""))
	}}, turn{"", ok(commitPage(""))})
	c := s.client(Config{})
	c.maxBody = 1000
	if _, err := walk(t.Context(), c); err == nil || !strings.Contains(err.Error(), "the answer is too large") {
		t.Errorf("got %v", err)
	}
	if _, err := walk(t.Context(), c); err != nil {
		t.Errorf("a small answer: %v", err)
	}
}

// TestCancel ends the context in each kind of wait there is; the error is the context's, and
// nothing more is sent.
func TestCancel(t *testing.T) {
	full := map[int64]int{minuteOf(newClock().now): 10}
	tests := []struct {
		name  string
		first http.HandlerFunc // nil: no request comes
		conf  BudgetConfig
	}{
		{"a pause between attempts", answer(503, ""), BudgetConfig{}},
		{"a long pause between attempts", answer(503, "", "Retry-After: 30"), BudgetConfig{}},
		{"a 429", answer(429, "Rate limit"), BudgetConfig{}},
		{"a 429 that says how long", answer(429, "", "Retry-After: 3600"), BudgetConfig{}},
		{"a full hour", nil, BudgetConfig{Limit: 10, Spent: full}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStub(t)
			if tt.first != nil {
				s.then(turn{"", tt.first})
			}
			ctx, cancel := context.WithCancel(t.Context())
			clk := newClock()
			clk.hook = func(sleeping context.Context) {
				cancel()
				<-sleeping.Done()
			}
			begun, over := 0, 0
			tt.conf.OnWait = func(w Wait) {
				if w.Until.IsZero() {
					over++
				} else {
					begun++
				}
			}
			_, err := walk(ctx, s.client(Config{Budget: clk.budget(tt.conf)}))
			if !errors.Is(err, context.Canceled) || errors.As(err, new(*Error)) || IsNetwork(err) {
				t.Errorf("got %v", err)
			}
			if begun != over {
				t.Errorf("%d waits began, %d are over", begun, over)
			}
		})
	}
}

func TestCancelWhileTheServerThinks(t *testing.T) {
	for name, begin := range map[string]func(w http.ResponseWriter){
		"before the header": func(http.ResponseWriter) {},
		"within the body":   func(w http.ResponseWriter) { io.WriteString(w, `{"values":[`); w.(http.Flusher).Flush() },
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			s := newStub(t, turn{"", func(w http.ResponseWriter, r *http.Request) {
				begin(w)
				cancel()
				<-r.Context().Done()
			}})
			_, err := walk(ctx, s.client(Config{}))
			if !errors.Is(err, context.Canceled) || errors.As(err, new(*Error)) {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("before anything", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := walk(ctx, newStub(t).client(Config{})); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

// TestDeadlineOfTheCaller must not be taken for a slow server.
func TestDeadlineOfTheCaller(t *testing.T) {
	s := newStub(t, turn{"", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := walk(ctx, s.client(Config{})); !errors.Is(err, context.DeadlineExceeded) || IsNetwork(err) {
		t.Errorf("got %v", err)
	}
	c := newStub(t).client(Config{})
	err := c.transportError(context.DeadlineExceeded) // ours: of one attempt
	if errors.Is(err, context.DeadlineExceeded) || !err.temporary || !IsNetwork(err) || !strings.Contains(err.Error(), "no whole answer in 5m0s") {
		t.Errorf("got %v", err)
	}
}

// TestWalkersTogether runs eight walkers against a server with every sort of trouble.
func TestWalkersTogether(t *testing.T) {
	var requests atomic.Int64
	var srv *httptest.Server
	var failures [21]atomic.Int64 // by page: fewer than any walker gives up after
	srv = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		mayFail := func() bool { return failures[page].Add(1) < 5 }
		switch n := requests.Add(1); {
		case n%5 == 0:
			answer(429, limitBody, "Content-Type: text/plain")(w, r)
		case n%7 == 0 && mayFail():
			answer(503, "")(w, r)
		case n%11 == 0 && mayFail():
			cut(w, r)
		default:
			next := fmt.Sprintf("%s%s?page=%d", srv.URL, r.URL.Path, page+1)
			if page == 20 {
				next = ""
			}
			ok(commitPage(next, fmt.Sprintf("%040x", page)))(w, r)
		}
	}))
	defer srv.Close()
	var traced atomic.Int64
	b := newClock().budget(BudgetConfig{Limit: 100})
	s := &stub{t: t}
	c := s.client(Config{BaseURL: srv.URL, MaxConns: 4, Budget: b, Trace: func(Exchange) { traced.Add(1) }})
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if got, err := walk(t.Context(), c); err != nil || len(got) != 21 {
				t.Errorf("%d pages, %v", len(got), err)
			}
		})
	}
	group.Wait()
	// net/http may ask again by itself on a connection that was cut while it was idle.
	if n := traced.Load(); n != int64(b.Requests()) || n > requests.Load() {
		t.Errorf("%d requests came, %d were counted, %d traced", requests.Load(), b.Requests(), n)
	}
}
