package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/urfave/cli/v2"

	"trunkstat/report/calendar"
	"trunkstat/store/command"
	"trunkstat/store/keychain"
	"trunkstat/sync/sandbox"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"trunkstat": scriptMain})
}

// scriptMain is main, with the keychain of the script if it has one.
func scriptMain() {
	var secrets keychain.Items = keychain.System{}
	if address := os.Getenv(twinVariable); address != "" {
		secrets = twinClient{address}
	}
	os.Exit(run(context.Background(), os.Args, os.Stdin, os.Stdout, os.Stderr, os.Getenv, secrets))
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
			"bitbucket": bitbucketCmd, "exits": exitsCmd, "nosecret": nosecretCmd, "mode": modeCmd, "proxy": proxyCmd,
			"keychain": keychainCmd,
		},
	})
}

func setUpScript(env *testscript.Env) error {
	server, err := sandbox.New()
	if err != nil {
		return err
	}
	env.Defer(func() { server.Close() })
	server.AddAPIToken(scriptEmail, scriptToken)
	fill(server.Workspace("acme"))
	env.Values["server"], env.Values["values"] = server, env.Values
	env.Setenv("HOME", env.WorkDir)
	env.Setenv("XDG_DATA_HOME", filepath.Join(env.WorkDir, "data"))
	env.Setenv("LocalAppData", filepath.Join(env.WorkDir, "data"))
	env.Setenv("TRUNKSTAT_API_URL", server.URL())
	env.Setenv("TRUNKSTAT_GIT_URL", server.GitURL())
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
	case "history": // history WORKSPACE/SLUG FILE: see history
		slug, repo, _ := strings.Cut(arg(1), "/")
		ts.Check(history(server.Workspace(slug).NewRepository(repo), ts.ReadFile(arg(2))))
	case "clone": // clone SLUG DIR: a bare clone whose origin is at bitbucket.org
		dir := ts.MkAbs(arg(2))
		for _, args := range [][]string{{"init", "-q", "--bare", dir},
			{"--git-dir", dir, "-c", "http.extraHeader=Authorization: Basic " + base64.StdEncoding.EncodeToString(
				[]byte("x-bitbucket-api-token-auth:"+scriptToken)), "fetch", "-q", server.GitURL() + "/acme/" + arg(1) + ".git", "main:main"},
			{"--git-dir", dir, "remote", "add", "origin", "git@bitbucket.org:Acme/" + arg(1) + ".git"}} {
			ts.Check(exec.Command("git", args...).Run())
		}
	case "git-filters": // git-filters on|off
		server.GitFilters(arg(1) == "on")
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

// history commits the lines of a file, oldest first: a date as --since takes it, at noon, an author, and a
// message, with | between them; / stands for the end of a line.
func history(r *sandbox.Repository, lines string) error {
	for line := range strings.Lines(lines) {
		parts := strings.SplitN(strings.TrimSpace(line), "|", 3)
		if len(parts) < 3 {
			return fmt.Errorf("no commit: %q", line)
		}
		date, _, err := calendar.ParseMoment(parts[0], time.UTC, time.Now())
		if err != nil {
			return err
		}
		r.Commit("main", sandbox.Change{
			Author: parts[1], Date: date.Add(12 * time.Hour), Message: strings.ReplaceAll(parts[2], "/", "\n"),
		})
	}
	return nil
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
		".":               {"store", "store/command", "store/keychain", "store/storecmd", "sync/synccmd", "report/reportcmd"},
		"store":           {},
		"store/keychain":  {},
		"store/command":   {"store", "store/keychain"},
		"sync":            {"sync/bitbucket", "sync/githistory", "store"},
		"sync/bitbucket":  {},
		"sync/githistory": {},
		"sync/sandbox":    {},
		"report":          {"report/people", "report/calendar", "store"},
		"report/people":   {"store"},
		"report/calendar": {},
		"report/render":   {"report", "report/people", "report/calendar", "store"},
		"store/storecmd":  {"store", "store/command", "sync/bitbucket", "report/render"},
		"sync/synccmd": {"store", "store/command", "store/keychain", "sync", "sync/bitbucket", "sync/githistory",
			"sync/sandbox", "report", "report/calendar", "report/render"},
		"report/reportcmd": {"store", "store/command", "sync", "report", "report/people", "report/calendar", "report/render"},
	}
	only := map[string][]string{
		"go.etcd.io/bbolt":                   {"store"},
		"github.com/zalando/go-keyring":      {"store/keychain"},
		"github.com/olekukonko/tablewriter":  {"report/render"},
		"github.com/urfave/cli":              {".", "store/command", "store/storecmd", "sync/synccmd", "report/reportcmd"},
		"github.com/parquet-go/parquet-go":   {"report/reportcmd"},
		"golang.org/x/text":                  {"store", "report/people", "sync/githistory", "sync/synccmd"},
		"github.com/thlib/go-timezone-local": {"report/calendar"},
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
	if n := strings.Count(string(data), "\n"); n >= 160 {
		t.Errorf("main.go has %d lines, it is to have less than 160", n)
	}
}

// filters are the flags of all commands that read commits.
const filters = " repo exclude-repo project exclude-project author exclude-author team exclude-team group exclude-group grep exclude-grep visibility merges bots bot tz mailmap teams groups"

// promised are the commands and their flags that scripts may rely on. Names are added, never taken away.
var promised = map[string]string{
	"":            "db api-url git-url workspace w ca-cert quiet verbose no-color version help",
	"auth":        "",
	"auth login":  "email label expires with-token",
	"auth status": "offline format",
	"auth list":   "format",
	"auth logout": "forget",
	"sync":        "repo exclude-repo project exclude-project since via clones plan audit no-wait rate max-requests jobs format",
	"repos":       "sort format bom delimiter",
	"report": "by pivot columns co-authors assistant sort top compare anonymize format output o bom delimiter" +
		" period since until" + filters,
	"export":              "",
	"export commits":      "format output o partition-by bom delimiter period since until" + filters,
	"export repositories": "format output o bom delimiter period since until" + filters,
	"export authors":      "format output o bom delimiter period since until" + filters,
	"contributors":        "days list format output o bom delimiter" + filters,
	"mailmap":             "mailmap",
	"db":                  "",
	"db path":             "",
	"db info":             "format",
	"db check":            "repair",
	"db compact":          "",
	"db backup":           "",
	"doctor":              "",
	"demo":                "git keep serve",
	"completion":          "",
	"man":                 "",
}

// page runs the program and returns what it prints.
func page(t *testing.T, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	env := func(name string) string {
		return map[string]string{"HOME": t.TempDir(), "LocalAppData": t.TempDir()}[name]
	}
	if code := run(t.Context(), append([]string{"trunkstat"}, args...), strings.NewReader(""), &stdout, &stderr, env, nil); code != 0 {
		t.Fatalf("%v: exit code %d, %s", args, code, stderr.String())
	}
	return stdout.String()
}

// TestNoHome runs without the folder that the database is in by default, as a service may.
func TestNoHome(t *testing.T) {
	t.Setenv("TRUNKSTAT_DB", "")
	for args, want := range map[string]int{
		"db path": 1, "--db here db path": 0, "db path --db here": 0, "report --by nothing --db here": 2,
		"--help": 0, "--version": 0, "sync --help": 0, "man": 0, "completion bash": 0, "demo --quiet": 0,
	} {
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), append([]string{"trunkstat"}, strings.Fields(args)...), strings.NewReader(""), &stdout, &stderr,
			func(string) string { return "" }, nil)
		if code != want || (code == 1) != strings.Contains(stderr.String(), "--db PATH") {
			t.Errorf("%s: exit code %d, %s", args, code, stderr.String())
		}
	}
}

