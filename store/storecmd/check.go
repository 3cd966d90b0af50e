package storecmd

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"trunkstat/store"
	"trunkstat/store/command"
)

// checkCommand returns db check. Nothing is repaired without --repair: what is damaged may be of use to a
// person who looks for the cause.
func checkCommand() *cli.Command {
	return &cli.Command{
		Name:  "check",
		Usage: "verify every page, record, and parent",
		Description: `Verifies that pages and records are sound, that every parent is stored,
wanted by an unfinished walk, or beyond a boundary, that what is stored is
what the head reaches where no walk is unfinished, and that derived data
equals its source. Problems are printed one per line, with exit code 1.

--repair keeps every repository that is whole and drops the others, so that
the next sync fetches them again. It writes a new file beside the old one and
needs room for both. Cannot run while a sync runs.

   trunkstat db check
   trunkstat db check --repair && trunkstat sync`,
		Flags:  []cli.Flag{&cli.BoolFlag{Name: "repair", Usage: "drop what is damaged"}},
		Action: runCheck,
	}
}

// runCheck prints the problems, a line each, on stdout: they are what was asked for. --repair leaves none, so
// that its exit code is 0 whatever it found.
func runCheck(c *cli.Context) error {
	db := command.OpenDB(c)
	look, repair := db.Check, c.Bool("repair")
	if repair {
		look = db.Repair
	}
	found, err := look(c.Context)
	if err != nil {
		return err
	}
	if err := printProblems(c, found); err != nil {
		return err
	}
	switch {
	case len(found) == 0:
		return command.PrintLine(c, "ok")
	case repair:
		return command.PrintLine(c, "repaired; run trunkstat sync to fetch what is missing")
	}
	problems := "1 problem"
	if len(found) > 1 {
		problems = fmt.Sprintf("%d problems", len(found))
	}
	return &command.Error{Code: command.ExitFailed, Hint: "trunkstat db check --repair",
		Err: fmt.Errorf("check database: %s found", problems)}
}

// printProblems prints a line for each problem, with the repository it is in. Names of repositories and
// damaged bytes are in it, so that it is cleaned even for a file or a pipe.
func printProblems(c *cli.Context, found []store.Finding) error {
	for _, f := range found {
		line := f.What
		if f.Repository != "" {
			line = f.Repository + ": " + f.What
		}
		if err := command.PrintLine(c, store.Clean(line)); err != nil { // a problem is always one line
			return err
		}
	}
	return nil
}
