package synccmd

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"trunkstat/store/keychain"
)

// collectionPassword is what .ci/with-keychain locks its keychain with.
const collectionPassword = "ci"

// waitingWords are said once when the keychain waits for somebody.
const waitingWords = "trunkstat: waiting for the system keychain to be unlocked\r\n"

// attempts are how often the keychain is unlocked until it is: with one key in a hundred or so,
// gnome-keyring does not understand what the dialog hands over, and takes it for closed.
const attempts = 3

// inOwnSession runs the test alone, in a session with a keychain of its own, which it may lock. In
// there it returns true, outside of it false.
func inOwnSession(t *testing.T) bool {
	t.Helper()
	const marker = "TRUNKSTAT_TEST_ALONE"
	if os.Getenv(marker) == t.Name() {
		return true
	}
	for _, name := range []string{"bash", "dbus-run-session", "gnome-keyring-daemon"} {
		if _, err := exec.LookPath(name); err != nil && os.Getenv("TRUNKSTAT_TEST_KEYCHAIN") == "" {
			t.Skip(err)
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("../../.ci/with-keychain", self, "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=60s")
	cmd.Env = append(os.Environ(), marker+"="+t.Name())
	out, err := cmd.CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("--- PASS: "+t.Name())) {
		t.Errorf("%v\n%s", err, out)
	}
	return false
}

// Who has to unlock the keychain first is told so, once, on a real terminal and of the real
// gnome-keyring, whose dialog stands open meanwhile.
func TestLockedKeychain(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: it waits")
	}
	t.Parallel()
	if !inOwnSession(t) {
		return
	}
	p := newProgram(t)
	p.notice = 200 * time.Millisecond
	ws := p.withKeychain()
	p.stdin = testAccessToken
	p.expect(p.run("-w", ws, "auth", "login", "--with-token"), 0)
	dialog := openDialogs(t)

	t.Run("unlocked in time", func(t *testing.T) {
		var err error
		var all string
		for range attempts {
			lockKeychain(t, dialog.bus)
			_, tty, written := sizedTerminal(t, 80, waitingWords, func() { dialog.answers <- collectionPassword })
			err = p.runOn(t.Context(), tty, "-w", ws, "sync")
			if all = written(); !errors.Is(err, keychain.ErrLocked) {
				break
			}
		}
		if err != nil || strings.Count(all, waitingWords) != 1 || !strings.Contains(all, ws+": 1 repository listed, 1 synced") {
			t.Errorf("got %v and\n%q", err, all)
		}
	})
	t.Run("login", func(t *testing.T) {
		var err error
		var all string
		for range attempts {
			lockKeychain(t, dialog.bus)
			user, tty := openTerminal(t)
			screen := person(t, user, tty, map[string]string{"Token (is not shown): ": testAccessToken + "\n"})
			go func() { dialog.answers <- collectionPassword }()
			err = p.runOn(t.Context(), tty, "-w", ws, "auth", "login")
			tty.Close()
			if all = screen(); !errors.Is(err, keychain.ErrLocked) {
				break
			}
		}
		if err != nil || strings.Contains(all, testAccessToken) ||
			!strings.Contains(all, "Create a token") || !strings.Contains(all, "is stored in the system keychain") {
			t.Errorf("got %v and\n%q", err, all)
		}
	})
	t.Run("closed", func(t *testing.T) {
		lockKeychain(t, dialog.bus)
		_, tty, written := sizedTerminal(t, 80, waitingWords, func() { dialog.answers <- "" })
		err := p.runOn(t.Context(), tty, "-w", ws, "sync")
		if all := written(); err == nil || !strings.Contains(err.Error(), "the system keychain is locked") ||
			!strings.Contains(err.Error(), "TRUNKSTAT_TOKEN_COMMAND") || strings.Count(all, waitingWords) != 1 {
			t.Errorf("got %v and\n%q", err, all)
		}
	})
	// Last: the read that is left behind would hear of the next dialog's end.
	t.Run("interrupted", func(t *testing.T) {
		lockKeychain(t, dialog.bus)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		_, tty, written := sizedTerminal(t, 80, waitingWords, cancel)
		err := p.runOn(ctx, tty, "-w", ws, "sync")
		if all := written(); err == nil || ctx.Err() == nil || strings.Count(all, waitingWords) != 1 {
			t.Errorf("got %v and\n%q", err, all)
		}
	})
}

func lockKeychain(t *testing.T, bus *dbus.Conn) {
	t.Helper()
	secrets := bus.Object("org.freedesktop.secrets", "/org/freedesktop/secrets")
	login := []dbus.ObjectPath{"/org/freedesktop/secrets/collection/login"}
	if err := secrets.Call("org.freedesktop.Secret.Service.Lock", 0, login).Err; err != nil {
		t.Fatal(err)
	}
}