// commandsOf are all that help shows, by their names with blanks between them.
func commandsOf(before string, commands []*cli.Command) map[string]*cli.Command {
	all := map[string]*cli.Command{}
	for _, c := range commands {
		if !c.Hidden && c.Name != "help" {
			name := strings.TrimSpace(before + " " + c.Name)
			all[name] = c
			for sub, of := range commandsOf(name, c.Subcommands) {
				all[sub] = of
			}
		}
	}
	return all
}

// TestAgreement holds the program against what is promised, and against what it says of itself: the
// README, the manual page, completion, and the help of each command.
func TestAgreement(t *testing.T) {
	app := newApp(os.Getenv, nil)
	app.Setup()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	manual := strings.ReplaceAll(page(t, "man"), `\-`, "-")
	commands := commandsOf("", app.Commands)
	commands[""] = &cli.Command{Flags: app.Flags}
	for name, flags := range promised {
		c := commands[name]
		if c == nil {
			t.Errorf("there is no command %s", name)
			continue
		}
		var names []string
		for _, f := range c.Flags {
			names = append(names, f.Names()...)
		}
		for flag := range strings.FieldsSeq(flags) {
			if !slices.Contains(names, flag) {
				t.Errorf("%q takes no flag %s", name, flag)
			}
		}
	}
	for name, c := range commands {
		if _, ok := promised[name]; !ok {
			t.Errorf("%s is a command that nobody was promised", name)
		}
		if name != "" {
			checkReadme(t, string(readme), name)
			checkHelp(t, name, c)
		}
		checkManual(t, manual, name, c)
		checkCompletion(t, name, c)
	}
}

