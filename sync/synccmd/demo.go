package synccmd

import (
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"trunkstat/store/command"
	"trunkstat/sync/sandbox"
)

const (
	demoWorkspace = "demo"
	demoEmail     = "you@example.com"
	demoSeed      = 1 // any number: with the same one, the sample is the same in every run
)

// demoCommand returns demo. It takes no environment, because it must touch neither the user's credential nor
// their database.
func demoCommand() *cli.Command {
	return &cli.Command{
		Name:  "demo",
		Usage: "try the program on a sandbox, without account or network",
		Description: `Starts a sandbox Bitbucket on a loopback port, with a sample workspace or
with the histories of the git repositories that --git names, syncs it over
HTTP into a new database, and prints reports.

   trunkstat demo
   trunkstat demo --git ~/src/linux --git ~/src/git --keep /tmp/demo.db`,
		Flags: []cli.Flag{
			&cli.StringSliceFlag{Name: "git", TakesFile: true,
				Usage: "serve the history of the git repository in `DIR`, which must not be a shallow clone"},
			&cli.StringFlag{Name: "keep", TakesFile: true, Usage: "keep the database in the new file `PATH`"},
			&cli.BoolFlag{Name: "serve", Usage: "keep the sandbox running, and print its environment"},
		},
		Action: runDemo,
	}
}

// runDemo starts the sandbox with a token that is made for this run, so that no other program on the machine
// can use it: with --git, the sandbox serves histories that may be private.
func runDemo(c *cli.Context) (err error) {
	path := c.String("keep")
	if path == "" {
		var dir string
		if dir, err = os.MkdirTemp("", "trunkstat-demo-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }() // also after Ctrl-C
		path = filepath.Join(dir, "trunkstat.db")
	} else if _, err := os.Stat(path); err == nil {
		// A demo in the user's own database would mix its sample with their commits.
		return command.Misuse("--keep %s: the file exists; use the name of a new one", path)
	}
	// Without this, a reader such as head that closes the pipe would end the program before it cleans up.
	closed := make(chan os.Signal, 1)
	signal.Notify(closed, syscall.SIGPIPE)
	defer signal.Stop(closed)
	server, err := sandbox.New()
	if err != nil {
		return err
	}
	defer server.Close()
	token := "ATATT-demo-" + rand.Text()
	server.AddAPIToken(demoEmail, token)
	if err := fillSandbox(server, c.StringSlice("git")); err != nil {
		return err
	}
	env := demoEnvironment(server.URL(), token, path)
	if c.Bool("serve") {
		err = serveDemo(c, env)
	} else {
		err = playDemo(c, env)
	}
	if errors.Is(err, syscall.EPIPE) {
		return nil // the reader has seen enough
	}
	return err
}

// fillSandbox makes the sample, which is the same in every run but for its dates, or reads histories. The
// dates end now, so that reports of the last months have something to count.
func fillSandbox(server *sandbox.Server, dirs []string) error {
	if len(dirs) == 0 {
		server.Generate(demoWorkspace, time.Now(), demoSeed)
		return nil
	}
	ws := server.Workspace(demoWorkspace)
	for _, dir := range dirs {
		if _, err := ws.AddGit(dir, ""); err != nil {
			return fmt.Errorf("--git: %w", err)
		}
	}
	return nil
}

// demoEnvironment returns the variables with which the commands use the sandbox. The sandbox serves git
// beside its API, which is below /2.0.
func demoEnvironment(url, token, path string) map[string]string {
	return map[string]string{
		"TRUNKSTAT_API_URL":   url,
		"TRUNKSTAT_GIT_URL":   strings.TrimSuffix(url, "/2.0"),
		"TRUNKSTAT_WORKSPACE": demoWorkspace,
		"TRUNKSTAT_EMAIL":     demoEmail,
		"TRUNKSTAT_TOKEN":     token,
		"TRUNKSTAT_DB":        path,
	}
}

// serveDemo prints the environment, and serves the sandbox until it is interrupted. stdout has nothing but
// the lines to paste, so that it may be piped to a file that a shell reads.
func serveDemo(c *cli.Context, env map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(env)) {
		line := "export " + name + "=" + shellQuote(env[name])
		if runtime.GOOS == "windows" { // PowerShell
			line = "$env:" + name + " = '" + strings.ReplaceAll(env[name], "'", "''") + "'"
		}
		if err := command.PrintLine(c, line); err != nil {
			return err
		}
	}
	command.Notice(c, "the sandbox is running; paste these lines into another shell, then run trunkstat sync")
	<-c.Context.Done()
	return c.Context.Err()
}

// playDemo runs the real commands, as a user would type them, and prints each in front of what it prints.
func playDemo(c *cli.Context, env map[string]string) error {
	for _, line := range []string{
		"sync", // everything, over HTTP
		"report",
		"report --by month --since 1y",
		"report --by author --top 10 --bots exclude",
	} {
		if _, err := fmt.Fprintf(c.App.Writer, "$ trunkstat %s\n", line); err != nil {
			return err
		}
		if err := demoStep(c, env, strings.Fields(line)); err != nil {
			return err
		}
		fmt.Fprintln(c.App.Writer)
	}
	return nil
}

// demoStep runs one command. That of sync is a new one, which takes the sandbox's credential from env, and it
// has no limit on requests, because the sandbox has none. The token is in no argument and no variable of the
// process; the flags outrank the user's variables, which name other servers and databases.
func demoStep(c *cli.Context, env map[string]string, args []string) error {
	app := c.App
	if args[0] == "sync" {
		getenv := func(name string) string { return env[name] }
		// Without the handler, urfave/cli ends the process for some errors, and the folder would stay.
		app = &cli.App{
			Name: app.Name, Reader: app.Reader, Writer: app.Writer, ErrWriter: app.ErrWriter,
			Version: app.Version, Flags: app.Flags, ExitErrHandler: func(*cli.Context, error) {},
			Commands: []*cli.Command{syncCommand(newEnvironment(getenv, nil))},
		}
		args = append(args, "--rate", "0")
	}
	global := []string{app.Name, "--db", env["TRUNKSTAT_DB"], "--workspace", demoWorkspace,
		"--api-url", env["TRUNKSTAT_API_URL"]}
	for _, flag := range []string{"quiet", "verbose", "no-color"} {
		global = append(global, fmt.Sprintf("--%s=%t", flag, c.Bool(flag)))
	}
	return app.RunContext(c.Context, append(global, args...))
}