// dialogs stand in for the part of the desktop that shows gnome-keyring's dialogs. Each is open until
// there is an answer: the password, or "" where it is closed.
type dialogs struct {
	t       *testing.T
	bus     *dbus.Conn
	answers chan string

	mu   sync.Mutex
	keys map[dbus.ObjectPath]*exchange // by the dialog's name
}

func openDialogs(t *testing.T) *dialogs {
	t.Helper()
	bus, err := dbus.ConnectSessionBus()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { bus.Close() })
	d := &dialogs{t: t, bus: bus, answers: make(chan string), keys: map[dbus.ObjectPath]*exchange{}}
	if err := bus.Export(d, "/org/gnome/keyring/Prompter", "org.gnome.keyring.internal.Prompter"); err != nil {
		t.Fatal(err)
	}
	if reply, err := bus.RequestName("org.gnome.keyring.SystemPrompter", 0); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("no dialogs of our own: %v, %v", reply, err)
	}
	return d
}

// BeginPrompting is called by gnome-keyring, which is called back as callback.
func (d *dialogs) BeginPrompting(callback dbus.ObjectPath, sender dbus.Sender) *dbus.Error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.keys[callback] = newExchange()
	first := d.keys[callback].begin()
	// gnome-keyring never answers a call that overtakes the reply to its own.
	time.AfterFunc(100*time.Millisecond, func() { d.ready(callback, sender, "", first) })
	return nil
}

// PerformPrompt is called by gnome-keyring to have a dialog shown.
func (d *dialogs) PerformPrompt(callback dbus.ObjectPath, _ string, _ map[string]dbus.Variant, peer string, sender dbus.Sender) *dbus.Error {
	d.mu.Lock()
	defer d.mu.Unlock()
	keys := d.keys[callback]
	go func() {
		if password := <-d.answers; password != "" {
			d.ready(callback, sender, "yes", keys.send(peer, password))
		} else {
			d.ready(callback, sender, "no", keys.begin())
		}
	}()
	return nil
}

// StopPrompting is called by gnome-keyring when it wants no more of a dialog.
func (d *dialogs) StopPrompting(callback dbus.ObjectPath, sender dbus.Sender) *dbus.Error {
	go d.bus.Object(string(sender), callback).Call("org.gnome.keyring.internal.Prompter.Callback.PromptDone", dbus.FlagNoReplyExpected)
	return nil
}

func (d *dialogs) ready(callback dbus.ObjectPath, sender dbus.Sender, reply, keys string) {
	d.bus.Object(string(sender), callback).Call("org.gnome.keyring.internal.Prompter.Callback.PromptReady", 0,
		reply, map[string]dbus.Variant{}, keys)
}

// An exchange is how gnome-keyring has a secret handed over, sx-aes-1: Diffie and Hellman's over the
// 1536-bit group of RFC 3526, then AES.
type exchange struct{ private *big.Int }

var (
	groupPrime, _ = new(big.Int).SetString("FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22"+
		"514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"+
		"EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD96"+
		"1C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA237327FFFFFFFFFFFFFFFF", 16)
	groupBase = big.NewInt(2)
)

func newExchange() *exchange {
	private, err := rand.Int(rand.Reader, groupPrime)
	if err != nil {
		panic(err)
	}
	return &exchange{private}
}

func (x *exchange) begin() string {
	public := new(big.Int).Exp(groupBase, x.private, groupPrime)
	return fmt.Sprintf("[sx-aes-1]\npublic=%s\n", base64.StdEncoding.EncodeToString(public.Bytes()))
}

func (x *exchange) send(peer, secret string) string {
	_, text, _ := strings.Cut(peer, "public=")
	text, _, _ = strings.Cut(text, "\n")
	public, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		panic(err)
	}
	shared := new(big.Int).Exp(new(big.Int).SetBytes(public), x.private, groupPrime).FillBytes(make([]byte, 192))
	key, err := hkdf.Key(sha256.New, shared, nil, "", 16)
	if err != nil {
		panic(err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	fill := aes.BlockSize - len(secret)%aes.BlockSize
	sealed := append([]byte(secret), bytes.Repeat([]byte{byte(fill)}, fill)...)
	iv := make([]byte, aes.BlockSize)
	rand.Read(iv)
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(sealed, sealed)
	return x.begin() + fmt.Sprintf("secret=%s\niv=%s\n", base64.StdEncoding.EncodeToString(sealed), base64.StdEncoding.EncodeToString(iv))
}