// checkReadme looks for the command in the README's table of commands.
func checkReadme(t *testing.T, readme, name string) {
	first, sub, _ := strings.Cut(name, " ")
	row := regexp.MustCompile("(?m)^\\| [^|]*`" + first + "\\b[^|]*\\|").FindString(readme)
	if row == "" || sub != "" && !regexp.MustCompile("[` ]"+sub+"\\b").MatchString(row) {
		t.Errorf("README.md has no row for %s: %q", name, row)
	}
}

// checkHelp wants two examples, the exit codes, and the global flags in every command's help.
func checkHelp(t *testing.T, name string, c *cli.Command) {
	help := page(t, append(strings.Fields(name), "--help")...)
	for _, part := range []string{"GLOBAL OPTIONS", "EXIT CODES", "   130  interrupted", c.Usage} {
		if !strings.Contains(help, part) {
			t.Errorf("%s --help does not say %q", name, part)
		}
	}
	if name == "report" {
		checkPage(t, help)
	}
	example := regexp.MustCompile(`(?m)^\s{3,}.*\btrunkstat `)
	if n := len(example.FindAllString(c.Description, -1)); n < 2 && len(c.Subcommands) == 0 {
		t.Errorf("%s --help has %d examples", name, n)
	}
}

// checkPage wants what most people need of a help on one page of a terminal, and all of it 80 columns wide.
func checkPage(t *testing.T, help string) {
	page, _, found := strings.Cut(help, "\n"+command.More)
	if lines := strings.Count(page, "\n"); !found || lines > 50 {
		t.Errorf("the first page has %d lines", lines)
	}
	for line := range strings.Lines(help) {
		if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

func checkManual(t *testing.T, manual, name string, c *cli.Command) {
	section := manual
	if name != "" {
		_, after, ok := strings.Cut(manual, `.SS "trunkstat `+name)
		if !ok {
			t.Errorf("the manual has no section on %s", name)
		}
		section, _, _ = strings.Cut(after, "\n.S")
	}
	for _, f := range visibleFlags(c) {
		if !strings.Contains(section, "--"+f) {
			t.Errorf("the manual says nothing of %s --%s", name, f)
		}
	}
}

func checkCompletion(t *testing.T, name string, c *cli.Command) {
	offered := strings.Fields(page(t, append(append([]string{"complete-words", "bash"}, strings.Fields(name)...), "--")...))
	for _, f := range visibleFlags(c) {
		if !slices.Contains(offered, "--"+f) {
			t.Errorf("completion of %q does not offer --%s", name, f)
		}
	}
	before, last := "", name
	if i := strings.LastIndex(name, " "); i >= 0 {
		before, last = name[:i], name[i+1:]
	}
	words := append(append([]string{"complete-words", "bash"}, strings.Fields(before)...), "")
	if name != "" && !slices.Contains(strings.Fields(page(t, words...)), last) {
		t.Errorf("completion does not offer %s", name)
	}
}

func visibleFlags(c *cli.Command) (names []string) {
	for _, f := range c.Flags {
		if v, ok := f.(cli.VisibleFlag); ok && v.IsVisible() {
			names = append(names, f.Names()[0])
		}
	}
	return names
}

// Every variable that the manual tells is read somewhere, and every one of the program's is told in it.
func TestManual(t *testing.T) {
	manual := strings.ReplaceAll(page(t, "man"), `\-`, "-")
	for _, name := range []string{"TRUNKSTAT_TOKEN", "TRUNKSTAT_EMAIL", "TRUNKSTAT_TOKEN_COMMAND", "TRUNKSTAT_KEYRING_TIMEOUT",
		"TRUNKSTAT_DB", "TRUNKSTAT_API_URL", "TRUNKSTAT_WORKSPACE", "TRUNKSTAT_CA_CERT", "TRUNKSTAT_RATE", "NO_COLOR"} {
		if !strings.Contains(manual, ".TP\n"+name+"\n") {
			t.Errorf("the manual says nothing of %s", name)
		}
	}
	for _, e := range command.ExitCodes {
		if !strings.Contains(manual, fmt.Sprintf(".TP\n%d\n%s\n", e.Code, e.Meaning)) {
			t.Errorf("the manual says nothing of exit code %d", e.Code)
		}
	}
	renderManual(t, page(t, "man"))
}

// renderManual has the page read by what reads manual pages here.
func renderManual(t *testing.T, manual string) {
	for _, reader := range [][]string{{"mandoc", "-T", "lint", "-W", "warning"}, {"groff", "-man", "-ww", "-Tutf8"}} {
		if _, err := exec.LookPath(reader[0]); err != nil {
			t.Logf("%s is not installed: not tried", reader[0])
			continue
		}
		cmd := exec.Command(reader[0], reader[1:]...)
		cmd.Stdin = strings.NewReader(manual)
		var complaints bytes.Buffer
		cmd.Stderr = &complaints
		out, err := cmd.Output()
		if reader[0] == "mandoc" { // the page has no date: it is that of a version
			complaints.WriteString(regexp.MustCompile(".*missing date.*\n").ReplaceAllString(string(out), ""))
			err = nil
		} else if !bytes.Contains(out, []byte("invalid_permissions")) {
			t.Errorf("%s: the exit codes are not to be seen", reader[0])
		}
		if err != nil || complaints.Len() > 0 {
			t.Errorf("%s: %v\n%s", reader[0], err, complaints.String())
		}
	}
}

// twinVariable names the address of a script's keychain. Only the test binary reads it.
const twinVariable = "TEST_KEYCHAIN_TWIN"

// keychainCmd gives a script a keychain: that of the session where one was promised (.ci/with-keychain),
// else one in the memory of the test, which serves it to the programs that the script runs.
func keychainCmd(ts *testscript.TestScript, neg bool, args []string) {
	if os.Getenv("TRUNKSTAT_TEST_KEYCHAIN") != "" {
		return
	}
	twin := httptest.NewServer(twinHandler(&keychain.Memory{}))
	ts.Defer(twin.Close)
	ts.Setenv(twinVariable, twin.URL)
}

// twinHandler serves items: the path is the account, the body the item.
func twinHandler(items keychain.Items) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		account := strings.TrimPrefix(r.URL.Path, "/")
		var item string
		var err error
		switch r.Method {
		case http.MethodGet:
			item, err = items.Get(account)
		case http.MethodPut:
			var body []byte
			if body, err = io.ReadAll(r.Body); err == nil {
				err = items.Set(account, string(body))
			}
		case http.MethodDelete:
			err = items.Delete(account)
		}
		switch {
		case errors.Is(err, keychain.ErrNotFound):
			w.WriteHeader(http.StatusNotFound)
		case err != nil:
			w.WriteHeader(http.StatusInternalServerError)
		default:
			io.WriteString(w, item)
		}
	}
}

