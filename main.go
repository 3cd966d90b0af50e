// Trunkstat counts what is committed to the default branches of a Bitbucket Cloud workspace: by whom,
// where and when. It keeps the commits in a local database and reads no source code.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"trunkstat/report/appcmd"
	"trunkstat/report/reportcmd"
	"trunkstat/store"
	"trunkstat/store/storecmd"
	"trunkstat/sync/synccmd"
)

// version is stamped by the release build.
var version = "dev"

func main() {
	os.Exit(run(context.Background(), os.Args, os.Stdin, os.Stdout, os.Stderr, os.Getenv))
}

// run is the program. An interrupt cancels its context, and what is stuck a second later, in a pipe
// that nobody reads, say, is left there.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, getenv func(string) string) int {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	stuck := time.AfterFunc(1<<62, func() { os.Exit(130) })
	forget := context.AfterFunc(ctx, func() { stop(); stuck.Reset(950 * time.Millisecond) })
	defer func() { forget(); stuck.Stop() }()
	app := newApp(getenv)
	app.Reader, app.Writer, app.ErrWriter = stdin, stdout, stderr
	err := app.RunContext(ctx, args)
	if ctx.Err() != nil && err != nil {
		fmt.Fprintln(stderr, "trunkstat: interrupted")
		return 130
	}
	return explain(stderr, err)
}

func newApp(getenv func(string) string) *cli.App {
	db, noFolder := store.DefaultPath(getenv)
	app := &cli.App{
		Name:            "trunkstat",
		Usage:           "how much is committed to the default branches of a Bitbucket Cloud workspace",
		Description:     appcmd.Description,
		Version:         version,
		HideHelpCommand: true,
		Flags:           globalFlags(db),
		Commands: slices.Concat(
			synccmd.Commands(getenv), reportcmd.Commands(getenv), storecmd.Commands(getenv),
			appcmd.Commands()),
		DisableSliceFlagSeparator: true,
		CustomAppHelpTemplate:     cli.AppHelpTemplate + appcmd.ExitCodes,
		ExitErrHandler:            func(*cli.Context, error) {},
		OnUsageError:              usageError,
		Action:                    group,
	}
	prepare(app.Commands, noFolder)
	return app
}

func globalFlags(db string) []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "db", Value: db, EnvVars: []string{"TRUNKSTAT_DB"}, Usage: "the database `PATH`"},
		&cli.StringFlag{Name: "api-url", Value: "https://api.bitbucket.org/2.0", EnvVars: []string{"TRUNKSTAT_API_URL"}, Usage: "Bitbucket's API `URL`; plain http only to a loopback address"},
		&cli.StringFlag{Name: "workspace", Aliases: []string{"w"}, EnvVars: []string{"TRUNKSTAT_WORKSPACE"}, Usage: "`SLUG` of the workspace, or any bitbucket.org URL of it (default: the only one known)"},
		&cli.StringFlag{Name: "ca-cert", EnvVars: []string{"TRUNKSTAT_CA_CERT"}, Usage: "trust the certificates in `FILE` too"},
		&cli.BoolFlag{Name: "quiet", Usage: "no progress"},
		&cli.BoolFlag{Name: "verbose", Usage: "a line for each request"},
		&cli.BoolFlag{Name: "no-color", Usage: "no colour, as with NO_COLOR and in a pipe"},
	}
}

// prepare gives every command what urfave/cli does not hand down: the global flags, how misuse is
// answered, and the exit codes in its help. A flag behind an argument, which urfave/cli would take for
// one more argument without a word, is refused. Who has noFolder has to name the database.
func prepare(commands []*cli.Command, noFolder error) {
	for _, c := range commands {
		if c.Hidden { // not for people: completion hands it the words of any command
			continue
		}
		action, arguments := c.Action, c.ArgsUsage
		c.HideHelpCommand, c.OnUsageError = true, usageError
		c.Flags, c.Before = append(c.Flags, inherited...), inherit
		c.CustomHelpTemplate = cli.CommandHelpTemplate + appcmd.GlobalOptions + appcmd.ExitCodes
		c.Action = func(c *cli.Context) error {
			for _, arg := range c.Args().Slice() {
				if arguments == "" || strings.HasPrefix(arg, "-") {
					return misuse(c, "unexpected argument %q", arg)
				}
			}
			if noFolder != nil && c.String("db") == "" {
				return fmt.Errorf("%w: name the database with --db PATH or TRUNKSTAT_DB", noFolder)
			}
			return action(c)
		}
		if len(c.Subcommands) > 0 {
			c.CustomHelpTemplate, c.Action = cli.SubcommandHelpTemplate+appcmd.GlobalOptions+appcmd.ExitCodes, group
			prepare(c.Subcommands, noFolder)
		}
	}
}

