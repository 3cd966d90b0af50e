package keychain

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/zalando/go-keyring"
)

// TestMain lets the test binary be its own helper: a session bus is connected to once in a
// process, so whatever needs another bus needs another process.
func TestMain(m *testing.M) {
	if role := os.Getenv("TRUNKSTAT_TEST_HELPER"); role != "" {
		os.Exit(helper(role))
	}
	os.Exit(m.Run())
}

// requireKeychain skips a test that needs a Secret Service where there is none, and fails it where
// one was promised (.ci/with-keychain).
func requireKeychain(t *testing.T) *Keychain {
	t.Helper()
	k := &Keychain{Getenv: os.Getenv}
	if err := k.Ping(context.Background()); err != nil {
		if os.Getenv("TRUNKSTAT_TEST_KEYCHAIN") != "" {
			t.Fatalf("a keychain was promised: %v", err)
		}
		t.Skipf("no keychain: %v", err)
	}
	return k
}

// workspace returns a slug that nobody has, and removes its secret when the test is over.
func workspace(t *testing.T, k *Keychain) string {
	slug := fmt.Sprintf("trunkstat-test-%d-%d", os.Getpid(), time.Now().UnixNano())
	t.Cleanup(func() { k.Delete(context.Background(), slug) })
	return slug
}

func TestSecretLives(t *testing.T) {
	t.Run("memory", func(t *testing.T) { secretLives(t, &Keychain{Items: &Memory{}}) })
	t.Run("system", func(t *testing.T) { secretLives(t, requireKeychain(t)) })
}

func secretLives(t *testing.T, k *Keychain) {
	ctx := t.Context()
	if err := k.Ping(ctx); err != nil {
		t.Fatalf("Ping: %v", err)
	}
	ws := workspace(t, k)
	if _, err := k.Get(ctx, ws); !errors.Is(err, ErrNotFound) {
		t.Fatalf("Get before Set: %v, want ErrNotFound", err)
	}
	if err := k.Delete(ctx, ws); !errors.Is(err, ErrNotFound) {
		t.Fatalf("Delete before Set: %v, want ErrNotFound", err)
	}
	withURL := NewSecret("access_token", "", "first")
	withURL.APIURL = "https://api.bitbucket.org/2.0"
	for _, secret := range []Secret{
		withURL,
		NewSecret("api_token", "jörg.müller+ci@例え.jp", "zwölf\n\"Boxkämpfer\" \\ 🥊"),
		NewSecret("access_token", "", strings.Repeat("x", 2400)),
	} {
		if err := k.Set(ctx, strings.ToUpper(ws), secret); err != nil {
			t.Fatalf("Set: %v", err)
		}
		if got, err := k.Get(ctx, ws); err != nil || !reflect.DeepEqual(got, secret) {
			t.Errorf("got %+v, error %v, want %+v", got, err, secret)
		}
	}
	if err := k.Delete(ctx, ws); err != nil {
		t.Fatalf("Delete: %v", err)
	}
	if _, err := k.Get(ctx, ws); !errors.Is(err, ErrNotFound) {
		t.Fatalf("Get after Delete: %v, want ErrNotFound", err)
	}
}

// forgetful is a keychain that takes a secret and returns another.
type forgetful struct{ Memory }

func (f *forgetful) Get(account string) (string, error) {
	item, err := f.Memory.Get(account)
	return strings.Replace(item, "first", "last", 1), err
}

func TestSetReadsBack(t *testing.T) {
	k := &Keychain{Items: &forgetful{}}
	if err := k.Set(t.Context(), "acme", NewSecret("access_token", "", "first")); err == nil {
		t.Error("a secret that was not stored is taken for stored")
	}
}

// stuck is a keychain that waits until the test is over.
type stuck struct {
	Memory
	over <-chan struct{}
}

func (s *stuck) Get(string) (string, error) { <-s.over; return "", ErrNotFound }