// A twinClient is the keychain that a twinHandler serves at an address.
type twinClient struct{ address string }

func (t twinClient) Get(account string) (string, error) { return t.do(http.MethodGet, account, "") }

func (t twinClient) Set(account, item string) error {
	_, err := t.do(http.MethodPut, account, item)
	return err
}

func (t twinClient) Delete(account string) error {
	_, err := t.do(http.MethodDelete, account, "")
	return err
}

// do sends a request past any proxy of the environment.
func (t twinClient) do(method, account, item string) (string, error) {
	req, err := http.NewRequest(method, t.address, strings.NewReader(item))
	if err != nil {
		return "", err
	}
	req.URL.Path = "/" + account
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	switch {
	case err != nil:
		return "", err
	case resp.StatusCode == http.StatusNotFound:
		return "", keychain.ErrNotFound
	case resp.StatusCode != http.StatusOK:
		return "", errors.New(resp.Status)
	}
	return string(body), nil
}

// proxiedHost is a name of Bitbucket that only the proxy finds, because net/http sends nothing for this
// machine through a proxy. The certificates of httptest are good for it.
const proxiedHost = "api.example.com"

// A proxy is an HTTP proxy as companies have one, which opens tunnels for https. All its tunnels lead
// to one server, whatever host they were asked for.
type proxy struct {
	to   string // the server's host and port
	http *httptest.Server
	ends sync.WaitGroup // the two directions of each tunnel

	mu      sync.Mutex
	account string   // user:password that it requires; empty: none
	refusal int      // the status of every answer; 0: it lets them through
	offers  []string // the only ways to authenticate that it takes, none of which a client has
	asked   []string
	open    []net.Conn
}

