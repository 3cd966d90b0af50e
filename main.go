// Trunkstat counts what is committed to the default branches of a Bitbucket Cloud workspace: by whom,
// where and when. It keeps the commits in a local database and reads no source code.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"trunkstat/report/reportcmd"
	"trunkstat/store"
	"trunkstat/store/command"
	"trunkstat/store/keychain"
	"trunkstat/store/storecmd"
	"trunkstat/sync/synccmd"
)

// version is stamped by the release build.
var version = "dev"

func main() {
	os.Exit(run(context.Background(), os.Args, os.Stdin, os.Stdout, os.Stderr, os.Getenv, keychain.System{}))
}

// run is the program. It returns the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer,
	getenv func(string) string, secrets keychain.Items) int {

	ctx, stop := interruptible(ctx)
	defer stop()
	app := newApp(getenv, secrets)
	app.Reader, app.Writer, app.ErrWriter = stdin, stdout, stderr
	err := app.RunContext(ctx, args)
	if ctx.Err() != nil && err != nil {
		fmt.Fprintln(stderr, "trunkstat: interrupted")
		return command.ExitInterrupted
	}
	return command.Explain(stderr, err)
}

// interruptible returns a context that ends with an interrupt, or when the terminal is closed. The program ends
// a second later, also if something does not return, such as a write into a full pipe. A second interrupt ends
// it at once.
func interruptible(ctx context.Context) (context.Context, context.CancelFunc) {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // nohup lets a sync outlive the terminal
		signals = append(signals, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(ctx, signals...)
	done := make(chan struct{})
	forget := context.AfterFunc(ctx, func() {
		stop()
		select {
		case <-done:
		case <-time.After(950 * time.Millisecond):
			os.Exit(command.ExitInterrupted)
		}
	})
	return ctx, func() {
		forget()
		close(done)
		stop()
	}
}

func newApp(getenv func(string) string, secrets keychain.Items) *cli.App {
	db, noFolder := store.DefaultPath(getenv)
	app := &cli.App{
		Name:        "trunkstat",
		Usage:       "how much is committed to the default branches of a Bitbucket Cloud workspace",
		Description: command.Description,
		Version:     version,
		Flags:       command.GlobalFlags(db),
		Commands: slices.Concat(
			synccmd.Commands(getenv, secrets),
			reportcmd.Commands(getenv),
			storecmd.Commands(getenv),
			command.Commands(),
		),
	}
	command.Prepare(app, noFolder)
	return app
}
