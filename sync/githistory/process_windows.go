package githistory

import (
	"os/exec"
	"strconv"
)

// killTree makes the end of the command's context kill what git started as well: a fetch is done by
// other processes, which would go on.
func killTree(cmd *exec.Cmd) {
	cmd.Cancel = func() error {
		return exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(cmd.Process.Pid)).Run()
	}
}
