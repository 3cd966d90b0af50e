package command

import (
	"errors"
	"fmt"
	"syscall"

	"trunkstat/store"
	"trunkstat/store/keychain"
)

// The exit codes of the program. ExitCodes says what they mean. Scripts rely on them: none is ever given
// another meaning. 2 is what shells and GNU's tools use for a misuse, 75 is EX_TEMPFAIL of sysexits.h, and
// 130 is what shells report for an interrupt.
const (
	ExitDone        = 0
	ExitFailed      = 1
	ExitMisuse      = 2
	ExitPartly      = 3
	ExitCredentials = 4
	ExitNoResources = 5
	ExitDatabase    = 6
	ExitWorkLeft    = 75
	ExitInterrupted = 130
)

// ExitCodes is the table of exit codes in every help and in the manual.
var ExitCodes = []struct {
	Code    int
	Meaning string
}{
	{ExitDone, "done"},
	{ExitFailed, "failed"},
	{ExitMisuse, "misuse"},
	{ExitPartly, "partly done: at least one repository could not be synced, " +
		"or the listing was incomplete; the rest is stored"},
	{ExitCredentials, "credentials: none found, invalid_credentials or invalid_permissions"},
	{ExitNoResources, "no_resources: the credential reaches no repository, or there is no such workspace"},
	{ExitDatabase, "the database is in use, unreadable, or of a newer version"},
	{ExitWorkLeft, "stopped with work left: the budget is spent and --no-wait was given, " +
		"or --max-requests is reached"},
	{ExitInterrupted, "interrupted"},
}

// An Error is an error with an exit code of its own, and with the next commands to type, one a line. The
// outermost Error in a chain decides.
type Error struct {
	Code int
	Hint string
	Err  error
}

// Error returns the text of Err. Explain prints the hint.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Misuse returns an error with the exit code ExitMisuse. Its text says what was wrong and what would be
// right.
func Misuse(format string, args ...any) error {
	return &Error{Code: ExitMisuse, Err: fmt.Errorf(format, args...)}
}

// IsMisuse reports whether the exit code of an error is ExitMisuse.
func IsMisuse(err error) bool {
	code, _ := Exit(err)
	return code == ExitMisuse
}

// noSpace is the hint if a disk or a quota is full. A write that fails leaves the database as it was.
const noSpace = "make room and run it again: what was stored stays"

// known are the errors of the packages below the commands, with their exit codes and hints. If an error
// wraps several of them, the first counts: ErrBeyondRepair is an ErrDamaged too. An error that names the
// next step in its own text has no hint, and neither has a file of another program, which no command should
// touch.
var known = []Error{
	{ExitFailed, "trunkstat sync --workspace WORKSPACE", store.ErrNoDatabase},
	{ExitDatabase, "wait for the other trunkstat, or end it", store.ErrInUse},
	{ExitDatabase, "wait for its end; reports work meanwhile", store.ErrSyncRunning},
	{ExitDatabase, "put a backup in its place, or move it away and sync again", store.ErrBeyondRepair},
	{ExitDatabase, "trunkstat db check", store.ErrDamaged},
	{ExitDatabase, "", store.ErrForeign},
	{ExitDatabase, "install the latest trunkstat", store.ErrNewer},
	{ExitDatabase, "move it away and run trunkstat sync", store.ErrOlder},
	{ExitDatabase, "run trunkstat sync again", store.ErrReplaced},
	{ExitCredentials, "", keychain.ErrUnusable},
	{ExitFailed, noSpace, syscall.ENOSPC},
	{ExitFailed, noSpace, syscall.EDQUOT},
}

// Exit returns the exit code and the hint of an error: those of an Error, or those that the package knows for
// an error of the database or the keychain. Every other error exits with ExitFailed.
func Exit(err error) (code int, hint string) {
	if err == nil {
		return ExitDone, ""
	}
	if e := (*Error)(nil); errors.As(err, &e) {
		return e.Code, e.Hint
	}
	for _, k := range known {
		if errors.Is(err, k.Err) {
			return k.Code, k.Hint
		}
	}
	return ExitFailed, ""
}
