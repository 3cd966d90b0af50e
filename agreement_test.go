package main

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"trunkstat/report/appcmd"
)

// promised are the commands and their flags that scripts may rely on. Names are added, never taken away.
var promised = map[string]string{
	"":                    "db api-url workspace w ca-cert quiet verbose no-color version help",
	"auth":                "",
	"auth login":          "email label expires with-token",
	"auth status":         "offline format",
	"auth list":           "format",
	"auth logout":         "",
	"sync":                "repo project since plan audit no-wait rate max-requests jobs format",
	"repos":               "format",
	"report":              "by pivot since until repo exclude-repo project exclude-project author exclude-author merges bots bot tz mailmap sort top compare anonymize format output o",
	"export":              "",
	"export commits":      "since until repo project author merges bots format output o partition-by bom",
	"export repositories": "since until repo project author merges bots format output o bom",
	"export authors":      "since until repo project author merges bots format output o bom",
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
	if code := run(t.Context(), append([]string{"trunkstat"}, args...), strings.NewReader(""), &stdout, &stderr, env); code != 0 {
		t.Fatalf("%v: exit code %d, %s", args, code, stderr.String())
	}
	return stdout.String()
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
	app, err := newApp(os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
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
	if strings.HasPrefix(name, "export") {
		return // its filters are those of report
	}
	example := regexp.MustCompile(`(?m)^\s{3,}.*\btrunkstat `)
	if n := len(example.FindAllString(c.Description, -1)); n < 2 && len(c.Subcommands) == 0 {
		t.Errorf("%s --help has %d examples", name, n)
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
	for line := range strings.Lines(strings.TrimPrefix(appcmd.ExitCodes, "\nEXIT CODES:\n")) {
		code, meaning, _ := strings.Cut(strings.TrimSpace(line), " ")
		if !strings.Contains(manual, ".TP\n"+code+"\n"+strings.TrimSpace(meaning)+"\n") {
			t.Errorf("the manual says nothing of exit code %s", code)
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
