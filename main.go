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

// run is the program.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, getenv func(string) string) int {
	ctx, stop := interruptible(ctx)
	defer stop()
	app := newApp(getenv)
	app.Reader, app.Writer, app.ErrWriter = stdin, stdout, stderr
	err := app.RunContext(ctx, args)
	if ctx.Err() != nil && err != nil {
		fmt.Fprintln(stderr, "trunkstat: interrupted")
		return exitInterrupted
	}
	return explain(stderr, err)
}

// interruptible returns a context that an interrupt cancels. What is stuck a second later, in a pipe
// that nobody reads, say, is left there; a second interrupt ends the program at once.
func interruptible(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	forget := context.AfterFunc(ctx, func() {
		stop()
		select {
		case <-done:
		case <-time.After(950 * time.Millisecond):
			os.Exit(exitInterrupted)
		}
	})
	return ctx, func() {
		forget()
		close(done)
		stop()
	}
}

func newApp(getenv func(string) string) *cli.App {
	db, noFolder := store.DefaultPath(getenv)
	app := &cli.App{
		Name:        "trunkstat",
		Usage:       "how much is committed to the default branches of a Bitbucket Cloud workspace",
		Description: appcmd.Description,
		Version:     version,
		Flags:       globalFlags(db),
		Commands: slices.Concat(
			synccmd.Commands(getenv),
			reportcmd.Commands(getenv),
			storecmd.Commands(getenv),
			appcmd.Commands(),
		),
	}
	appcmd.Prepare(app, noFolder)
	return app
}

func globalFlags(db string) []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{
			Name: "db", Value: db, EnvVars: []string{"TRUNKSTAT_DB"},
			Usage: "`PATH` of the database", DefaultText: "in your data folder, as trunkstat db path tells",
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
			Name: "ca-cert", EnvVars: []string{"TRUNKSTAT_CA_CERT"},
			Usage: "trust the certificates in `FILE` too",
		},
		&cli.BoolFlag{Name: "quiet", Usage: "no progress"},
		&cli.BoolFlag{Name: "verbose", Usage: "a line for each request"},
		&cli.BoolFlag{Name: "no-color", Usage: "no colour, as with NO_COLOR and in a pipe"},
	}
}

// exitInterrupted is the exit code of who was interrupted, as shells have it.
const exitInterrupted = 130

const noRoom = "make room and run it again: what was stored stays"

// known are the errors that have an exit code of their own, or a next command to type, wherever
// they come from.
var known = []struct {
	err  error
	code int
	hint string
}{
	{store.ErrNoDatabase, 1, "trunkstat sync --workspace WORKSPACE"},
	{store.ErrInUse, 6, "wait for the other trunkstat, or end it"},
	{store.ErrSyncRunning, 6, "wait for its end; reports work meanwhile"},
	{store.ErrDamaged, 6, "trunkstat db check"},
	{store.ErrBeyondRepair, 6, "put a backup in its place, or move it away and sync again"},
	{store.ErrForeign, 6, ""},
	{store.ErrNewer, 6, "install the latest trunkstat"},
	{syscall.ENOSPC, 1, noRoom},
	{syscall.EDQUOT, 1, noRoom},
}

// explain says what went wrong and, where there is one, the next command to type. It returns the
// exit code.
func explain(stderr io.Writer, err error) int {
	if err == nil {
		return 0
	}
	code, hint := 1, ""
	for _, k := range known {
		if errors.Is(err, k.err) {
			code, hint = k.code, k.hint
		}
	}
	var coded cli.ExitCoder
	if errors.As(err, &coded) {
		code = coded.ExitCode()
	}
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) {
		hint = hinted.Hint()
	}
	if text := appcmd.WithoutTokens(strings.TrimSpace(err.Error())); text != "" {
		fmt.Fprintln(stderr, "trunkstat: error:", text)
	}
	for line := range strings.Lines(hint) {
		fmt.Fprintln(stderr, "trunkstat: hint:", strings.TrimSpace(line))
	}
	return code
}
