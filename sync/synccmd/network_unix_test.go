//go:build unix

package synccmd

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A pipe can be read once, so --ca-cert <(…) works only if a run reads the file once.
func TestCACertIsReadOnce(t *testing.T) {
	p := newProgram(t)
	p.env["TRUNKSTAT_TOKEN"] = testAccessToken
	p.server.Workspace("acme").Repository("api").Commits("main", 150)
	address, ca := p.secured()
	pem, err := os.ReadFile(ca)
	if err != nil {
		t.Fatal(err)
	}
	global := []string{"--api-url", address, "--git-url", strings.TrimSuffix(address, "/2.0"), "-w", "acme"}
	for args, want := range map[string]string{
		"auth status":      "access_token",
		"--verbose doctor": "filters by git:       offered",
		"sync --via git":   "of them from git",
	} {
		t.Run(args, func(t *testing.T) {
			pipe := filepath.Join(t.TempDir(), "pipe")
			if err := syscall.Mkfifo(pipe, 0o600); err != nil {
				t.Fatal(err)
			}
			go os.WriteFile(pipe, pem, 0) // waits for the first reader; another one would wait for ever
			done := make(chan ending, 1)
			go func() {
				done <- p.run(slices.Concat(global, []string{"--ca-cert", pipe}, strings.Fields(args))...)
			}()
			select {
			case o := <-done:
				p.expect(o, 0, want)
			case <-time.After(20 * time.Second):
				t.Fatal("it hangs: it reads the pipe again")
			}
		})
	}
}
