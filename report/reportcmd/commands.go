// Package reportcmd has the commands that read what is stored: report counts commits, export writes the
// commits themselves, contributors counts people, and mailmap drafts which addresses are one person's. None
// needs the network or the keychain, and all work while a sync runs.
//
// It guarantees that an error in the command line is found before anything is written and exits 2, and that
// a file which is replaced is replaced by a complete one.
//
// Terms:
//   - query: what the flags ask for; parseQuery reads all of them.
//   - output: where a command writes, and in which format.
//   - row: one line of an export; the fields of its type are the columns of every format.
//   - table: a writer of rows in one format.
//   - position: where a commit comes in an export, and its hash.
//   - partition: the rows in one folder of a Hive table.
package reportcmd

import (
	"errors"

	"github.com/urfave/cli/v2"

	"trunkstat/report"
	"trunkstat/store/command"
)

// Commands returns report, export, contributors and mailmap. The global flags, db and workspace among them,
// are read from the context; getenv answers for the environment.
func Commands(getenv func(string) string) []*cli.Command {
	return []*cli.Command{
		reportCommand(getenv), exportCommand(getenv), contributorsCommand(getenv), mailmapCommand(),
	}
}

// withCode gives errors of package report their exit codes and hints. That package knows neither: it is used
// without a command line as well, in tests and measurements.
func withCode(err error) error {
	unknown := (*report.UnknownWorkspaceError)(nil)
	switch {
	case errors.Is(err, report.ErrMisuse):
		return &command.Error{Code: command.ExitMisuse, Err: err}
	case errors.As(err, &unknown):
		hint := "trunkstat sync --workspace " + unknown.Slug
		return &command.Error{Code: command.ExitFailed, Hint: hint, Err: err}
	}
	return err
}
