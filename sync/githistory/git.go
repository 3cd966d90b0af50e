package githistory

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// ErrNoGit is returned by Find where git is not installed or does not run.
var ErrNoGit = errors.New("git is not installed")

// A Git is the git that is installed.
type Git struct{ path string }

// Find finds git. It returns ErrNoGit where there is none, and another error where it is older than 2.31,
// which cannot be given settings in its environment.
func Find(ctx context.Context) (*Git, error) {
	path, err := exec.LookPath("git")
	if err != nil {
		return nil, ErrNoGit
	}
	g := &Git{path}
	version, err := output(ctx, g.command(ctx, ".", "version"))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoGit, err)
	}
	var major, minor int
	if _, err := fmt.Sscanf(string(version), "git version %d.%d", &major, &minor); err != nil {
		return nil, fmt.Errorf("%w: git version printed %.60q", ErrNoGit, version)
	}
	if major < 2 || major == 2 && minor < 31 {
		installed := strings.Fields(string(version))[2]
		return nil, fmt.Errorf("git 2.31 or later is required, and %s is installed", installed)
	}
	return g, nil
}

// command makes a command that runs in a directory and is killed, with all that it started, when ctx
// ends. It runs no program that a configuration names, reads bare repositories also where the user's
// settings refuse them, and does not look for a repository in the folders above.
func (g *Git) command(ctx context.Context, dir string, args ...string) *exec.Cmd {
	args = append([]string{"--no-pager",
		"-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "safe.bareRepository=all"}, args...)
	cmd := exec.CommandContext(ctx, g.path, args...)
	if abs, err := filepath.Abs(dir); err == nil { // GIT_CEILING_DIRECTORIES takes no other
		dir = abs
	}
	cmd.Dir = dir
	cmd.Env = append(slices.DeleteFunc(cmd.Environ(), isDropped), fixed...)
	cmd.Env = append(cmd.Env, "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
	cmd.WaitDelay = time.Second // a process that git started may hold its pipes open after git has ended
	killTree(cmd)
	return cmd
}

// fixed are the variables that every command gets. Without an allowed protocol, git older than 2.45
// cannot fetch what a partial clone lacks either. An empty name of a graft file is no file.
var fixed = []string{
	"LC_ALL=C",                              // texts of errors are compared; see unreadable
	"GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=", // a question would never be answered
	"GIT_OPTIONAL_LOCKS=0", // a clone is not changed
	"GIT_NO_REPLACE_OBJECTS=1", "GIT_GRAFT_FILE=", "GIT_NO_LAZY_FETCH=1", "GIT_ALLOW_PROTOCOL=none",
	"GIT_TRACE2=0", "GIT_TRACE2_EVENT=0", "GIT_TRACE2_PERF=0", // whose logs can hold settings
}

// kept are the beginnings of git's variables that a command inherits: where the user's settings are,
// and those about certificates and proxies. Any other could lead git elsewhere, or log the secret.
var kept = []string{
	"GIT_CONFIG_GLOBAL=", "GIT_CONFIG_SYSTEM=", "GIT_CONFIG_NOSYSTEM=", "GIT_EXEC_PATH=",
	"GIT_SSL_CA", "GIT_SSL_CERT", "GIT_SSL_KEY", "GIT_PROXY_SSL_", "GIT_HTTP_PROXY_",
}

// isDropped reports whether a variable of the environment is kept from git.
func isDropped(variable string) bool {
	variable = strings.ToUpper(variable)
	return strings.HasPrefix(variable, "GIT_") &&
		!slices.ContainsFunc(kept, func(prefix string) bool { return strings.HasPrefix(variable, prefix) })
}

// Bytes that git may write. A server can make it write messages without end, and so can a repository with
// one commit without end.
const (
	maxOutput   = 128 << 20 // 3,000,000 hashes
	maxMessages = 1 << 20
)

// output runs a command and returns what it printed, also where it failed. The error is the end of ctx, or
// else what git wrote to stderr.
func output(ctx context.Context, cmd *exec.Cmd) ([]byte, error) {
	stdout, stderr := &limitedBuffer{max: maxOutput}, &limitedBuffer{max: maxMessages}
	cmd.Stdout, cmd.Stderr = stdout, stderr
	err := cmd.Run()
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	} else if text := cleaned(stderr.buffer.String()); text != "" && err != nil {
		err = errors.New(text)
	}
	return stdout.buffer.Bytes(), err
}

// A limitedBuffer refuses what would make it longer than max, which ends the process that writes.
type limitedBuffer struct {
	buffer bytes.Buffer
	max    int
}

func (b *limitedBuffer) Write(p []byte) (int, error) {
	if b.buffer.Len()+len(p) > b.max {
		return 0, fmt.Errorf("git wrote more than %d bytes", b.max)
	}
	return b.buffer.Write(p)
}

const maxText = 300 // bytes of an error's text: git repeats whole lists of refs and files

// remoteLine is what the server wrote, which may repeat the credential.
var remoteLine = regexp.MustCompile(`(?m)^remote: .*$`)

// cleaned makes the last lines of stderr one line that can be printed. git says last why it failed.
func cleaned(stderr string) string {
	text := strings.ToValidUTF8(remoteLine.ReplaceAllString(stderr, ""), "\uFFFD")
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return !unicode.IsGraphic(r) || unicode.IsSpace(r)
	}), " ")
	return strings.TrimSuffix(strings.ToValidUTF8(text[max(len(text)-maxText, 0):], ""), ".")
}
