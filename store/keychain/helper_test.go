package keychain

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"testing"
)

// runHelper runs this test binary in a role of helper and returns what it prints.
func runHelper(t *testing.T, role string, env ...string) string {
	t.Helper()
	return runHelperWith(t, nil, role, env...)
}

// runHelperWith runs it under another command.
func runHelperWith(t *testing.T, under []string, role string, env ...string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	argv := append(under, self)
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env = append(append(os.Environ(), "TRUNKSTAT_TEST_HELPER="+role), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("helper %s: %v\n%s%s", role, err, out, stderr.String())
	}
	return string(out)
}

var roles = map[string]func() error{
	"errors": func() error { helperErrors(); return nil },
}

// helper plays a role and returns the exit status.
func helper(role string) int {
	play, ok := roles[role]
	if !ok {
		fmt.Fprintln(os.Stderr, "no such role")
		return 1
	}
	if err := play(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