func TestLimit(t *testing.T) {
	over := make(chan struct{})
	defer close(over)
	waited := 0
	k := &Keychain{Items: &stuck{over: over}, Limit: 50 * time.Millisecond, NoticeAfter: time.Millisecond,
		Waiting: func() { waited++ }}
	if _, err := k.Get(t.Context(), "acme"); !errors.Is(err, ErrTimeout) || waited != 1 {
		t.Errorf("got %v, Waiting was called %d times", err, waited)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := k.Ping(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v of a context that ended", err)
	}
}

func TestTooBig(t *testing.T) {
	k := &Keychain{Getenv: os.Getenv}
	token := strings.Repeat("secret", 500)
	err := k.Set(context.Background(), "acme", NewSecret("access_token", "", token))
	if !errors.Is(err, ErrTooBig) {
		t.Fatalf("got %v, want ErrTooBig", err)
	}
	if strings.Contains(err.Error(), "secretsecret") {
		t.Errorf("the error holds the secret: %v", err)
	}
}

func TestPrintedSecretHidesToken(t *testing.T) {
	secret := NewSecret("api_token", "a@example.com", "tok3n")
	wrapped := struct{ s Secret }{secret}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		for _, value := range []any{secret, &secret, wrapped} {
			if out := fmt.Sprintf(format, value); strings.Contains(out, "tok3n") {
				t.Errorf("%s shows the token: %s", format, out)
			}
		}
	}
}

// Items that earlier versions stored must be read for as long as their tokens are valid.
func TestItem(t *testing.T) {
	for _, item := range []string{
		`{"kind":"api_token","email":"a@example.com","api_url":"https://api.bitbucket.org/2.0","token":"tok3n"}`,
		`{"kind":"access_token","api_url":"","token":"tok3n"}`,
	} {
		secret, err := decode(item)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := secret.encode(); again != item || err != nil {
			t.Errorf("got %s, %v\nwant %s", again, err, item)
		}
	}
}

func TestForeignItem(t *testing.T) {
	for _, item := range []string{"", "hunter2", `{"kind":"api_token"}`, `{"token":7}`, "{\"token\":\"hun"} {
		_, err := decode(item)
		if err == nil {
			t.Errorf("decode(%q) was taken", item)
		} else if item != "" && strings.Contains(err.Error(), "hun") {
			t.Errorf("the error holds the item: %v", err)
		}
	}
}

// The library's errors that no service gives on purpose. MockInitWithError changes the whole
// process, so it is a helper that uses it.
func TestErrorsOfTheLibrary(t *testing.T) {
	out := runHelper(t, "errors")
	want := strings.Join([]string{
		"not found: not found",
		"too big: too big",
		"unsupported: unavailable, names the other ways",
		"echo: other, without the secret",
		"panic: unavailable, names the other ways",
	}, "\n") + "\n"
	if out != want {
		t.Errorf("got:\n%swant:\n%s", out, want)
	}
}

func helperErrors() {
	const token = "s3cr3t-token"
	k := &Keychain{Getenv: func(string) string { return "unix:path=/mock" }}
	for _, c := range []struct {
		name string
		err  error
	}{
		{"not found", keyring.ErrNotFound},
		{"too big", keyring.ErrSetDataTooBig},
		{"unsupported", keyring.ErrUnsupportedPlatform},
		{"echo", errors.New("security: cannot add " + token)},
	} {
		keyring.MockInitWithError(c.err)
		err := k.Set(context.Background(), "acme", NewSecret("access_token", "", token))
		fmt.Printf("%s: %s\n", c.name, verdict(err, token))
	}
	err := k.call(context.Background(), "ask", func() error { panic("closed") })
	fmt.Printf("panic: %s\n", verdict(err, token))
}

// verdict says in one line what a test wants to know of an error.
func verdict(err error, token string) string {
	name := "other"
	for sentinel, n := range map[error]string{
		nil: "none", ErrNotFound: "not found", ErrLocked: "locked", ErrTooBig: "too big",
		ErrUnavailable: "unavailable", ErrTimeout: "timeout", context.Canceled: "cancelled",
	} {
		if errors.Is(err, sentinel) {
			name = n
		}
	}
	if err == nil {
		return name
	}
	if strings.Contains(err.Error(), "TRUNKSTAT_TOKEN ") &&
		strings.Contains(err.Error(), "TRUNKSTAT_TOKEN_COMMAND") {
		name += ", names the other ways"
	}
	if token != "" && !strings.Contains(err.Error(), token) && name == "other" {
		name += ", without the secret"
	}
	if token != "" && strings.Contains(err.Error(), token) {
		name += ", HOLDS THE SECRET"
	}
	return name
}
