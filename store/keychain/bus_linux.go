package keychain

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/godbus/dbus/v5"
)

// reachable reports whether a session bus can be found without starting one. It looks where godbus
// looks, because godbus would then run dbus-launch, whose dbus-daemon outlives the program: one
// more for each command.
func reachable(getenv func(string) string, runtimeDir string) error {
	if getenv != nil {
		if address := getenv("DBUS_SESSION_BUS_ADDRESS"); address != "" && address != "autolaunch:" {
			return nil
		}
	}
	runtimeDir = cmp.Or(runtimeDir, fmt.Sprintf("/run/user/%d", os.Getuid()))
	for _, name := range []string{"bus", "dbus-session"} {
		if _, err := os.Stat(filepath.Join(runtimeDir, name)); err == nil {
			return nil
		}
	}
	return fmt.Errorf("%w: no D-Bus session", ErrUnavailable)
}

// classifyHere classifies the errors of Secret Service. Only some of them have a type.
func classifyHere(err error) error {
	var answer dbus.Error
	if errors.As(err, &answer) {
		return classifyAnswer(answer)
	}
	// "failed to unlock correct collection '/org/freedesktop/secrets/…'": it is locked and the
	// prompt was dismissed or could not be shown; or, for the default collection, there is none.
	if strings.Contains(err.Error(), "failed to unlock") {
		return ErrLocked
	}
	var network *net.OpError
	if errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, dbus.ErrClosed) ||
		errors.Is(err, exec.ErrNotFound) || errors.Is(err, os.ErrNotExist) ||
		strings.HasPrefix(err.Error(), "dbus:") {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}

// classifyAnswer classifies an error that Secret Service, or the bus in its place, answered. One that says
// nothing of the keychain's state is returned as it is.
func classifyAnswer(answer dbus.Error) error {
	switch answer.Name {
	case "org.freedesktop.Secret.Error.IsLocked":
		return ErrLocked
	case "org.freedesktop.Secret.Error.NoSuchObject":
		return ErrNotFound
	case "org.freedesktop.DBus.Error.NoReply", "org.freedesktop.DBus.Error.TimedOut":
		return ErrTimeout
	}
	if strings.HasPrefix(answer.Name, "org.freedesktop.DBus.Error.") {
		return fmt.Errorf("%w: %s", ErrUnavailable, answer.Error())
	}
	return answer
}
