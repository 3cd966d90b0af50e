package keychain

import (
	"errors"
	"fmt"
	"syscall"
)

// errNoSuchLogonSession is returned in a session without stored credentials, one over SSH for example.
const errNoSuchLogonSession = syscall.Errno(1312)

// reachable returns nil: every Windows has Credential Manager.
func reachable(func(string) string, string) error { return nil }

func classifyHere(err error) error {
	if errors.Is(err, errNoSuchLogonSession) {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}
