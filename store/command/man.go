package command

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"trunkstat/store"
)

// variables are those of the environment that the program reads besides those of its flags.
var variables = [][2]string{
	{"TRUNKSTAT_TOKEN", "the token, which comes before the keychain; with TRUNKSTAT_EMAIL an API token"},
	{"TRUNKSTAT_EMAIL", "the e-mail of the Atlassian account that an API token belongs to"},
	{"TRUNKSTAT_TOKEN_COMMAND", "a command that prints the token, for example of a password manager"},
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
			_, err := io.WriteString(c.App.Writer, manual(c.App))
			return err
		},
	}
}

// manual returns the page of an app in the language of man(7). All that it does not write itself goes
// through one of the roff functions, so that none of it is read as a macro. The ToMan of urfave/cli does
// not serve: its page has no variables and no exit codes, and a release is built without it
// (urfave_cli_no_docs).
func manual(app *cli.App) string {
	var b strings.Builder
	write := func(parts ...string) { b.WriteString(strings.Join(parts, "")) }
	// The page has no date, so that a version has the same page wherever it is built.
	write(`.TH TRUNKSTAT 1 "" `, roffQuoted("trunkstat "+app.Version), ` "User Commands"`, "\n")
	write(".SH \"NAME\"\n", roffText(app.Name+" - "+app.Usage))
	write(".SH \"SYNOPSIS\"\n", roffText(app.Name+" [GLOBAL OPTIONS] COMMAND [OPTIONS]"))
	write(".SH \"DESCRIPTION\"\n", roffProse(app.Description))
	write(".SH \"GLOBAL OPTIONS\"\nThey are taken before and after the command's name.\n")
	write(roffFlags(app.VisibleFlags()))
	write(".SH \"COMMANDS\"\n")
	walk(app.Name+" ", app.Commands, func(path string, c *cli.Command) {
		write(".SS ", roffQuoted(strings.TrimSpace(path+" "+c.ArgsUsage)), "\n")
		write(roffText(strings.ToUpper(c.Usage[:1]) + c.Usage[1:] + "."))
		if c.Description != "" {
			write(".PP\n", roffProse(c.Description))
		}
		write(roffFlags(c.VisibleFlags()))
	})
	write(".SH \"ENVIRONMENT\"\n")
	for _, variable := range environment(app) {
		write(roffItem(variable[0], variable[1]))
	}
	write(".SH \"EXIT STATUS\"\n")
	for _, e := range ExitCodes {
		write(roffItem(strconv.Itoa(e.Code), e.Meaning))
	}
	write(".SH \"FILES\"\n")
	write("The database is one file, which trunkstat db path names. Only its owner may read it.\n")
	return b.String()
}

// walk calls f with each command that is not hidden, before those below it, and with the words to type for it
// behind the ones before.
func walk(before string, commands []*cli.Command, f func(path string, c *cli.Command)) {
	for _, c := range commands {
		if !c.Hidden {
			f(before+c.Name, c)
			walk(before+c.Name+" ", c.Subcommands, f)
		}
	}
}

// environment lists the variables that are not of a flag, then those of the flags of all commands, each once:
// report, export and contributors share most of theirs.
func environment(app *cli.App) [][2]string {
	flags := app.VisibleFlags()
	walk("", app.Commands, func(_ string, c *cli.Command) { flags = append(flags, c.VisibleFlags()...) })
	list := slices.Clone(variables)
	seen := map[string]bool{}
	for _, f := range flags {
		d := docOf(f)
		for _, name := range d.env {
			if !seen[name] {
				list = append(list, [2]string{name, "as " + d.names[0]})
			}
			seen[name] = true
		}
	}
	return list
}

// roffFlags writes an item for each flag, as help has it.
func roffFlags(flags []cli.Flag) (items string) {
	for _, f := range flags {
		d := docOf(f)
		items += roffItem(d.heading(), d.text())
	}
	return items
}

// roffItem writes a name with an indented text below it.
func roffItem(name, text string) string { return ".TP\n" + roffText(name) + roffText(text) }

// roffEscape writes characters that man(7) would read otherwise: a backslash begins an escape, and a bare
// hyphen is printed as one that a shell does not take for a dash.
func roffEscape(s string) string {
	return strings.NewReplacer(`\`, `\e`, "-", `\-`, "…", `\&...`).Replace(store.Clean(s))
}

// roffQuoted writes the argument of a macro.
func roffQuoted(s string) string { return `"` + strings.ReplaceAll(roffEscape(s), `"`, `\(dq`) + `"` }

// roffText writes lines. A line that begins like a macro gets a mark of no width in front.
func roffText(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		line = roffEscape(strings.TrimRight(line, "\n"))
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			line = `\&` + line
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

// roffProse writes paragraphs, whose lines man fills, and indented lines as they are: examples.
func roffProse(s string) string {
	var b strings.Builder
	verbatim := false
	for line := range strings.Lines(strings.Trim(s, "\n") + "\n") {
		indented := strings.HasPrefix(line, "   ")
		switch {
		case indented && !verbatim:
			b.WriteString(".nf\n")
		case !indented && verbatim:
			b.WriteString(".fi\n")
		}
		verbatim = indented
		if line == "\n" {
			b.WriteString(".PP\n")
		} else {
			b.WriteString(roffText(line))
		}
	}
	if verbatim {
		b.WriteString(".fi\n")
	}
	return b.String()
}
