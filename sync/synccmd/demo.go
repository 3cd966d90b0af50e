package synccmd

import (
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"trunkstat/store/command"
	"trunkstat/sync/sandbox"
)

const (
	demoWorkspace = "demo"
	demoEmail     = "you@example.com"
	demoSeed      = 1
)

func demoCommand() *cli.Command {
	return &cli.Command{
		Name:  "demo",
		Usage: "show the program on a sandbox Bitbucket, without account or network",
		Description: `Starts a sandbox Bitbucket on a loopback port, with a sample workspace or with the histories
of the git repositories that --git names, syncs it over HTTP into a new database, and prints reports.

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

func runDemo(c *cli.Context) (err error) {
	path, cleanUp, err := demoDatabase(c.String("keep"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cleanUp()) }()
	server, err := sandbox.New(sandbox.Options{})
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
		return serveDemo(c, env)
	}
	return playDemo(c, env)
}

// demoDatabase returns the path of the database. Without --keep it is in a folder that cleanUp removes.
func demoDatabase(keep string) (path string, cleanUp func() error, err error) {
	if keep == "" {
		dir, err := os.MkdirTemp("", "trunkstat-demo-")
		return filepath.Join(dir, "trunkstat.db"), func() error { return os.RemoveAll(dir) }, err
	}
	if _, err := os.Stat(keep); err == nil {
		return "", nil, command.Misuse("--keep %s: the file exists; use the name of a new one", keep)
	}
	return keep, func() error { return nil }, nil
}

func fillSandbox(server *sandbox.Server, dirs []string) error {
	if len(dirs) == 0 {
		server.Generate(demoSeed, sandbox.Sample{Workspace: demoWorkspace, Now: time.Now()})
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

// demoEnvironment returns the variables with which the commands use the sandbox.
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

// serveDemo prints the environment, and serves the sandbox until it is interrupted.
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

// playDemo runs the real commands, as a user would type them.
func playDemo(c *cli.Context, env map[string]string) error {
	for _, line := range []string{
		"sync",
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

// demoStep runs one command: sync with the sandbox's credential, the others as they are.
func demoStep(c *cli.Context, env map[string]string, args []string) error {
	if args[0] == "sync" {
		return runDemoSync(c, env)
	}
	global := []string{c.App.Name, "--db", env["TRUNKSTAT_DB"], "--workspace", demoWorkspace,
		fmt.Sprintf("--quiet=%t", c.Bool("quiet"))}
	return c.App.RunContext(c.Context, append(global, args...))
}

// runDemoSync runs the command sync with its defaults, without a limit on requests: the sandbox has none.
func runDemoSync(c *cli.Context, env map[string]string) error {
	sync := syncCommand(newEnvironment(func(name string) string { return env[name] }, nil))
	app := &cli.App{
		Name: c.App.Name, Reader: c.App.Reader, Writer: c.App.Writer, ErrWriter: c.App.ErrWriter,
		Version: c.App.Version, Commands: []*cli.Command{sync}, ExitErrHandler: func(*cli.Context, error) {},
		Flags: c.App.Flags,
	}
	return app.RunContext(c.Context, []string{
		c.App.Name, "--db", env["TRUNKSTAT_DB"], "--api-url", env["TRUNKSTAT_API_URL"],
		"--workspace", demoWorkspace,
		fmt.Sprintf("--quiet=%t", c.Bool("quiet")), fmt.Sprintf("--verbose=%t", c.Bool("verbose")),
		"sync", "--rate", "0",
	})
}
