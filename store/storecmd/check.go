package storecmd

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"trunkstat/report/render"
	"trunkstat/store"
)

func checkCommand() *cli.Command {
	return &cli.Command{
		Name:            "check",
		Usage:           "verify every page, record, and parent",
		HideHelpCommand: true,
		Description: `Pages and records must be sound; every parent stored, wanted by an unfinished walk, or beyond
a boundary; where no walk is unfinished, what is stored must be what the head reaches; derived data
must equal its source. Where it is not so there is a list, a finding a line, and exit code 1.

--repair drops what is broken, so that the next sync fetches it again; exit code 0 if all is sound
then. It writes a new file beside the old one and needs room for it. A sync keeps it out, and it
keeps a sync out.

   trunkstat db check
   trunkstat db check --repair && trunkstat sync`,
		Flags: []cli.Flag{&cli.BoolFlag{Name: "repair", Usage: "drop what is broken"}},
		Action: func(c *cli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			if c.Bool("repair") {
				return repair(c)
			}
			return check(c)
		},
	}
}

func check(c *cli.Context) error {
	found, err := openDB(c).Check(c.Context)
	if err != nil {
		return err
	}
	if err := list(c, found); err != nil {
		return err
	}
	if len(found) > 0 {
		return unsound{len(found)}
	}
	return nil
}

func repair(c *cli.Context) error {
	db := openDB(c)
	found, err := db.Repair(c.Context)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return list(c, found)
	}
	if err := list(c, found); err != nil {
		return err
	}
	left, err := db.Check(c.Context)
	if err != nil {
		return err
	}
	if len(left) > 0 {
		return unsound{len(left)}
	}
	_, err = fmt.Fprintf(c.App.Writer, "repaired: run sync to fetch what is missing\n")
	return err
}

// list prints a finding a line; names are other people's text.
func list(c *cli.Context, found []store.Finding) error {
	if len(found) == 0 {
		_, err := fmt.Fprintln(c.App.Writer, "ok")
		return err
	}
	for _, f := range found {
		line := f.What
		if f.Repository != "" {
			line = f.Repository + ": " + f.What
		}
		if _, err := fmt.Fprintln(c.App.Writer, render.Clean(line)); err != nil {
			return err
		}
	}
	return nil
}

// An unsound is the error of a check that found something.
type unsound struct{ findings int }

func (u unsound) Error() string {
	if u.findings == 1 {
		return "check database: 1 finding"
	}
	return fmt.Sprintf("check database: %d findings", u.findings)
}

// Hint returns the next command to type.
func (unsound) Hint() string { return "trunkstat db check --repair" }
