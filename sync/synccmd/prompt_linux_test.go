package synccmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"
	"golang.org/x/sys/unix"

	"trunkstat/store"
	"trunkstat/store/command"
)

// openTerminal makes a terminal: what is written to user is typed on it, and what a program
// writes to program can be read from user.
func openTerminal(t *testing.T) (user, program *os.File) {
	t.Helper()
	user, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { user.Close() })
	if err := unix.IoctlSetPointerInt(int(user.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(user.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { program.Close() })
	return user, program
}

// hidden reports whether the terminal does not show what is typed.
func hidden(t *testing.T, tty *os.File) bool {
	state, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
	if err != nil {
		t.Error(err)
		return true
	}
	return state.Lflag&unix.ECHO == 0
}

// A person is somebody at the terminal: answers each question when it is asked, the one for the
// token when typing is hidden, and remembers all that the screen showed.
func person(t *testing.T, user, tty *os.File, answers map[string]string) (screen func() string) {
	t.Helper()
	var seen bytes.Buffer
	done := make(chan struct{})
	go func() {
		defer close(done)
		asked := 0
		for b := make([]byte, 4096); ; {
			n, err := user.Read(b)
			seen.Write(b[:n])
			for question, answer := range answers {
				if strings.HasSuffix(seen.String(), question) && seen.Len() > asked {
					asked = seen.Len()
					for strings.HasPrefix(question, "Token") && !hidden(t, tty) {
						time.Sleep(time.Millisecond)
					}
					user.WriteString(answer)
				}
			}
			if err != nil {
				return
			}
		}
	}()
	return func() string { <-done; return seen.String() }
}

func TestLoginAsks(t *testing.T) {
	for _, c := range []struct {
		name, token, email, kind string
	}{
		{"API token", testAPIToken, testEmail, "api_token"},
		{"access token", testAccessToken, "", "access_token"},
		{"API token of an unknown form", "synthetic-token-1", testEmail, "api_token"},
		{"access token of an unknown form", "synthetic-token-2", "", "access_token"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newProgram(t)
			ws := p.withKeychain()
			p.server.AddAPIToken(testEmail, "synthetic-token-1")
			p.server.AddAccessToken("synthetic-token-2")
			user, tty := openTerminal(t)
			screen := person(t, user, tty, map[string]string{
				"Workspace (slug or URL): ":                                 "https://bitbucket.org/" + ws + "/website\n",
				"Token (is not shown): ":                                    c.token + "\n",
				"E-mail of your Atlassian account: ":                        c.email + "\n",
				"if it is an API token, nothing if it is an access token: ": c.email + "\n",
			})
			err := p.runOn(context.Background(), tty, "auth", "login")
			tty.Close()
			shown := screen()
			if err != nil {
				t.Fatalf("%v\n%s", err, shown)
			}
			if strings.Contains(shown, c.token) {
				t.Errorf("the token was shown:\n%s", shown)
			}
			if !strings.Contains(shown, "read:repository:bitbucket") ||
				!strings.Contains(shown, "https://bitbucket.org/"+ws+"/workspace/settings/access-tokens") {
				t.Errorf("it is not said where a token is made:\n%s", shown)
			}
			secret, _ := p.secret(ws)
			if secret.Kind != c.kind || secret.Token() != c.token || secret.Email != c.email {
				t.Errorf("stored %s %q", secret.Kind, secret.Email)
			}
		})
	}
}

// The only workspace that is stored is not asked for.
func TestLoginOnlyWorkspace(t *testing.T) {
	p := newProgram(t)
	ws := p.withKeychain()
	p.put(store.Workspace{Slug: ws})
	user, tty := openTerminal(t)
	screen := person(t, user, tty, map[string]string{"Token (is not shown): ": testAccessToken + "\n"})
	err := p.runOn(t.Context(), tty, "auth", "login")
	tty.Close()
	if all := screen(); err != nil || strings.Contains(all, "slug or URL") || !strings.Contains(all, "for "+ws+" is stored") {
		t.Errorf("got %v and\n%s", err, all)
	}
	if secret, _ := p.secret(ws); secret.Token() != testAccessToken {
		t.Error("the token is not stored")
	}
}

// An address that names no workspace is asked for again; Ctrl-D is the way out.
func TestLoginAsksAgain(t *testing.T) {
	p := newProgram(t)
	p.withKeychain()
	var user *os.File
	user, tty, written := sizedTerminal(t, 100, "the URL names no workspace", func() { user.WriteString("\x04") })
	user.WriteString("https://bitbucket.org/dashboard\n")
	err := p.runOn(t.Context(), tty, "auth", "login")
	if all := written(); !errors.Is(err, errNoAnswer) || strings.Count(all, "Workspace (slug or URL): ") != 2 {
		t.Errorf("got %v and\n%q", err, all)
	}
}

// Who thinks better of it while the token is asked for gets a terminal back that shows what is
// typed.
func TestLoginInterrupted(t *testing.T) {
	p := newProgram(t)
	ws := p.withKeychain()
	user, tty := openTerminal(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		for b := make([]byte, 4096); ; {
			if _, err := user.Read(b); err != nil {
				return
			}
		}
	}()
	go func() { // as soon as typing is hidden
		for ctx.Err() == nil {
			if hidden(t, tty) {
				cancel()
			}
			time.Sleep(time.Millisecond)
		}
	}()
	err := p.runOn(ctx, tty, "-w", ws, "auth", "login")
	if ctx.Err() == nil || err == nil {
		t.Fatalf("got %v", err)
	}
	if hidden(t, tty) {
		t.Error("the terminal hides what is typed")
	}
	if _, ok := p.secret(ws); ok {
		t.Error("something was stored")
	}
	user.WriteString("\n") // for the read that was left behind
}

// runOn runs the program on a terminal.
func (p *program) runOn(ctx context.Context, tty *os.File, args ...string) error {
	app := &cli.App{
		Name: "trunkstat", HideVersion: true, Reader: tty, Writer: tty, ErrWriter: tty,
		Flags: p.globalFlags(), Commands: commands(p.environment()),
	}
	command.Prepare(app, nil)
	return app.RunContext(ctx, append([]string{"trunkstat"}, args...))
}
