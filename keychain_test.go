package main

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"trunkstat/store/keychain"
)

// twinVariable names the address of a script's keychain. Only the test binary reads it.
const twinVariable = "TEST_KEYCHAIN_TWIN"

// keychainCmd gives a script a keychain: that of the session where one was promised (.ci/with-keychain),
// else one in the memory of the test, which serves it to the programs that the script runs.
func keychainCmd(ts *testscript.TestScript, neg bool, args []string) {
	if os.Getenv("TRUNKSTAT_TEST_KEYCHAIN") != "" {
		return
	}
	twin := httptest.NewServer(twinHandler(&keychain.Memory{}))
	ts.Defer(twin.Close)
	ts.Setenv(twinVariable, twin.URL)
}

// twinHandler serves items: the path is the account, the body the item.
func twinHandler(items keychain.Items) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		account := strings.TrimPrefix(r.URL.Path, "/")
		var item string
		var err error
		switch r.Method {
		case http.MethodGet:
			item, err = items.Get(account)
		case http.MethodPut:
			var body []byte
			if body, err = io.ReadAll(r.Body); err == nil {
				err = items.Set(account, string(body))
			}
		case http.MethodDelete:
			err = items.Delete(account)
		}
		switch {
		case errors.Is(err, keychain.ErrNotFound):
			w.WriteHeader(http.StatusNotFound)
		case err != nil:
			w.WriteHeader(http.StatusInternalServerError)
		default:
			io.WriteString(w, item)
		}
	}
}

// A twinClient is the keychain that a twinHandler serves at an address.
type twinClient struct{ address string }

func (t twinClient) Get(account string) (string, error) { return t.do(http.MethodGet, account, "") }

func (t twinClient) Set(account, item string) error {
	_, err := t.do(http.MethodPut, account, item)
	return err
}

func (t twinClient) Delete(account string) error {
	_, err := t.do(http.MethodDelete, account, "")
	return err
}

// do sends a request past any proxy of the environment.
func (t twinClient) do(method, account, item string) (string, error) {
	req, err := http.NewRequest(method, t.address, strings.NewReader(item))
	if err != nil {
		return "", err
	}
	req.URL.Path = "/" + account
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	switch {
	case err != nil:
		return "", err
	case resp.StatusCode == http.StatusNotFound:
		return "", keychain.ErrNotFound
	case resp.StatusCode != http.StatusOK:
		return "", errors.New(resp.Status)
	}
	return string(body), nil
}
