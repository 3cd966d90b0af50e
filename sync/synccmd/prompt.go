package synccmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"trunkstat/store/command"
)

// terminal returns stdin if it is a terminal, which is where a user can be asked.
func terminal(c call) (*os.File, bool) {
	f, ok := c.App.Reader.(*os.File)
	return f, ok && term.IsTerminal(int(f.Fd()))
}

// interactive reports whether a user sees what is printed on stderr and can answer: both are terminals.
func interactive(c call) bool {
	_, in := terminal(c)
	f, ok := c.App.ErrWriter.(*os.File)
	return in && ok && term.IsTerminal(int(f.Fd()))
}

// errNoAnswer is returned for a prompt that ended with Ctrl-D.
var errNoAnswer = errors.New("no answer, so nothing is stored")

// prompt asks on stderr, because stdout is for data.
func prompt(c call, text string, read func() (string, error)) (string, error) {
	fmt.Fprint(c.App.ErrWriter, text)
	answer, err := await(c.Context, read)
	switch {
	case errors.Is(err, io.EOF):
		err = errNoAnswer
	case err != nil:
		err = fmt.Errorf("read the answer: %w", err)
	}
	return answer, err
}

// ask prompts for a line. A terminal hands over one line at a time, so nothing of the next answer is read.
func ask(c call, text string) (string, error) {
	answer, err := prompt(c, text, func() (string, error) {
		line, err := bufio.NewReader(c.App.Reader).ReadString('\n')
		if line != "" {
			err = nil // the line ended with Ctrl-D
		}
		return line, err
	})
	if err != nil { // Ctrl-C and Ctrl-D leave the cursor behind the prompt
		fmt.Fprintln(c.App.ErrWriter)
	}
	return strings.TrimSpace(answer), err
}

// askHidden prompts for a line that is not shown while it is typed. If the context ends first, it restores
// the state of the terminal, which would stay without echo in the shell: the read that would restore it goes
// on waiting for a line.
func askHidden(c call, f *os.File, text string) (string, error) {
	fd := int(f.Fd())
	state, err := term.GetState(fd)
	if err != nil {
		return "", fmt.Errorf("read the answer: %w", err)
	}
	answer, err := prompt(c, text, func() (string, error) {
		b, err := term.ReadPassword(fd)
		return string(b), err
	})
	if c.Context.Err() != nil {
		term.Restore(fd, state)
	}
	fmt.Fprintln(c.App.ErrWriter) // the newline that was typed is hidden too
	return answer, err
}

// await runs a read that takes no context. If the context ends first, the read is left behind, and ends with
// the program: a read of a terminal or a pipe cannot be interrupted on every system. The channel has room for
// its result, so that it does not block on that.
func await(ctx context.Context, read func() (string, error)) (string, error) {
	type result struct {
		text string
		err  error
	}
	done := make(chan result, 1)
	go func() {
		text, err := read()
		done <- result{text, err}
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case r := <-done:
		return r.text, r.err
	}
}

// askWorkspace prompts until the answer names a workspace: a typing error need not end a login.
func askWorkspace(c call) (string, error) {
	for {
		answer, err := ask(c, "Workspace (slug or URL): ")
		if err != nil {
			return "", err
		}
		workspace, err := command.ParseWorkspace(answer)
		if err == nil {
			return workspace, nil
		}
		command.Notice(c.flags, "%v", err)
	}
}
