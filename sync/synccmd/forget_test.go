package synccmd

import (
	"os"
	"runtime"
	"strings"
	"testing"

	"trunkstat/store"
	"trunkstat/store/keychain"
)

// After a rename of the workspace, the old name is forgotten, and what moved stays.
func TestForgetRenamedWorkspace(t *testing.T) {
	p := newProgram(t)
	p.secrets = &keychain.Memory{}
	p.env["TRUNKSTAT_TOKEN"] = testAccessToken
	p.expect(p.run("-w", "acme", "sync"), 0)
	acme := p.server.Workspace("acme")
	acme.Repository("api").Delete() // is not found under the new name
	acme.Rename("acme-corp")
	p.expect(p.run("-w", "acme-corp", "sync"), 0, "1 repository moved from the workspace acme")
	p.expect(p.run("sync"), 5, "no workspace acme")
	p.expect(p.run("doctor"), 1, "no workspace acme")

	unlock, err := store.Open(p.db).LockSync()
	if err != nil {
		t.Fatal(err)
	}
	p.expect(p.run("-w", "acme", "auth", "logout", "--forget"), 6, "another sync is running")
	unlock()
	p.expect(p.run("-w", "acme", "auth", "logout", "--forget"), 0, "removed acme with its repositories")
	p.expect(p.run("sync"), 0, "acme-corp: 1 repository listed, 1 unchanged")
	p.expect(p.run("doctor"), 0)
	o := p.run("repos", "--format", "csv")
	if p.expect(o, 0, "acme-corp,website,"); strings.Contains(o.stdout, "api") {
		t.Errorf("still there: %s", o.stdout)
	}
	p.expect(p.run("-w", "acme", "auth", "logout", "--forget"), 4, "nothing to remove")
	if findings, err := store.Open(p.db).Check(t.Context()); err != nil || len(findings) > 0 {
		t.Errorf("%v, %v", findings, err)
	}
}

// The credential goes with the workspace, and without --forget the commits stay.
func TestForgetCredential(t *testing.T) {
	p := newProgram(t)
	ws := p.withKeychain()
	p.stdin = testAccessToken
	p.expect(p.run("-w", ws, "auth", "login", "--with-token"), 0)
	p.expect(p.run("sync"), 0)
	p.expect(p.run("auth", "logout"), 0, "its commits stay")
	p.expect(p.run("repos"), 0, "website")
	p.expect(p.run("-w", ws, "auth", "login", "--with-token"), 0)
	p.expect(p.run("auth", "logout", "--forget"), 0, "removed "+ws)
	if _, ok := p.secret(ws); ok || p.entry(ws) != nil {
		t.Error("the credential is left")
	}
	p.expect(p.run("repos"), 0)
	p.expect(p.run("sync"), 2, "no workspace is stored yet")
}

// A machine without a keychain has no secret to remove, and can forget a workspace.
func TestForgetWithoutKeychain(t *testing.T) {
	if !inOwnProcess(t, "DBUS_SESSION_BUS_ADDRESS="+noBus) {
		return
	}
	p := newProgram(t)
	p.env["TRUNKSTAT_TOKEN"], p.env["DBUS_SESSION_BUS_ADDRESS"] = testAccessToken, noBus
	p.expect(p.run("-w", "acme", "sync"), 0)
	if runtime.GOOS == "linux" {
		p.expect(p.run("-w", "acme", "auth", "logout"), 4, "TRUNKSTAT_TOKEN")
	}
	p.expect(p.run("-w", "acme", "auth", "logout", "--forget"), 0, "removed acme")
	p.expect(p.run("sync"), 2, "no workspace is stored yet")
}

func TestForgetNothing(t *testing.T) {
	p := newProgram(t)
	ws := p.withKeychain() // no other test uses its name in the session's keychain
	p.expect(p.run("-w", ws, "auth", "logout", "--forget"), 4, "nothing to remove")
	if _, err := os.Stat(p.db); err == nil {
		t.Error("a database was made")
	}
}
