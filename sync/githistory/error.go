package githistory

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
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
	err   error
	texts []string
}{
	{ErrDubiousOwnership, []string{"dubious ownership", "unsafe repository" /* git before 2.38 */}},
	{ErrDiskFull, []string{"no space left", "not enough space", "disk quota exceeded"}},
	{ErrUnauthorized, []string{"authentication failed", "could not read username", "could not read password",
		"returned error: 401"}},
	{ErrForbidden, []string{"returned error: 403"}},
	{ErrNotFound, []string{"returned error: 404", "returned error: 410", "couldn't find remote ref",
		"' not found"}},
	{ErrNotGit, []string{"returned error: 3", /* a redirect, to the page of a sign-on */
		"not valid: is this a git repository"}},
	{ErrNetwork, []string{"returned error: ", "unable to access", "rpc failed", "early eof",
		"unexpected disconnect", "hung up", "still expected"}},
}

// withCause puts the typed error of a text in front of it, where there is one. nil stays nil.
func withCause(err error) error {
	if err == nil {
		return nil
	}
	text := strings.ToLower(err.Error())
	for _, c := range causes {
		if slices.ContainsFunc(c.texts, func(t string) bool { return strings.Contains(text, t) }) {
			return fmt.Errorf("%w: %w", c.err, err)
		}
	}
	return err
}

// commandError makes an error of how a command ended: what it wrote to stderr, if it ran, or the cause of
// the end of its context. It is nil where the command succeeded.
func commandError(ctx context.Context, cmd *exec.Cmd, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var exit *exec.ExitError
	if text := cleaned(cmd.Stderr.(*bytes.Buffer).String()); text != "" && errors.As(err, &exit) {
		return withCause(errors.New(text))
	}
	return err
}

const maxText = 300 // bytes of an error's text

// remoteLine is what the server wrote, which may repeat the credential.
var remoteLine = regexp.MustCompile(`(?m)^remote: .*$`)

// cleaned makes the last lines of stderr one line that can be printed.
func cleaned(stderr string) string {
	text := strings.ToValidUTF8(remoteLine.ReplaceAllString(stderr, ""), "\uFFFD")
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return !unicode.IsGraphic(r) || unicode.IsSpace(r)
	}), " ")
	return strings.TrimSuffix(strings.ToValidUTF8(text[max(len(text)-maxText, 0):], ""), ".")
}
