package command

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// GlobalFlags returns the flags that every command takes. The database is at db by default.
func GlobalFlags(db string) []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{
			Name: "db", Value: db, EnvVars: []string{"TRUNKSTAT_DB"}, TakesFile: true,
			Usage: "`PATH` of the database", DefaultText: "in your data folder, see trunkstat db path",
		},
		&cli.StringFlag{
			Name: "api-url", Value: "https://api.bitbucket.org/2.0", EnvVars: []string{"TRUNKSTAT_API_URL"},
			Usage: "Bitbucket's API `URL`; plain http only to a loopback address",
		},
		&cli.StringFlag{
			Name: "workspace", Aliases: []string{"w"}, EnvVars: []string{"TRUNKSTAT_WORKSPACE"},
			Usage: "`SLUG` of the workspace, or any bitbucket.org URL of it (default: the only one known)",
		},
		&cli.StringFlag{
			Name: "git-url", Value: "https://bitbucket.org", EnvVars: []string{"TRUNKSTAT_GIT_URL"},
			Usage: "`URL` that sync --via git fetches from; plain http only to a loopback address",
		},
		&cli.StringFlag{
			Name: "ca-cert", EnvVars: []string{"TRUNKSTAT_CA_CERT"}, TakesFile: true,
			Usage: "trust the certificates in `FILE` too",
		},
		&cli.BoolFlag{Name: "quiet", Usage: "no progress"},
		&cli.BoolFlag{Name: "verbose", Usage: "a line for each request"},
		&cli.BoolFlag{Name: "no-color", Usage: "no colour, as with NO_COLOR and in a pipe"},
	}
}

var (
	// withoutDatabase are the commands that do not open the user's database.
	withoutDatabase = []string{"completion", "man", "demo"}

	// notHonoured are the global flags that a command cannot honour. Typed, they are a misuse; their
	// variables of the environment are ignored.
	notHonoured = map[string][]string{"demo": {"db", "workspace", "api-url", "git-url"}}
)

// Prepare adds to app and all its commands what urfave/cli leaves out or does not hand down: global flags
// are taken behind a command's name as well, the exit codes are in every help, and misuse exits 2 with a
// line that says what would be right. A flag behind an argument is refused; urfave/cli would take it for
// another argument.
//
// noFolder is why there is no folder for the database by default, nil if there is one. With it, every
// command that needs the database requires --db.
func Prepare(app *cli.App, noFolder error) {
	app.DisableSliceFlagSeparator = true
	app.ExitErrHandler = func(*cli.Context, error) {} // main explains errors
	app.OnUsageError = usageError
	app.Action = group
	app.Commands = inOrder(app.Commands)
	setHelp(app)
	p := preparation{hiddenCopies(app.Flags), globalOptions(app.VisibleFlags()), noFolder}
	for _, c := range app.Commands {
		if !c.Hidden { // the command that completes words must not parse them
			p.prepare(c, app.Name+" "+c.Name)
		}
	}
}

// A preparation is what all commands of an app have in common.
type preparation struct {
	globals  []cli.Flag
	help     string
	noFolder error
}

// prepare prepares a command and those below it. The action is wrapped, because urfave/cli calls Before
// for each level of commands, where the arguments still have the names of subcommands in them.
func (p preparation) prepare(c *cli.Command, path string) {
	setCommandHelp(c, path, p.help)
	c.OnUsageError = usageError
	c.Before = func(ctx *cli.Context) error { return inherit(ctx, p.globals) }
	version := &cli.BoolFlag{Name: "version", Aliases: []string{"v"}, Hidden: true}
	c.Flags = append(slices.Concat(c.Flags, p.globals), version)
	if len(c.Subcommands) > 0 {
		c.Action = group
		for _, sub := range c.Subcommands {
			p.prepare(sub, path+" "+sub.Name)
		}
		return
	}
	action, takesArguments := c.Action, c.ArgsUsage != ""
	c.Action = func(ctx *cli.Context) error {
		for _, arg := range ctx.Args().Slice() {
			if !takesArguments || strings.HasPrefix(arg, "-") {
				return misuse(ctx, "unexpected argument %q", arg)
			}
		}
		if p.noFolder != nil && ctx.String("db") == "" && !slices.Contains(withoutDatabase, c.Name) {
			return fmt.Errorf("%w: name the database with --db PATH or TRUNKSTAT_DB", p.noFolder)
		}
		return action(ctx)
	}
}

// hiddenCopies returns the global flags as a command takes them behind its name. They have the default
// values, which count if a variable of the environment is set and empty.
func hiddenCopies(flags []cli.Flag) []cli.Flag {
	var copies []cli.Flag
	for _, f := range flags {
		switch f := f.(type) {
		case *cli.StringFlag:
			copies = append(copies, &cli.StringFlag{Name: f.Name, Aliases: f.Aliases, Value: f.Value, Hidden: true})
		case *cli.BoolFlag:
			copies = append(copies, &cli.BoolFlag{Name: f.Name, Aliases: f.Aliases, Hidden: true})
		default:
			panic(fmt.Sprintf("command: the global flag %s is of a kind that is not handed down", f.Names()[0]))
		}
	}
	return copies
}

// errVersion ends a command that printed the version.
var errVersion = errors.New("the version was printed")

// inherit takes over the global flags that were given before the command and not after it.
func inherit(c *cli.Context, globals []cli.Flag) error {
	if c.Bool("version") {
		cli.ShowVersion(c)
		return &Error{Code: ExitDone, Err: errVersion}
	}
	above := c.Lineage()[1]
	for _, f := range globals {
		name := f.Names()[0]
		if err := checkTyped(c, name); err != nil {
			return err
		}
		if value := fmt.Sprint(above.Value(name)); !c.IsSet(name) && value != "" {
			if err := c.Set(name, value); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkTyped refuses a global flag that was typed and cannot be right or cannot be honoured.
func checkTyped(c *cli.Context, name string) error {
	if !isTyped(c, name) {
		return nil
	}
	if slices.Contains(notHonoured[c.Command.Name], name) {
		return misuse(c, "%s cannot be used with %s", dashed(name), c.Command.Name)
	}
	given := c
	if !c.IsSet(name) {
		given = c.Lineage()[1]
	}
	if name == "db" && given.String(name) == "" {
		return misuse(c, "--db needs the path of a file")
	}
	return nil
}

// isTyped reports whether a global flag was given on the command line, not in the environment. The copies
// behind a command's name do not read the environment. The app's flag has the value of its variable, if
// there is one, also when another value was typed.
func isTyped(c *cli.Context, name string) bool {
	above := c.Lineage()[1]
	if c.IsSet(name) || !above.IsSet(name) {
		return c.IsSet(name)
	}
	for _, f := range c.App.Flags {
		if s, ok := f.(*cli.StringFlag); ok && s.Name == name {
			return !s.HasBeenSet || s.Value != above.String(name)
		}
	}
	return true
}
