package storecmd

import (
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"trunkstat/store"
	"trunkstat/store/command"
)

func checkCommand() *cli.Command {
	return &cli.Command{
		Name:  "check",
		Usage: "verify every page, record, and parent",
		Description: `Verifies that pages and records are sound, that every parent is stored, wanted by an
unfinished walk, or beyond a boundary, that what is stored is what the head reaches where no walk is
unfinished, and that derived data equals its source. Problems are printed one per line, with exit
code 1.

--repair keeps every repository that is whole and drops the others, so that the next sync fetches
them again. It writes a new file beside the old one and needs room for both. Cannot run while a sync
runs.

   trunkstat db check
   trunkstat db check --repair && trunkstat sync`,
		Flags: []cli.Flag{&cli.BoolFlag{Name: "repair", Usage: "drop what is damaged"}},
		Action: func(c *cli.Context) error {
			if c.Bool("repair") {
				return repair(c)
			}
			return check(c)
		},
	}
}

// check lists the problems. It prints ok if there is none.
func check(c *cli.Context) error {
	found, err := command.OpenDB(c).Check(c.Context)
	if err != nil {
		return err
	}
	return list(c, found)
}

// repair lists the problems and fails if the repaired file still has some.
func repair(c *cli.Context) error {
	db := command.OpenDB(c)
	found, err := db.Repair(c.Context)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return list(c, nil)
	}
	if err := printProblems(c, found); err != nil {
		return err
	}
	left, err := db.Check(c.Context)
	if err != nil {
		return err
	}
	if len(left) > 0 {
		return problems(len(left))
	}
	return command.PrintLine(c, "repaired; run trunkstat sync to fetch what is missing")
}

// list prints problems and returns an error if there is one.
func list(c *cli.Context, found []store.Finding) error {
	if len(found) == 0 {
		return command.PrintLine(c, "ok")
	}
	if err := printProblems(c, found); err != nil {
		return err
	}
	return problems(len(found))
}

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

// problems returns the error of a check that found something.
func problems(n int) error {
	text := errors.New("check database: 1 problem found")
	if n > 1 {
		text = fmt.Errorf("check database: %d problems found", n)
	}
	return &command.Error{Code: command.ExitFailed, Hint: "trunkstat db check --repair", Err: text}
}
