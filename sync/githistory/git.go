package githistory

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Git is the git that is installed.
type Git struct {
	Version string // like "2.39.5"
	path    string
}

// Find finds git. It returns ErrNoGit or ErrOldGit where there is none that can be used.
func Find(ctx context.Context) (*Git, error) {
	path, err := exec.LookPath("git")
	if err != nil {
		return nil, ErrNoGit
	}
	g := &Git{path: path}
	out, err := output(ctx, g.command(ctx, ".", nil, "version"))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoGit, err)
	}
	var major, minor int
	if _, err := fmt.Sscanf(out, "git version %d.%d", &major, &minor); err != nil {
		return nil, fmt.Errorf("%w: git version printed %.60q", ErrNoGit, out)
	}
	g.Version = strings.Fields(out)[2]
	if major < 2 || major == 2 && minor < 31 {
		return nil, fmt.Errorf("%w, and %s is installed", ErrOldGit, g.Version)
	}
	return g, nil
}

// A setting is a name and a value of git's configuration. It outranks the user's configuration and
// the repository's.
type setting [2]string

// command makes a command that runs in a directory and is killed, with all that it started, when ctx
// ends. It does not look for a repository in the folders above.
func (g *Git) command(ctx context.Context, dir string, settings []setting, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, g.path, append([]string{"--no-pager"}, args...)...)
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	cmd.Dir = dir
	cmd.Env = append(slices.DeleteFunc(cmd.Environ(), isDropped), fixed...)
	cmd.Env = append(cmd.Env, "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
	settings = append([]setting{
		{"core.hooksPath", "/dev/null"}, {"core.fsmonitor", "false"}, {"safe.bareRepository", "all"},
	}, settings...)
	for i, s := range settings {
		n := strconv.Itoa(i)
		cmd.Env = append(cmd.Env, "GIT_CONFIG_KEY_"+n+"="+s[0], "GIT_CONFIG_VALUE_"+n+"="+s[1])
	}
	cmd.Env = append(cmd.Env, "GIT_CONFIG_COUNT="+strconv.Itoa(len(settings)))
	cmd.Stderr = &bytes.Buffer{}
	cmd.WaitDelay = time.Second // a process that was started by git may hold its pipes open
	killTree(cmd)
	return cmd
}

// fixed are the variables that every command gets. Without an allowed protocol, git older than 2.45
// cannot fetch what a partial clone lacks either. An empty name of a graft file is no file.
var fixed = []string{
	"LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=", "GIT_OPTIONAL_LOCKS=0",
	"GIT_NO_REPLACE_OBJECTS=1", "GIT_GRAFT_FILE=", "GIT_NO_LAZY_FETCH=1", "GIT_ALLOW_PROTOCOL=none",
	"GIT_TRACE2=0", "GIT_TRACE2_EVENT=0", "GIT_TRACE2_PERF=0", // whose logs can hold settings
}

// kept are the beginnings of git's variables that a command inherits: where the user's settings are,
// and those about certificates and proxies. Any other could lead git elsewhere, or log the secret.
var kept = []string{
	"GIT_CONFIG_GLOBAL=", "GIT_CONFIG_SYSTEM=", "GIT_CONFIG_NOSYSTEM=", "GIT_EXEC_PATH=",
	"GIT_SSL_CA", "GIT_SSL_CERT", "GIT_SSL_KEY", "GIT_PROXY_SSL_", "GIT_HTTP_PROXY_",
}

func isDropped(variable string) bool {
	variable = strings.ToUpper(variable)
	return strings.HasPrefix(variable, "GIT_") &&
		!slices.ContainsFunc(kept, func(prefix string) bool { return strings.HasPrefix(variable, prefix) })
}

// output runs a command and returns what it prints, without the end of the last line.
func output(ctx context.Context, cmd *exec.Cmd) (string, error) {
	out, err := cmd.Output()
	return strings.TrimSuffix(string(out), "\n"), commandError(ctx, cmd, err)
}
