package synccmd

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
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
		Usage: "show it all on a sandbox Bitbucket, without account or network",
		Description: `Starts a sandbox Bitbucket on a loopback port, with a sample workspace or with the real histories
of the git repositories that are named, syncs it over HTTP into a fresh database, and reports.

   trunkstat demo
   trunkstat demo --git ~/src/linux --git ~/src/git --keep /tmp/demo.db`,
		Flags: []cli.Flag{
			&cli.StringSliceFlag{Name: "git", TakesFile: true, Usage: "serve the history of the git repository in `DIR`"},
			&cli.StringFlag{Name: "keep", TakesFile: true, Usage: "keep the database at `PATH`"},
			&cli.BoolFlag{Name: "serve", Usage: "keep the sandbox up, and print the environment to use it by hand"},
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

// demoDatabase is where the demo's database goes: a folder that is removed, unless it is to be kept.
func demoDatabase(keep string) (path string, cleanUp func() error, err error) {
	if keep == "" {
		dir, err := os.MkdirTemp("", "trunkstat-demo-")
		return filepath.Join(dir, "trunkstat.db"), func() error { return os.RemoveAll(dir) }, err
	}
	if _, err := os.Stat(keep); err == nil {
		return "", nil, command.Misuse("--keep %s: it exists already, name a file that does not", keep)
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

// demoEnvironment is what makes trunkstat talk to the sandbox.
func demoEnvironment(url, token, path string) map[string]string {
	return map[string]string{
		"TRUNKSTAT_API_URL":   url,
		"TRUNKSTAT_WORKSPACE": demoWorkspace,
		"TRUNKSTAT_EMAIL":     demoEmail,
		"TRUNKSTAT_TOKEN":     token,
		"TRUNKSTAT_DB":        path,
	}
}

// serveDemo prints the environment, and keeps the sandbox up until it is interrupted.
func serveDemo(c *cli.Context, env map[string]string) error {
	var b strings.Builder
	for _, name := range []string{"TRUNKSTAT_API_URL", "TRUNKSTAT_WORKSPACE", "TRUNKSTAT_EMAIL", "TRUNKSTAT_TOKEN", "TRUNKSTAT_DB"} {
		fmt.Fprintf(&b, "export %s='%s'\n", name, strings.ReplaceAll(env[name], "'", `'\''`))
	}
	if _, err := fmt.Fprint(c.App.Writer, b.String()); err != nil {
		return err
	}
	fmt.Fprintln(c.App.ErrWriter, "trunkstat: the sandbox is up; in another shell, paste these lines, then: trunkstat sync")
	<-c.Context.Done()
	return c.Context.Err()
}

// playDemo runs the real commands, as a user would type them.
func playDemo(c *cli.Context, env map[string]string) error {
	for _, command := range []string{
		"sync",
		"report",
		"report --by month --since 1y",
		"report --by author --top 10 --bots exclude",
	} {
		if _, err := fmt.Fprintf(c.App.Writer, "$ trunkstat %s\n", command); err != nil {
			return err
		}
		if err := demoStep(c, env, strings.Fields(command)); err != nil {
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
	global := []string{c.App.Name, "--db", env["TRUNKSTAT_DB"], "--workspace", demoWorkspace, fmt.Sprintf("--quiet=%t", c.Bool("quiet"))}
	return c.App.RunContext(c.Context, append(global, args...))
}

// runDemoSync runs the command sync with its defaults, without a limit on requests: the sandbox has none.
func runDemoSync(c *cli.Context, env map[string]string) error {
	flags := syncCommand(environment{getenv: func(name string) string { return env[name] }})
	app := &cli.App{
		Name: c.App.Name, Reader: c.App.Reader, Writer: c.App.Writer, ErrWriter: c.App.ErrWriter,
		Version: c.App.Version, Commands: []*cli.Command{flags}, ExitErrHandler: func(*cli.Context, error) {},
		Flags: c.App.Flags,
	}
	return app.RunContext(c.Context, []string{
		c.App.Name, "--db", env["TRUNKSTAT_DB"], "--api-url", env["TRUNKSTAT_API_URL"],
		"--workspace", demoWorkspace, fmt.Sprintf("--quiet=%t", c.Bool("quiet")), fmt.Sprintf("--verbose=%t", c.Bool("verbose")),
		"sync", "--rate", "0",
	})
}
