package synccmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"
)

// terminal returns standard input where it is one.
func terminal(c *cli.Context) (*os.File, bool) {
	f, ok := c.App.Reader.(*os.File)
	return f, ok && term.IsTerminal(int(f.Fd()))
}

// interactive reports whether somebody is there to read a question and to answer it.
func interactive(c *cli.Context) bool {
	_, in := terminal(c)
	f, ok := c.App.ErrWriter.(*os.File)
	return in && ok && term.IsTerminal(int(f.Fd()))
}

// errNoAnswer is the error of a question that was left with Ctrl-D.
var errNoAnswer = errors.New("there was no answer, and nothing is stored")

// ask asks for a line. The question goes to stderr: stdout is for data.
func ask(c *cli.Context, question string) (string, error) {
	fmt.Fprint(c.App.ErrWriter, question)
	answer, err := await(c.Context, func() (string, error) { return readLine(c.App.Reader) })
	if err != nil { // Ctrl-D leaves the cursor behind the question, and so does Ctrl-C
		fmt.Fprintln(c.App.ErrWriter)
	}
	if errors.Is(err, io.EOF) {
		return "", errNoAnswer
	}
	if err != nil {
		return "", fmt.Errorf("read the answer: %w", err)
	}
	return strings.TrimSpace(answer), nil
}

// askHidden asks for a line that is not shown while it is typed. When the context ends first, the
// terminal is left as it was found.
func askHidden(c *cli.Context, f *os.File, question string) (string, error) {
	fd := int(f.Fd())
	state, err := term.GetState(fd)
	if err != nil {
		return "", fmt.Errorf("read the token: %w", err)
	}
	fmt.Fprint(c.App.ErrWriter, question)
	answer, err := await(c.Context, func() (string, error) {
		b, err := term.ReadPassword(fd)
		return string(b), err
	})
	if c.Context.Err() != nil {
		term.Restore(fd, state)
	}
	fmt.Fprintln(c.App.ErrWriter)
	if errors.Is(err, io.EOF) {
		return "", errNoAnswer
	}
	if err != nil {
		return "", fmt.Errorf("read the token: %w", err)
	}
	return answer, nil
}

// await runs a read that knows no context. When the context ends first, the read is left behind;
// the program ends as well.
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

// readLine reads no byte beyond the line, which may be for the next question.
func readLine(r io.Reader) (string, error) {
	var line []byte
	for b := make([]byte, 1); len(line) < maxToken; {
		n, err := r.Read(b)
		if n == 1 && b[0] == '\n' {
			return string(line), nil
		}
		line = append(line, b[:n]...)
		if err == io.EOF && len(line) > 0 {
			return string(line), nil
		}
		if err != nil {
			return "", err
		}
	}
	return "", errors.New("the line is too long")
}
