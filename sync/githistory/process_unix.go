//go:build !windows

package githistory

import (
	"os/exec"
	"syscall"
)

// killTree makes the end of the command's context kill what git started as well: a fetch is done by
// other processes, which would go on.
func killTree(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