func newProxy(to string) *proxy {
	p := &proxy{to: to}
	p.http = httptest.NewServer(http.HandlerFunc(p.connect))
	return p
}

// close stops the proxy and breaks its tunnels.
func (p *proxy) close() {
	p.http.Close()
	p.mu.Lock()
	for _, c := range p.open {
		c.Close()
	}
	p.mu.Unlock()
	p.ends.Wait()
}

// status returns what a request for a tunnel is answered with.
func (p *proxy) status(r *http.Request) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, r.Host)
	given := r.Header.Get("Proxy-Authorization")
	switch {
	case r.Method != http.MethodConnect:
		return http.StatusMethodNotAllowed
	case len(p.offers) > 0:
		return http.StatusProxyAuthRequired
	case p.account != "" && given != "Basic "+base64.StdEncoding.EncodeToString([]byte(p.account)):
		return http.StatusProxyAuthRequired
	case p.refusal != 0:
		return p.refusal
	}
	return http.StatusOK
}

// challenges returns how the proxy has clients authenticate.
func (p *proxy) challenges() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.offers) > 0 {
		return p.offers
	}
	return []string{`Basic realm="proxy"`}
}

func (p *proxy) connect(w http.ResponseWriter, r *http.Request) {
	if status := p.status(r); status != http.StatusOK {
		if status == http.StatusProxyAuthRequired {
			w.Header()["Proxy-Authenticate"] = p.challenges()
		}
		http.Error(w, "<h1>"+http.StatusText(status)+"</h1>", status)
		return
	}
	server, err := net.Dial("tcp", p.to)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	client, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		server.Close()
		return
	}
	io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n")
	carry := func(to net.Conn, from io.Reader) func() {
		return func() {
			io.Copy(to, from)
			client.Close()
			server.Close()
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open = append(p.open, client, server)
	p.ends.Go(carry(server, buffered))
	p.ends.Go(carry(client, server))
}

// proxyCmd puts the script behind a company's proxy: see the cases.
func proxyCmd(ts *testscript.TestScript, neg bool, args []string) {
	if args[0] == "up" {
		startProxy(ts)
		return
	}
	p := ts.Value("proxy").(*proxy)
	if args[0] == "down" {
		p.close()
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch args[0] {
	case "wants": // wants USER PASSWORD
		p.account = args[1] + ":" + args[2]
	case "offers": // offers SCHEME…
		p.offers = args[1:]
	case "refuses": // refuses STATUS; 0 lets through again
		status, err := strconv.Atoi(args[1])
		ts.Check(err)
		p.refusal = status
	case "tunnels": // tunnels N: so many were asked for so far, all of them to Bitbucket
		others := slices.DeleteFunc(slices.Clone(p.asked), func(host string) bool { return host == proxiedHost+":443" })
		if fmt.Sprint(len(p.asked)) != args[1] || len(others) > 0 {
			ts.Fatalf("tunnels to %q, want %s", p.asked, args[1])
		}
	default:
		ts.Fatalf("proxy %v: no such thing", args)
	}
}

// startProxy makes a Bitbucket that speaks https, and a proxy before it; the environment names both.
func startProxy(ts *testscript.TestScript) {
	server, err := sandbox.New()
	ts.Check(err)
	server.AddAPIToken(scriptEmail, scriptToken)
	fill(server.Workspace("acme"))
	secure := httptest.NewUnstartedServer(server.Handler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0) // where a client does not trust it
	secure.StartTLS()
	p := newProxy(secure.Listener.Addr().String())
	ts.Defer(func() { p.close(); secure.Close(); server.Close() })
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw})
	ts.Check(os.WriteFile(ts.MkAbs("ca.pem"), cert, 0o600))
	values := ts.Value("values").(map[any]any)
	values["proxy"], values["server"] = p, server
	ts.Setenv("TRUNKSTAT_API_URL", "https://"+proxiedHost+"/2.0")
	ts.Setenv("TRUNKSTAT_CA_CERT", ts.MkAbs("ca.pem"))
	ts.Setenv("PROXY", p.http.Listener.Addr().String())
	ts.Setenv("HTTPS_PROXY", p.http.URL)
}
