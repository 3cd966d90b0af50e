// Package appcmd holds what describes the program itself: the commands completion and man, and the
// parts that all help has in common. The commands are
// made from the app they run in, so that they know each command and flag that there is, and no other.
//
// Completion reads the database and nothing else: no network, no keychain, and no word of the command
// line is evaluated. Whatever goes wrong on the way, it says nothing and offers less.
package appcmd

import (
	"strings"

	"github.com/urfave/cli/v2"
)

// Commands returns completion, man, and the hidden command that the completion scripts run. None
// reads the environment but through the flags of the app it runs in.
func Commands() []*cli.Command {
	return []*cli.Command{completionCommand(), manCommand(), completeCommand()}
}

// global returns the flags that every command takes, behind its name too.
func global(app *cli.App) []cli.Flag { return visible(app.Flags) }

// visible leaves out what help does not show either.
func visible(flags []cli.Flag) []cli.Flag {
	var shown []cli.Flag
	for _, f := range flags {
		if v, ok := f.(cli.VisibleFlag); !ok || v.IsVisible() {
			shown = append(shown, f)
		}
	}
	return shown
}

// A doc is what a flag says of itself.
type doc struct {
	names []string // with their dashes, the long one first
	value string   // what stands for its value, "" of a switch
	usage string   // without the quotes around the value
	env   []string
}

func docOf(f cli.Flag) doc {
	d := doc{}
	for _, name := range f.Names() {
		if len(name) == 1 {
			d.names = append(d.names, "-"+name)
		} else {
			d.names = append(d.names, "--"+name)
		}
	}
	if g, ok := f.(cli.DocGenerationFlag); ok {
		d.usage, d.env = g.GetUsage(), g.GetEnvVars()
		if g.TakesValue() {
			d.value = "VALUE"
		}
	}
	if before, rest, ok := strings.Cut(d.usage, "`"); ok {
		if name, after, ok := strings.Cut(rest, "`"); ok && d.value != "" {
			d.value, d.usage = name, before+name+after
		}
	}
	return d
}
