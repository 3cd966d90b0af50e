package command

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"trunkstat/store"
)

func TestExit(t *testing.T) {
	for _, c := range []struct {
		err  error
		code int
		hint string
	}{
		{nil, 0, ""},
		{errors.New("any"), 1, ""},
		{Misuse("bad %d", 1), 2, ""},
		{fmt.Errorf("open: %w", store.ErrNoDatabase), 1, "trunkstat sync --workspace WORKSPACE"},
		{store.ErrInUse, 6, "wait"},
		{store.ErrSyncRunning, 6, "wait"},
		{store.ErrDamaged, 6, "trunkstat db check"},
		{store.ErrBeyondRepair, 6, "put a backup"}, // an ErrDamaged too: the first match decides
		{store.ErrNewer, 6, "install"},
		{store.ErrForeign, 6, ""},
		{&os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}, 1, "make room"},
		{fmt.Errorf("outer: %w", &Error{Code: 75, Hint: "again", Err: store.ErrDamaged}), 75, "again"},
		{&Error{Code: 3, Err: &Error{Code: 4, Hint: "inner", Err: errors.New("x")}}, 3, ""},
	} {
		if code, hint := Exit(c.err); code != c.code || (hint == "") != (c.hint == "") || !strings.Contains(hint, c.hint) {
			t.Errorf("%v: exit %d, hint %q; want %d, %q", c.err, code, hint, c.code, c.hint)
		}
	}
}

func TestExplain(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{nil, ""},
		{errors.New("plain"), "trunkstat: error: plain\n"},
		{errors.Join(errors.New("one"), errors.New("two")), "trunkstat: error: one; two\n"},
		{errors.New("a\x1b[31mb\u202ec\td"), "trunkstat: error: abc d\n"},
		{&Error{Code: 4, Hint: "first\nsecond\x07", Err: errors.New("x")},
			"trunkstat: error: x\ntrunkstat: hint: first\ntrunkstat: hint: second\n"},
		{errors.New("hidden ATATT3x\x1b[0m-typed-as-argument"), "trunkstat: error: hidden ATATT…\n"},
		{errors.New("unexpected argument ATATT3x-typed-as-argument"), "trunkstat: error: unexpected argument ATATT…\n"},
	} {
		var stderr bytes.Buffer
		if Explain(&stderr, c.err); stderr.String() != c.want {
			t.Errorf("%v: %q, want %q", c.err, stderr.String(), c.want)
		}
	}
}

func TestWithoutTokens(t *testing.T) {
	secret := strings.Repeat("fG0h=1_", 6)
	for _, prefix := range []string{"ATATT3x", "ATCTT3x", "ATSTT3x", "ATBB"} {
		text := withoutTokens("invalid workspace \"" + prefix + secret + "\"; use its slug")
		if strings.Contains(text, secret[:5]) || !strings.HasSuffix(text, "…\"; use its slug") {
			t.Errorf("%s: %s", prefix, text)
		}
	}
	for _, text := range []string{"/tmp/ATLANTA-projects/t.db: no such file", "ATTACHMENTS-2025-export", "ATBBold",
		"an app password (ATBB…)", "DATATT3x-in-a-word-that-is-longer"} {
		if got := withoutTokens(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}

func TestNullString(t *testing.T) {
	got, err := json.Marshal([]NullString{"", "null", `"x"`})
	if want := `[null,"null","\"x\""]`; err != nil || string(got) != want {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
}

func TestCheckWorkspace(t *testing.T) {
	db := store.Open(filepath.Join(t.TempDir(), "t.db"))
	check := func(slug string) error {
		return db.View(t.Context(), func(tx *store.Tx) error { return CheckWorkspace(tx, slug) })
	}
	put := func(f func(tx *store.Tx) error) {
		if err := db.Update(t.Context(), f); err != nil {
			t.Fatal(err)
		}
	}
	if all, err := Workspaces(t.Context(), db); err != nil || all != nil {
		t.Errorf("without a database: %v, %v", all, err)
	}
	put(func(tx *store.Tx) error { return nil })
	code, hint := Exit(check("acme"))
	if code != 1 || hint != "trunkstat sync --workspace acme" {
		t.Errorf("in an empty database: exit %d, hint %q", code, hint)
	}
	put(func(tx *store.Tx) error {
		return errors.Join(tx.PutWorkspace(store.Workspace{Slug: "acme"}),
			tx.PutRepository(store.Repository{UUID: "{1}", Workspace: "shared"}))
	})
	for slug, known := range map[string]bool{"": true, "acme": true, "shared": true, "akme": false} {
		err := check(slug)
		if (err == nil) != known || !known && !strings.Contains(err.Error(), "acme, shared") {
			t.Errorf("%q: %v", slug, err)
		}
	}
}
