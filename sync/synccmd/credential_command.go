package synccmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"trunkstat/store/command"
	"trunkstat/sync/bitbucket"
)

// maxToken, in bytes, is far more than the length of any token: Atlassian's have about 200. Longer input is
// something else, such as a file that was piped by mistake, and is not read into memory to its end.
const maxToken = 64 << 10

// runTokenCommand runs TRUNKSTAT_TOKEN_COMMAND in the platform's shell and returns the first line that it
// prints. An error holds neither the command nor its output, because both may be secret. What the command
// writes to stderr passes through, and it may ask questions on the terminal: password managers ask for their
// own password so.
func runTokenCommand(c call) (string, error) {
	ctx, cancel := context.WithTimeout(c.Context, c.tokenTimeout)
	defer cancel()
	notice := time.AfterFunc(c.noticeAfter, func() {
		command.Inform(c.flags, "waiting for TRUNKSTAT_TOKEN_COMMAND")
	})
	defer notice.Stop()
	out := &cappedBuffer{}
	cmd := shell(ctx, c.getenv("TRUNKSTAT_TOKEN_COMMAND"))
	cmd.Stdout, cmd.Stderr = out, c.App.ErrWriter
	if f, ok := c.App.Reader.(*os.File); ok { // os/exec would wait for the end of another reader
		cmd.Stdin = f
	}
	// A process that the command started may hold the pipe open after the command was killed. Half a second
	// leaves time to read what was printed, and is below the second within which Ctrl-C stops the program.
	cmd.WaitDelay = time.Second / 2
	err := cmd.Run()
	line, _, _ := strings.Cut(decodeText(out.text), "\n")
	switch { // the cause first: a command that was killed also fails, and prints nothing
	case c.Context.Err() != nil:
		return "", context.Cause(c.Context)
	case ctx.Err() != nil:
		err = fmt.Errorf("no token within %v", c.tokenTimeout)
	case out.full: // takes precedence over how the command ended because of it
		err = errors.New("the output is longer than a token")
	case err == nil && strings.TrimSpace(line) == "":
		err = errors.New("the first line of the output is empty")
	}
	if err != nil {
		err = fmt.Errorf("run TRUNKSTAT_TOKEN_COMMAND: %w", err)
		return "", &command.Error{Code: command.ExitCredentials, Err: err,
			Hint: "run the command by hand: its first line must be the token"}
	}
	return line, nil
}

// A cappedBuffer takes no more than maxToken bytes.
type cappedBuffer struct {
	text []byte
	full bool
}

// Write fails instead of dropping what is too much, so that the command ends: its pipe breaks.
func (b *cappedBuffer) Write(p []byte) (int, error) {
	if b.full = len(b.text)+len(p) > maxToken; b.full {
		return 0, io.ErrShortBuffer
	}
	b.text = append(b.text, p...)
	return len(p), nil
}

// readToken reads a token from stdin, to its end. Several lines are refused: they are mostly a wrong file. Of
// a token command the first line is taken, because password managers print notes below it.
func readToken(c call) (string, error) {
	token, err := await(c.Context, func() (string, error) {
		b, err := io.ReadAll(io.LimitReader(c.App.Reader, maxToken+1)) // one more tells that it is too long
		return string(b), err
	})
	if err != nil {
		return "", fmt.Errorf("read the token from stdin: %w", err)
	}
	text := bitbucket.CleanInput(decodeText([]byte(token)))
	switch {
	case len(token) > maxToken:
		err = errors.New("stdin is longer than a token")
	case strings.Contains(text, "\n"):
		err = errors.New("stdin holds several lines; pipe the token alone, such as with head -n 1")
	}
	if err != nil {
		return "", &command.Error{Code: command.ExitCredentials, Err: err}
	}
	return text, nil
}

// decodeText returns text with a byte order mark as UTF-8 without it: PowerShell writes files in UTF-16. What
// is not valid in UTF-16 becomes U+FFFD, which is refused in a token afterwards.
func decodeText(b []byte) string {
	text, _, err := transform.Bytes(unicode.BOMOverride(transform.Nop), b)
	if err != nil {
		return string(b)
	}
	return string(text)
}
