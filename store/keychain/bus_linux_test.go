package keychain

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

func TestNoBusStartsNone(t *testing.T) {
	dir := t.TempDir()
	started := filepath.Join(dir, "started")
	script := "#!/bin/sh\ntouch '" + started + "'\n"
	if err := os.WriteFile(filepath.Join(dir, "dbus-launch"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	for _, address := range []string{"", "autolaunch:"} {
		env := map[string]string{"DBUS_SESSION_BUS_ADDRESS": address}
		k := &Keychain{Getenv: func(name string) string { return env[name] }, runtimeDir: dir}
		_, err := k.Get(context.Background(), "acme")
		if got := verdict(err, ""); got != "unavailable, names the other ways" {
			t.Errorf("address %q: %s (%v)", address, got, err)
		}
	}
	if _, err := os.Stat(started); err == nil {
		t.Error("dbus-launch was run")
	}
}

func TestReachable(t *testing.T) {
	with := func(name string) string {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	for _, c := range []struct {
		name, address, runtimeDir, want string
	}{
		{"an address", "unix:path=/x", "/nonexistent", ""},
		{"a socket", "", with("bus"), ""},
		{"an address in a file", "", with("dbus-session"), ""},
		{"nothing", "", "/nonexistent", "no D-Bus session"},
	} {
		t.Run(c.name, func(t *testing.T) {
			env := map[string]string{"DBUS_SESSION_BUS_ADDRESS": c.address}
			err := reachable(func(name string) string { return env[name] }, c.runtimeDir)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestStaleAddress(t *testing.T) {
	path := filepath.Join(t.TempDir(), "gone")
	got := runHelper(t, "get", "DBUS_SESSION_BUS_ADDRESS=unix:path="+path)
	if want := "unavailable, names the other ways\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A bus that takes the connection and never says a word, as one does whose service waits for a
// person.
func TestSilentBus(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bus")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	for role, want := range map[string]string{
		"hurry": "timeout, names the other ways\n", "waiting": "waiting\ncancelled\n",
	} {
		if got := runHelper(t, role, "DBUS_SESSION_BUS_ADDRESS=unix:path="+path); got != want {
			t.Errorf("%s: got %s, want %s", role, got, want)
		}
	}
}

func TestBusWithoutService(t *testing.T) {
	path, dir := requireProgram(t, "dbus-daemon"), t.TempDir()
	config := filepath.Join(dir, "bus.conf")
	text := `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path=` + dir + `/bus</listen>
<policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/>
</policy></busconfig>`
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	daemon := exec.Command(path, "--config-file="+config, "--nofork", "--print-address=1")
	out, err := daemon.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { daemon.Process.Kill(); daemon.Wait() }()
	var address string
	if _, err := fmt.Fscan(out, &address); err != nil { // it listens when it says where
		t.Fatal(err)
	}
	got := runHelper(t, "get", "DBUS_SESSION_BUS_ADDRESS="+address)
	if want := "unavailable, names the other ways\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestLocked(t *testing.T) {
	for _, name := range []string{"bash", "dbus-run-session", "gnome-keyring-daemon"} {
		requireProgram(t, name)
	}
	got := runHelperWith(t, []string{"../../.ci/with-keychain"}, "lock")
	want := "get: locked, names the other ways\nset: locked, names the other ways\n" +
		"delete: locked, names the other ways\nping: locked, names the other ways\n"
	if got != want {
		t.Errorf("got:\n%swant:\n%s", got, want)
	}
}

// requireProgram is requireKeychain for the parts that a test starts by itself.
func requireProgram(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("TRUNKSTAT_TEST_KEYCHAIN") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	return path
}

func init() {
	roles["get"] = func() error { helperGet(time.Minute); return nil }
	roles["hurry"] = func() error { helperGet(50 * time.Millisecond); return nil }
	roles["waiting"] = func() error { helperWaiting(); return nil }
	roles["lock"] = helperLock
}

func helperGet(limit time.Duration) {
	k := &Keychain{Getenv: os.Getenv, Limit: limit}
	_, err := k.Get(context.Background(), "acme")
	fmt.Println(verdict(err, ""))
}

// helperWaiting gives up when it is told that the keychain waits, as somebody would with Ctrl-C.
func helperWaiting() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	k := &Keychain{Getenv: os.Getenv, Limit: time.Minute, NoticeAfter: time.Millisecond}
	k.Waiting = func() { fmt.Println("waiting"); cancel() }
	_, err := k.Get(ctx, "acme")
	fmt.Println(verdict(err, ""))
}

// helperLock runs in a session of its own, because it locks the collection for everybody.
func helperLock() error {
	k, ctx := &Keychain{Getenv: os.Getenv, Limit: time.Minute}, context.Background()
	secret := NewSecret("access_token", "", "tok3n")
	if err := k.Set(ctx, "acme", secret); err != nil {
		return err
	}
	bus, err := dbus.SessionBus()
	if err != nil {
		return err
	}
	secrets := bus.Object("org.freedesktop.secrets", "/org/freedesktop/secrets")
	login := []dbus.ObjectPath{"/org/freedesktop/secrets/collection/login"}
	if err := secrets.Call("org.freedesktop.Secret.Service.Lock", 0, login).Err; err != nil {
		return err
	}
	_, err = k.Get(ctx, "acme")
	fmt.Println("get:", verdict(err, "tok3n"))
	fmt.Println("set:", verdict(k.Set(ctx, "acme", secret), "tok3n"))
	fmt.Println("delete:", verdict(k.Delete(ctx, "acme"), "tok3n"))
	fmt.Println("ping:", verdict(k.Ping(ctx), ""))
	return nil
}
