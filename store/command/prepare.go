package command

import (
	"errors"
	"flag"
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
	// withoutDatabase are the commands that do not open the user's database, so that they work where there is
	// no folder for it: in a container without HOME, where a package is built with the manual in it.
	withoutDatabase = []string{"completion", "man", "demo"}

	// notHonoured are the global flags that a command cannot honour: demo has a database and a server of its
	// own. Typed, they are a misuse; their variables of the environment are ignored, because they are set for
	// all commands.
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
	app.DisableSliceFlagSeparator = true              // a comma in a pattern is a comma
	app.ExitErrHandler = func(*cli.Context, error) {} // main explains errors; this would end the program
	app.OnUsageError = usageError                     // the default prints all of the help on stdout
	app.Action = group
	app.Commands = inOrder(app.Commands)
	app.HideHelpCommand = true // group has help for the program; see prepare for the commands
	app.UsageText = app.Name + " [global options] COMMAND [options]"
	p := &preparation{noFolder: noFolder}
	for _, f := range app.Flags {
		p.globals = append(p.globals, newNearFlag(p, f))
	}
	for _, c := range app.Commands {
		if !c.Hidden { // the command that completes words must not parse them
			p.prepare(c, app.Name+" "+c.Name)
		}
	}
}

// A preparation is what all commands of an app have in common. It holds for one run of the app at a time.
type preparation struct {
	globals  []nearFlag
	noFolder error
	set      *flag.FlagSet // of the command whose flags were parsed last; cli.Context does not show it
}

// prepare prepares a command and those below it. The action is wrapped, because urfave/cli calls Before
// for each level of commands, where the arguments still have the names of subcommands in them.
func (p *preparation) prepare(c *cli.Command, path string) {
	c.HideHelpCommand = true // it would take an argument called h or help, of db backup for example, for itself
	c.UsageText = strings.TrimSpace(path + " [options] " + c.ArgsUsage)
	c.OnUsageError = usageError
	c.Before = p.checkGlobals
	for _, f := range p.globals {
		c.Flags = append(c.Flags, f)
	}
	// urfave/cli takes --version before the name of a command alone.
	c.Flags = append(c.Flags, &cli.BoolFlag{Name: "version", Aliases: []string{"v"}, Hidden: true})
	if len(c.Subcommands) > 0 {
		c.Action = group
		c.UsageText = path + " COMMAND [options]"
		for _, sub := range c.Subcommands {
			p.prepare(sub, path+" "+sub.Name)
		}
		return
	}
	action, takesArguments := c.Action, c.ArgsUsage != ""
	c.Action = func(ctx *cli.Context) error {
		for _, arg := range ctx.Args().Slice() {
			if !takesArguments || strings.HasPrefix(arg, "-") { // a flag that urfave/cli did not read
				return misuse(ctx, "unexpected argument %q", arg)
			}
		}
		if p.noFolder != nil && ctx.String("db") == "" && !slices.Contains(withoutDatabase, c.Name) {
			return fmt.Errorf("%w: name the database with --db PATH or TRUNKSTAT_DB", p.noFolder)
		}
		return action(ctx)
	}
}

// A nearFlag is a global flag as a command takes it behind its name. It has the value that was given before
// the name, until another is given. It is no cli.VisibleFlag, so that the help of the command does not list
// it.
type nearFlag struct {
	cli.Flag
	standard string // its value by default
	of       *preparation
}

// newNearFlag makes the flag of the app keep its value where that of the commands finds it: in a variable
// that both of them write to.
func newNearFlag(p *preparation, f cli.Flag) nearFlag {
	near := nearFlag{Flag: f, of: p}
	switch f := f.(type) {
	case *cli.StringFlag:
		f.Destination, near.standard = new(string), f.Value
	case *cli.BoolFlag:
		f.Destination = new(bool)
	}
	return near
}

// Apply is called for each command whose name is read, so after the flags before the name were.
func (n nearFlag) Apply(set *flag.FlagSet) error {
	n.of.set = set
	for _, name := range n.Names() {
		switch f := n.Flag.(type) {
		case *cli.StringFlag:
			set.StringVar(f.Destination, name, *f.Destination, "")
		case *cli.BoolFlag:
			set.BoolVar(f.Destination, name, *f.Destination, "")
		}
	}
	return nil
}

// IsSet reports whether a text has another value than by default. urfave/cli asks the flag itself if it was
// not typed behind the name of the command. For a switch, its value says the same.
func (n nearFlag) IsSet() bool {
	f, ok := n.Flag.(*cli.StringFlag)
	return ok && *f.Destination != n.standard
}

// errVersion ends a command that printed the version: Before has no other way to keep the action from
// running.
var errVersion = errors.New("the version was printed")

// checkGlobals refuses a global flag that was typed and that the command cannot honour, or that is empty. A
// variable of the environment is ignored there.
func (p *preparation) checkGlobals(c *cli.Context) error {
	if c.Bool("version") {
		cli.ShowVersion(c)
		return &Error{Code: ExitDone, Err: errVersion}
	}
	behind := map[string]bool{}
	p.set.Visit(func(f *flag.Flag) { behind[f.Name] = true })
	lineage := c.Lineage()                             // the last is an empty context of urfave/cli
	before := lineage[len(lineage)-2].LocalFlagNames() // typed before the command, or set by a variable
	for _, near := range p.globals {
		f, ok := near.Flag.(*cli.StringFlag)
		if !ok {
			continue
		}
		// HasBeenSet says that there is a variable, and f.Value is its value then.
		typed := behind[f.Name] || *f.Destination != f.Value ||
			slices.Contains(before, f.Name) && !f.HasBeenSet
		switch {
		case typed && slices.Contains(notHonoured[c.Command.Name], f.Name):
			return misuse(c, "%s cannot be used with %s", dashed(f.Name), c.Command.Name)
		case typed && f.Name == "db" && *f.Destination == "":
			return misuse(c, "--db needs the path of a file")
		case *f.Destination == "":
			*f.Destination = near.standard
		}
	}
	return nil
}
