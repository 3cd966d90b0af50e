package keychain

import (
	"errors"
	"fmt"
	"os/exec"
)

// reachable returns nil: every macOS has a keychain.
func reachable(func(string) string, string) error { return nil }

// classifyHere classifies the exit statuses of /usr/bin/security, which are the last byte of the OSStatus.
// What it printed is lost.
func classifyHere(err error) error {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return err
	}
	switch exit.ExitCode() {
	case 44: // errSecItemNotFound, -25300
		return ErrNotFound
	case 36, // errSecInteractionNotAllowed, -25308: locked, over SSH
		51,  // errSecAuthFailed, -25293
		128: // userCanceledErr, -128
		return ErrLocked
	case 37, 53: // errSecNoDefaultKeychain, -25307; errSecNotAvailable, -25291
		return ErrUnavailable
	}
	return fmt.Errorf("/usr/bin/security: %w", err)
}
