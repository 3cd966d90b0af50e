package appcmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// withoutDatabase are the commands that open no database of the user's.
var withoutDatabase = []string{"completion", "man", "demo"}

// Prepare gives app and all its commands what urfave/cli leaves out or does not hand down: global
// flags are taken behind a command's name as well, the exit codes are in every help, and misuse
// exits 2 with a line that says what would be right. A flag behind an argument, which urfave/cli
// would take for one more argument without a word, is refused.
//
// Where noFolder says why there is no folder for the database by default, every command but those
// that need none wants it named.
func Prepare(app *cli.App, noFolder error) {
	app.HideHelpCommand = true
	app.DisableSliceFlagSeparator = true
	app.CustomAppHelpTemplate = cli.AppHelpTemplate + ExitCodes
	app.ExitErrHandler = func(*cli.Context, error) {} // main explains errors
	app.OnUsageError = usageError
	app.Action = group
	cli.FlagStringer = helpOf // for want of a way to say it of one app
	globals := hiddenCopies(app.Flags)
	for _, c := range app.Commands {
		if !c.Hidden { // completion hands its own the words of any command
			prepare(c, globals, noFolder)
		}
	}
}

func prepare(c *cli.Command, globals []cli.Flag, noFolder error) {
	c.HideHelpCommand = true
	c.OnUsageError = usageError
	c.Before = func(ctx *cli.Context) error { return inherit(ctx, globals) }
	c.Flags = slices.Concat(c.Flags, globals, []cli.Flag{hiddenVersion})
	if len(c.Subcommands) > 0 {
		c.CustomHelpTemplate = cli.SubcommandHelpTemplate + GlobalOptions + ExitCodes
		c.Action = group
		for _, sub := range c.Subcommands {
			prepare(sub, globals, noFolder)
		}
		return
	}
	c.CustomHelpTemplate = cli.CommandHelpTemplate + GlobalOptions + ExitCodes
	action, takesArguments := c.Action, c.ArgsUsage != ""
	c.Action = func(ctx *cli.Context) error {
		for _, arg := range ctx.Args().Slice() {
			if !takesArguments || strings.HasPrefix(arg, "-") {
				return misuse(ctx, "unexpected argument %q", arg)
			}
		}
		if noFolder != nil && ctx.String("db") == "" && !slices.Contains(withoutDatabase, c.Name) {
			return fmt.Errorf("%w: name the database with --db PATH or TRUNKSTAT_DB", noFolder)
		}
		return action(ctx)
	}
}

// hiddenVersion is --version behind a command's name.
var hiddenVersion = &cli.BoolFlag{Name: "version", Aliases: []string{"v"}, Hidden: true}

// hiddenCopies are the global flags as a command takes them behind its name: what they are set to
// otherwise, by default or in the environment, the app's own tell.
func hiddenCopies(flags []cli.Flag) []cli.Flag {
	var copies []cli.Flag
	for _, f := range flags {
		switch f := f.(type) {
		case *cli.StringFlag:
			copies = append(copies, &cli.StringFlag{Name: f.Name, Aliases: f.Aliases, Hidden: true})
		case *cli.BoolFlag:
			copies = append(copies, &cli.BoolFlag{Name: f.Name, Aliases: f.Aliases, Hidden: true})
		default:
			panic(fmt.Sprintf("appcmd: the global flag %s is of a kind that is not handed down", f.Names()[0]))
		}
	}
	return copies
}

// inherit takes over the global flags that were given before the command and not after it.
func inherit(c *cli.Context, globals []cli.Flag) error {
	if c.Bool("version") {
		cli.ShowVersion(c)
		return cli.Exit("", 0)
	}
	above := c.Lineage()[1]
	for _, f := range globals {
		name := f.Names()[0]
		if value := fmt.Sprint(above.Value(name)); !c.IsSet(name) && value != "" {
			if err := c.Set(name, value); err != nil {
				return err
			}
		}
	}
	return nil
}
