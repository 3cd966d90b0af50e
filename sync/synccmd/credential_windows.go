package synccmd

import (
	"context"
	"os/exec"
	"syscall"
)

// shell hands the command over as it is: cmd.exe does not undo the quoting that os/exec does. With /s,
// cmd.exe removes the outer quotes and keeps those within the command.
func shell(ctx context.Context, command string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "cmd")
	cmd.SysProcAttr = &syscall.SysProcAttr{CmdLine: `cmd /s /c "` + command + `"`}
	return cmd
}
