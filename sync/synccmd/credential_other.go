//go:build !windows

package synccmd

import (
	"context"
	"os/exec"
)

// shell runs the command with the shell that POSIX requires, whatever shell the user types in: a command in a
// variable must mean the same in cron and CI.
func shell(ctx context.Context, command string) *exec.Cmd {
	return exec.CommandContext(ctx, "sh", "-c", command)
}
