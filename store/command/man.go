package command

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"trunkstat/store"
)

// variables are those of the environment that the program reads besides those of its flags.
var variables = []struct{ name, usage string }{
	{"TRUNKSTAT_TOKEN", "the token, which comes before the keychain; with TRUNKSTAT_EMAIL an API token"},
	{"TRUNKSTAT_EMAIL", "the e-mail of the Atlassian account that an API token belongs to"},
	{"TRUNKSTAT_TOKEN_COMMAND", "a command that prints the token, say of a password manager"},
	{"TRUNKSTAT_KEYRING_TIMEOUT", "how long to wait for the keychain: 30s, 2m (60s on a terminal, else 5s)"},
	{"HTTPS_PROXY, NO_PROXY", "the proxy to Bitbucket, and the hosts that need none"},
	{"NO_COLOR", "no colour, whatever it is set to"},
	{"COLUMNS", "the width of tables on a terminal"},
}

func manCommand() *cli.Command {
	return &cli.Command{
		Name:  "man",
		Usage: "print the manual page",
		Description: `It is made from the program itself, in the form that man reads.

   trunkstat man | man -l -
   trunkstat man > ~/.local/share/man/man1/trunkstat.1`,
		Action: func(c *cli.Context) error {
			m := &manual{}
			m.page(c.App)
			_, err := io.WriteString(c.App.Writer, m.String())
			return err
		},
	}
}

// A manual is a page in the language of man(7).
type manual struct{ strings.Builder }

// macro writes a macro with its argument in quotes.
func (m *manual) macro(name, argument string) {
	if argument = escape(argument); argument != "" {
		argument = ` "` + strings.ReplaceAll(argument, `"`, `\(dq`) + `"`
	}
	m.WriteString("." + name + argument + "\n")
}

// text writes lines. None of them is read as a macro.
func (m *manual) text(s string) {
	for line := range strings.Lines(s) {
		line = escape(strings.TrimRight(line, "\n"))
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			line = `\&` + line
		}
		m.WriteString(line + "\n")
	}
}

func escape(s string) string {
	return strings.NewReplacer(`\`, `\e`, "-", `\-`, "…", `\&...`).Replace(store.Clean(s))
}

func (m *manual) page(app *cli.App) {
	fmt.Fprintf(m, ".TH TRUNKSTAT 1 \"\" \"trunkstat %s\" \"User Commands\"\n", escape(app.Version))
	m.macro("SH", "NAME")
	m.text(app.Name + " - " + app.Usage)
	m.macro("SH", "SYNOPSIS")
	m.text(app.Name + " [GLOBAL OPTIONS] COMMAND [OPTIONS]")
	m.macro("SH", "DESCRIPTION")
	m.description(app.Description)
	m.macro("SH", "GLOBAL OPTIONS")
	m.text("They are taken before and after the command's name.")
	m.options(visible(app.Flags))
	m.macro("SH", "COMMANDS")
	m.commands(app.Name, app.Commands)
	m.macro("SH", "ENVIRONMENT")
	m.environment(app)
	m.macro("SH", "EXIT STATUS")
	m.exitStatus()
	m.macro("SH", "FILES")
	m.text("The database is one file, which trunkstat db path names. Only its owner may read it.")
}

func (m *manual) options(flags []cli.Flag) {
	for _, f := range flags {
		d := docOf(f)
		m.item(d.heading(), d.text())
	}
}

// commands writes a section for each command and for each of its subcommands.
func (m *manual) commands(before string, commands []*cli.Command) {
	for _, c := range commands {
		if c.Hidden {
			continue
		}
		name := before + " " + c.Name
		m.macro("SS", strings.TrimSpace(name+" "+strings.TrimSpace(c.ArgsUsage)))
		m.text(strings.ToUpper(c.Usage[:1]) + c.Usage[1:] + ".")
		if c.Description != "" {
			m.macro("PP", "")
		}
		m.description(c.Description)
		m.options(visible(c.Flags))
		m.commands(name, c.Subcommands)
	}
}

// description writes paragraphs, and indented lines as they are.
func (m *manual) description(s string) {
	for i, block := range strings.Split(strings.Trim(s, "\n"), "\n\n") {
		if i > 0 {
			m.macro("PP", "")
		}
		verbatim := false
		for line := range strings.Lines(block) {
			if indented := strings.HasPrefix(line, "   "); indented != verbatim {
				m.macro(map[bool]string{true: "nf", false: "fi"}[indented], "")
				verbatim = indented
			}
			m.text(line)
		}
		if verbatim {
			m.macro("fi", "")
		}
	}
}

// environment lists the variables of the flags of all commands, and the others.
func (m *manual) environment(app *cli.App) {
	for _, v := range variables {
		m.item(v.name, v.usage)
	}
	seen := map[string]bool{}
	var of func(flags []cli.Flag, commands []*cli.Command)
	of = func(flags []cli.Flag, commands []*cli.Command) {
		for _, f := range visible(flags) {
			for _, name := range docOf(f).env {
				if !seen[name] {
					m.item(name, "as "+docOf(f).names[0])
				}
				seen[name] = true
			}
		}
		for _, c := range commands {
			of(c.Flags, c.Subcommands)
		}
	}
	of(app.Flags, app.Commands)
}

func (m *manual) item(name, text string) {
	m.WriteString(".TP\n")
	m.text(name)
	m.text(text)
}

func (m *manual) exitStatus() {
	for _, e := range ExitCodes {
		m.item(strconv.Itoa(e.Code), e.Meaning)
	}
}
