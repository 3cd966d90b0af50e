package main

import (
	"cmp"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"trunkstat/sync/sandbox"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"trunkstat": main})
}

const (
	scriptEmail = "you@example.com"
	scriptToken = "ATATT3x-this-token-is-for-tests-only"
)

// TestScripts runs the program as a user does: testdata/script/*.txtar. Each script has a Bitbucket
// of its own with the workspace acme, and a credential for it in the environment.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               setUpScript,
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"bitbucket": bitbucketCmd, "exits": exitsCmd, "nosecret": nosecretCmd, "mode": modeCmd,
		},
		Condition: func(cond string) (bool, error) {
			if cond == "keychain" {
				return os.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" && os.Getenv("TRUNKSTAT_TEST_KEYCHAIN") != "", nil
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
	})
}

func setUpScript(env *testscript.Env) error {
	server, err := sandbox.New(sandbox.Options{})
	if err != nil {
		return err
	}
	env.Defer(func() { server.Close() })
	server.AddAPIToken(scriptEmail, scriptToken)
	fill(server.Workspace("acme"))
	env.Values["server"] = server
	env.Setenv("HOME", env.WorkDir)
	env.Setenv("XDG_DATA_HOME", filepath.Join(env.WorkDir, "data"))
	env.Setenv("LocalAppData", filepath.Join(env.WorkDir, "data"))
	env.Setenv("TRUNKSTAT_API_URL", server.URL())
	env.Setenv("TRUNKSTAT_EMAIL", scriptEmail)
	env.Setenv("TRUNKSTAT_TOKEN", scriptToken)
	env.Setenv("TZ", "UTC")
	if bus := os.Getenv("DBUS_SESSION_BUS_ADDRESS"); os.Getenv("TRUNKSTAT_TEST_KEYCHAIN") != "" {
		env.Setenv("DBUS_SESSION_BUS_ADDRESS", bus)
	}
	return nil
}

// fill makes a small workspace with dates and people that a script can count on its fingers.
func fill(acme *sandbox.Workspace) {
	day := func(s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			panic(err)
		}
		return d.Add(12 * time.Hour)
	}
	acme.Project("WEB", "The web")
	shop := acme.NewRepository("shop")
	shop.SetProject("WEB")
	for i, c := range []struct{ author, date, message string }{
		{"Ann <ann@example.com>", "2024-12-30", "first"},
		{"Ann <ann@example.com>", "2025-01-15", "=1+1, \"quoted\"\r\nand a second line"},
		{"Bob <bob@example.com>", "2025-01-16", "third"},
		{"渡辺 <haruka@example.com>", "2025-03-31", "フロントエンド"},
	} {
		shop.Commit("main", sandbox.Change{Author: c.author, Date: day(c.date), Message: c.message})
		if i == 1 {
			shop.Push("topic", shop.Head())
			shop.Commit("topic", sandbox.Change{Author: "Bob <bob@example.com>", Date: day("2025-01-17"), Message: "on a branch"})
		}
	}
	shop.Merge("main", "topic", sandbox.Change{Author: "Ann <ann@example.com>", Date: day("2025-04-01"), Message: "merge topic"})
	api := acme.NewRepository("api")
	for range 120 {
		api.Commit("main", sandbox.Change{Author: "Bob <bob@example.com>", Date: day("2025-02-10"), Message: "work"})
	}
	acme.NewRepository("empty")
}

// bitbucketCmd changes the script's Bitbucket: see the cases.
func bitbucketCmd(ts *testscript.TestScript, neg bool, args []string) {
	server := ts.Value("server").(*sandbox.Server)
	acme := server.Workspace("acme")
	arg := func(i int) string { return args[min(i, len(args)-1)] }
	number := func(i int) int {
		n, err := strconv.Atoi(arg(i))
		ts.Check(err)
		return n
	}
	switch arg(0) {
	case "commit": // commit SLUG N
		acme.Repository(arg(1)).Commits("main", number(2))
	case "rewind": // rewind SLUG N
		acme.Repository(arg(1)).Rewind("main", number(2))
	case "forbid": // forbid SLUG STATUS; 0 allows it again
		acme.Repository(arg(1)).Forbid(number(2))
	case "delete": // delete SLUG
		acme.Repository(arg(1)).Delete()
	case "rename": // rename SLUG NEW
		acme.Repository(arg(1)).Rename(arg(2))
	case "token": // token EMAIL TOKEN [SCOPE]: one more API token
		server.AddAPIToken(arg(1), arg(2), args[3:]...)
	case "access-token": // access-token TOKEN [SCOPE]
		server.AddAccessToken(arg(1), args[2:]...)
	case "workspace": // workspace SLUG: one with a single repository
		server.Workspace(arg(1)).NewRepository("lone").Commits("main", 3)
	case "nothing": // nothing SLUG: a workspace without repositories
		server.Workspace(arg(1))
	case "fail": // fail MATCH FAULT TIMES
		server.FailNext(arg(1), sandbox.Fault(arg(2)), number(3))
	case "latency": // latency DURATION
		d, err := time.ParseDuration(arg(1))
		ts.Check(err)
		server.Latency(d)
	case "forget": // forget the requests so far
		server.ResetRequests()
	case "requests": // requests N: exactly so many since they were forgotten, all of them expected
		if got := server.Count(); got != number(1) {
			ts.Fatalf("%d requests, want %d: %+v", got, number(1), server.Requests())
		}
		if odd := server.Unexpected(); len(odd) > 0 {
			ts.Fatalf("unexpected requests: %+v", odd)
		}
	default:
		ts.Fatalf("bitbucket %v: no such change", args)
	}
}

