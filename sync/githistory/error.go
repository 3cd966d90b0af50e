package githistory

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"unicode"
)

// Errors about the git that is installed.
var (
	// ErrNoGit is returned by Find where git is not installed or does not run.
	ErrNoGit = errors.New("git is not installed")

	// ErrOldGit is returned by Find for a git that cannot be given settings in its environment.
	ErrOldGit = errors.New("git 2.31 or later is required")
)

// Errors about a server, of OffersFilter and Fetch.
var (
	ErrUnauthorized = errors.New("the git server refuses the credential (401)")
	ErrForbidden    = errors.New("the credential may not read this repository by git (403)")
	ErrNotFound     = errors.New("the git server has no such repository or branch")
	ErrNotGit       = errors.New("what answers is not a git server")
	ErrNetwork      = errors.New("the git server does not answer, or broke off")

	// ErrPlainHTTP is returned for a URL that is neither https nor plain http to a loopback address.
	ErrPlainHTTP = errors.New("git needs an https URL; plain http is for loopback addresses only")

	// ErrNoFilter is returned by Fetch where the server ignored the filter. What it sent must be
	// removed; a caller that asks OffersFilter before never meets it.
	ErrNoFilter = errors.New("the git server offers no filter")

	// ErrNoCommit is returned by Fetch where the branch was fetched and does not reach the commit. It
	// was moved since; what was fetched can be read.
	ErrNoCommit = errors.New("the branch does not reach the commit any more")
)

// Errors about the disk.
var (
	// ErrDiskFull is returned by Fetch where the pack has no room.
	ErrDiskFull = errors.New("the disk is full")

	// ErrDubiousOwnership is returned where git does not read a git directory because it belongs to
	// another user: git config --global --add safe.directory DIR allows it.
	ErrDubiousOwnership = errors.New("the git directory belongs to another user")
)

// causes are parts of what git writes to stderr, and of errors of the disk, in lower case. The first
// that is found decides.
var causes = []struct {
	text string
	err  error
}{
	{"dubious ownership", ErrDubiousOwnership},
	{"unsafe repository", ErrDubiousOwnership}, // git 2.35.2 to 2.37
	{"no space left", ErrDiskFull},
	{"not enough space", ErrDiskFull},
	{"disk quota exceeded", ErrDiskFull},
	{"authentication failed", ErrUnauthorized},
	{"could not read username", ErrUnauthorized},
	{"could not read password", ErrUnauthorized},
	{"returned error: 401", ErrUnauthorized},
	{"returned error: 403", ErrForbidden},
	{"returned error: 404", ErrNotFound},
	{"returned error: 410", ErrNotFound},
	{"returned error: 3", ErrNotGit}, // a redirect, to the page of a sign-on
	{"returned error: ", ErrNetwork},
	{"not valid: is this a git repository", ErrNotGit},
	{"couldn't find remote ref", ErrNotFound},
	{"' not found", ErrNotFound},
	{"unable to access", ErrNetwork},
	{"rpc failed", ErrNetwork},
	{"early eof", ErrNetwork},
	{"unexpected disconnect", ErrNetwork},
	{"hung up", ErrNetwork},
	{"still expected", ErrNetwork},
}

// withCause puts the typed error of a text in front of it, where there is one. nil stays nil.
func withCause(err error) error {
	if err == nil {
		return nil
	}
	text := strings.ToLower(err.Error())
	for _, c := range causes {
		if strings.Contains(text, c.text) {
			return fmt.Errorf("%w: %w", c.err, err)
		}
	}
	return err
}

// commandError makes an error of how a command ended, nil where it succeeded. The end of a context
// stays what it is.
func commandError(cmd *exec.Cmd, err error) error {
	if err == nil {
		return nil
	}
	var exit *exec.ExitError
	if text := cleaned(cmd.Stderr.(*tail).text); text != "" && errors.As(err, &exit) {
		return withCause(errors.New(text))
	}
	return err
}

const maxText = 300 // bytes of an error's text

// cleaned makes the last lines of stderr one line that can be printed. What the server wrote is left out,
// because it may repeat the credential.
func cleaned(stderr []byte) string {
	var words []string
	for line := range strings.Lines(strings.ToValidUTF8(string(stderr), "\uFFFD")) {
		if !strings.HasPrefix(line, "remote: ") {
			words = append(words, strings.FieldsFunc(line, func(r rune) bool {
				return !unicode.IsGraphic(r) || unicode.IsSpace(r)
			})...)
		}
	}
	text := strings.Join(words, " ")
	return strings.TrimSuffix(strings.ToValidUTF8(text[max(len(text)-maxText, 0):], ""), ".")
}
