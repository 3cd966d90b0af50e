// Package command holds what all commands share: errors with exit codes, the database and the workspace
// that the flags name, flags with a fixed set of values, patterns, and what is printed on stderr.
//
// Prepare turns an app and its commands into the program: it adds the global flags, the help, and a message
// for each misuse. The commands completion and man describe the program. They read the app that they run
// in, so that they list every command and flag.
//
// It guarantees that
//   - an exit code has its meaning in one table, which help, the manual and Exit are made from;
//   - an error, a hint or a notice has no control character and nothing that looks like a token;
//   - completion reads the command line and the database, and nothing else: no network, no keychain, and
//     nothing on the command line is evaluated. After an error it offers less and prints nothing.
//
// Terms:
//   - misuse: an error in what was typed, which exits 2 before anything is printed on stdout;
//   - hint: the next command to type, on a line of its own below the error;
//   - global flag: a flag of the program that is taken before and after the name of every command;
//   - notice: a line on stderr that is not an error.
//
// Where to look:
//   - error.go: errors, their exit codes and hints; output.go: how they are printed;
//   - prepare.go: what makes a program of the commands; misuse.go: what it says of a misuse;
//   - flag.go, help.go, man.go: what is said of flags and commands; value.go: flags with a set of values;
//   - workspace.go: the workspaces that are given or stored;
//   - completion.go: the scripts; complete.go and stored.go: what they offer.
package command

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/urfave/cli/v2"

	"trunkstat/store"
)

// Commands returns completion, man, and the hidden command that the completion scripts run.
func Commands() []*cli.Command {
	return []*cli.Command{completionCommand(), manCommand(), completeCommand()}
}

// OpenDB returns the database that --db names. The file is not opened before it is used. Without --quiet, a
// notice says when another process keeps the command waiting.
func OpenDB(c *cli.Context) *store.DB {
	db := store.Open(c.String("db"))
	db.Waiting = func() {
		Inform(c, "waiting for %s, which another trunkstat is using", db.Path())
	}
	return db
}

// Read returns what read makes of one state of the database. A method of Tx, such as Repositories, can be
// passed as it is.
func Read[T any](ctx context.Context, db *store.DB, read func(*store.Tx) (T, error)) (value T, err error) {
	err = db.View(ctx, func(tx *store.Tx) (err error) {
		value, err = read(tx)
		return err
	})
	return value, err
}

// A NullString is a text that is null in JSON if it is empty.
type NullString string

// MarshalJSON leaves it to the encoder around it whether < and > are escaped: exports keep them, as in an
// author's "Name <email>". json.Marshal would escape them for good.
func (s NullString) MarshalJSON() ([]byte, error) {
	if s == "" {
		return []byte("null"), nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(string(s))
	return b.Bytes(), err
}

// Shorten returns the beginning of a text that is too long to be repeated in an error. The text may be a
// token that was pasted by mistake.
func Shorten(s string) string {
	const longest = 40
	if r := []rune(s); len(r) > longest {
		return string(r[:longest/2]) + "…"
	}
	return s
}