// exitsCmd runs a command that must end with an exit code: exits 3 trunkstat sync
func exitsCmd(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got, failure := 0, ts.Exec(args[1], args[2:]...)
	if exit := (*exec.ExitError)(nil); errors.As(failure, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(failure)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// nosecretCmd looks for a token in everything that the last command said and in all files.
func nosecretCmd(ts *testscript.TestScript, neg bool, args []string) {
	secret := cmp.Or(strings.Join(args, ""), scriptToken)
	for _, name := range []string{"stdout", "stderr"} {
		if strings.Contains(ts.ReadFile(name), secret) {
			ts.Fatalf("the token is in %s", name)
		}
	}
	ts.Check(filepath.WalkDir(ts.Getenv("WORK"), func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(file)
		if err == nil && strings.Contains(string(data), secret) {
			return fmt.Errorf("the token is in %s", file)
		}
		return err
	}))
}

// modeCmd checks the permissions of files: mode 0600 FILE…
func modeCmd(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.ParseUint(args[0], 8, 32)
	ts.Check(err)
	for _, name := range args[1:] {
		info, err := os.Stat(ts.MkAbs(name))
		ts.Check(err)
		if got := info.Mode().Perm(); got != fs.FileMode(want) {
			ts.Fatalf("%s has mode %o, want %o", name, got, want)
		}
	}
}

// TestRooms holds the arrows between the packages, and that each outside library is known to one room.
func TestRooms(t *testing.T) {
	may := map[string][]string{
		".":                {"store", "store/storecmd", "sync/synccmd", "report/reportcmd", "report/appcmd"},
		"store":            {},
		"store/keychain":   {},
		"sync":             {"sync/bitbucket", "store"},
		"sync/bitbucket":   {},
		"sync/sandbox":     {},
		"report":           {"store"},
		"report/render":    {"report"},
		"store/storecmd":   {"store", "store/keychain", "sync", "sync/bitbucket", "sync/sandbox", "report", "report/render"},
		"sync/synccmd":     {"store", "store/keychain", "sync", "sync/bitbucket", "sync/sandbox", "report", "report/render"},
		"report/appcmd":    {"store", "report", "report/render"},
		"report/reportcmd": {"store", "store/keychain", "sync", "sync/bitbucket", "sync/sandbox", "report", "report/render"},
	}
	only := map[string][]string{
		"go.etcd.io/bbolt":                  {"store"},
		"github.com/zalando/go-keyring":     {"store/keychain"},
		"github.com/olekukonko/tablewriter": {"report/render"},
		"github.com/urfave/cli":             {".", "store/storecmd", "sync/synccmd", "report/reportcmd", "report/appcmd"},
		"github.com/vbauerster/mpb":         {"sync/synccmd"},
		"github.com/parquet-go/parquet-go":  {"report/reportcmd"},
	}
	for dir, imports := range importsOf(t) {
		if _, ok := may[dir]; !ok {
			t.Errorf("%s is no room of the design", dir)
		}
		for _, imp := range imports {
			if ours, ok := strings.CutPrefix(imp, "trunkstat/"); ok && !slices.Contains(may[dir], ours) {
				t.Errorf("%s imports %s", dir, ours)
			}
			for library, rooms := range only {
				if strings.HasPrefix(imp, library) && !slices.Contains(rooms, dir) {
					t.Errorf("%s imports %s, which belongs to %v", dir, library, rooms)
				}
			}
		}
	}
}

// importsOf lists what each folder's code imports, tests left out.
func importsOf(t *testing.T) map[string][]string {
	imports := map[string][]string{}
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			if _, nested := os.Stat(filepath.Join(file, "go.mod")); nested == nil && file != "." {
				return filepath.SkipDir // a module of its own
			}
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		dir := path.Dir(filepath.ToSlash(file))
		for _, spec := range f.Imports {
			name, _ := strconv.Unquote(spec.Path.Value)
			imports[dir] = append(imports[dir], name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return imports
}

// TestMainIsThin holds main.go to what fits in the eye.
func TestMainIsThin(t *testing.T) {
	data, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(data), "\n"); n >= 200 {
		t.Errorf("main.go has %d lines, it is to have less than 200", n)
	}
}
