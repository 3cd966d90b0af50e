package synccmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/urfave/cli/v2"

	"trunkstat/store/command"
)

// maxToken is far more than any token; who prints more prints something else.
const maxToken = 64 << 10

// runTokenCommand runs the user's command in the platform's shell and returns what it prints. Its
// errors hold neither the command nor its output, for both may be secret; what it writes to
// stderr passes through, as do its questions on the terminal.
func runTokenCommand(c *cli.Context, line string) (string, error) {
	out := &capped{left: maxToken}
	cmd := shell(c.Context, line)
	cmd.Stdout, cmd.Stderr = out, c.App.ErrWriter
	if f, ok := c.App.Reader.(*os.File); ok {
		cmd.Stdin = f
	}
	// Something the command started may hold the pipe open after it was cancelled.
	cmd.WaitDelay = time.Second / 2
	err := cmd.Run()
	switch {
	case c.Context.Err() != nil:
		return "", context.Cause(c.Context)
	case out.full: // rather than how the command took it
		err = errTooMuch
	case err == nil && len(bytes.TrimSpace(out.text)) == 0:
		err = errors.New("it printed nothing")
	}
	if err != nil {
		return "", &command.Error{Code: command.ExitCredentials, Err: fmt.Errorf("run TRUNKSTAT_TOKEN_COMMAND: %w", err),
			Hint: "try the command by hand: it has to print the token and nothing else"}
	}
	return string(out.text), nil
}

var errTooMuch = errors.New("it printed more than a token")

// capped is a buffer that refuses to grow beyond what is left. The buffer is not embedded: its
// ReadFrom, which io.Copy prefers, knows no limit.
type capped struct {
	text []byte
	left int
	full bool
}

func (b *capped) Write(p []byte) (int, error) {
	if len(p) > b.left {
		b.full = true
		return 0, errTooMuch
	}
	b.left -= len(p)
	b.text = append(b.text, p...)
	return len(p), nil
}