// inherited are the global flags as every command takes them too, behind its name.
var inherited = []cli.Flag{
	&cli.StringFlag{Name: "db", Hidden: true}, &cli.StringFlag{Name: "api-url", Hidden: true},
	&cli.StringFlag{Name: "workspace", Aliases: []string{"w"}, Hidden: true}, &cli.StringFlag{Name: "ca-cert", Hidden: true},
	&cli.BoolFlag{Name: "quiet", Hidden: true}, &cli.BoolFlag{Name: "verbose", Hidden: true},
	&cli.BoolFlag{Name: "no-color", Hidden: true}, &cli.BoolFlag{Name: "version", Aliases: []string{"v"}, Hidden: true},
}

// inherit takes over the global flags that were given before the command and not after it.
func inherit(c *cli.Context) error {
	if c.Bool("version") {
		cli.ShowVersion(c)
		return cli.Exit("", 0)
	}
	for _, f := range inherited[:len(inherited)-1] {
		name, before := f.Names()[0], c.Lineage()[1]
		if value := fmt.Sprint(before.Value(name)); !c.IsSet(name) && value != "" {
			if err := c.Set(name, value); err != nil {
				return err
			}
		}
	}
	return nil
}

// group is the action of a command that is only the name of its subcommands.
func group(c *cli.Context) error {
	wrong, names := c.Args().First(), ""
	for _, sub := range c.Command.VisibleCommands() {
		names += " " + sub.Name
	}
	switch {
	case wrong != "":
		near := cli.SuggestCommand(c.Command.VisibleCommands(), wrong)
		near = strings.TrimSuffix(strings.Replace(near, "Did", "; did", 1), `; did you mean ""?`)
		return misuse(c, "unknown command %q: there are%s%s", wrong, names, near)
	case len(c.Lineage()) > 2:
		return misuse(c, "%s needs one of%s", c.Command.HelpName, names)
	}
	return cli.ShowAppHelp(c)
}

func usageError(c *cli.Context, err error, _ bool) error {
	return misuse(c, "%s", strings.Replace(err.Error(), ": parse error", ": it is of another kind", 1))
}

// misuse is an error in how the program was called.
func misuse(c *cli.Context, format string, args ...any) error {
	return cli.Exit(fmt.Sprintf(format, args...)+" (see "+c.Command.HelpName+" --help)", 2)
}

// explain says what went wrong and, where there is one, the next command to type. It returns the
// exit code.
func explain(stderr io.Writer, err error) int {
	if err == nil {
		return 0
	}
	code, hint := 1, ""
	for _, known := range []struct {
		err  error
		code int
		hint string
	}{
		{store.ErrNoDatabase, 1, "trunkstat sync --workspace WORKSPACE"},
		{store.ErrInUse, 6, ""}, {store.ErrSyncRunning, 6, ""}, {store.ErrDamaged, 6, ""}, {store.ErrForeign, 6, ""},
		{store.ErrNewer, 6, "install the latest trunkstat"},
	} {
		if errors.Is(err, known.err) {
			code, hint = known.code, known.hint
		}
	}
	if coded := cli.ExitCoder(nil); errors.As(err, &coded) {
		code = coded.ExitCode()
	}
	if own := (interface{ Hint() string })(nil); errors.As(err, &own) {
		hint = own.Hint()
	}
	if text := appcmd.WithoutTokens(strings.TrimSpace(err.Error())); text != "" {
		fmt.Fprintln(stderr, "trunkstat: error:", text)
	}
	for line := range strings.Lines(hint) {
		fmt.Fprintln(stderr, "trunkstat: hint:", strings.TrimSpace(line))
	}
	return code
}
