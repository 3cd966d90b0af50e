package keychain

import (
	"errors"
	"fmt"
	"syscall"
)

// errNoSuchLogonSession is what a session without stored credentials answers, say one over SSH.
const errNoSuchLogonSession = syscall.Errno(1312)

// reachable has nothing to look for: every Windows has Credential Manager.
func reachable(func(string) string, string) error { return nil }

func classifyHere(err error) error {
	if errors.Is(err, errNoSuchLogonSession) {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}
