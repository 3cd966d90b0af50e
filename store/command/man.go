package command

import (
	"slices"
	"strings"
	"text/template"

	"github.com/urfave/cli/v2"

	"trunkstat/store"
)

// variables are those of the environment that the program reads besides those of its flags.
var variables = []item{
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
			return manual.Execute(c.App.Writer, c.App)
		},
	}
}

// manual is the page of an app in the language of man(7). What is filled in goes through text, prose or
// quoted, so that none of it is read as a macro.
var manual = template.Must(template.New("man").Funcs(template.FuncMap{
	"text": roffText, "prose": roffProse, "quoted": roffQuoted,
	"options": options, "sections": sections, "environment": environment,
	"exitCodes": func() any { return ExitCodes },
}).Parse(`.TH TRUNKSTAT 1 "" {{quoted (print "trunkstat " .Version)}} "User Commands"
.SH "NAME"
{{text (print .Name " - " .Usage)}}.SH "SYNOPSIS"
{{text (print .Name " [GLOBAL OPTIONS] COMMAND [OPTIONS]")}}.SH "DESCRIPTION"
{{prose .Description}}.SH "GLOBAL OPTIONS"
They are taken before and after the command's name.
{{template "items" options .VisibleFlags}}.SH "COMMANDS"
{{range sections .Name .Commands}}.SS {{quoted .Heading}}
{{text .Summary}}{{with .Description}}.PP
{{prose .}}{{end}}{{template "items" .Options}}{{end}}.SH "ENVIRONMENT"
{{template "items" environment .}}.SH "EXIT STATUS"
{{range exitCodes}}.TP
{{.Code}}
{{text .Meaning}}{{end}}.SH "FILES"
The database is one file, which trunkstat db path names. Only its owner may read it.
{{define "items"}}{{range .}}.TP
{{text .Name}}{{text .Text}}{{end}}{{end}}`))

// An item is a name with an indented text below it.
type item struct{ Name, Text string }

// A section describes one command.
type section struct {
	Heading, Summary, Description string
	Options                       []item
}

// sections returns one for each command and for each of its subcommands.
func sections(before string, commands []*cli.Command) (list []section) {
	for _, c := range commands {
		if c.Hidden {
			continue
		}
		name := before + " " + c.Name
		heading := strings.TrimSpace(name + " " + strings.TrimSpace(c.ArgsUsage))
		summary := strings.ToUpper(c.Usage[:1]) + c.Usage[1:] + "."
		list = append(list, section{heading, summary, c.Description, options(c.VisibleFlags())})
		list = append(list, sections(name, c.Subcommands)...)
	}
	return list
}

// options returns an item for each flag, as help has it.
func options(flags []cli.Flag) (list []item) {
	for _, f := range flags {
		d := docOf(f)
		list = append(list, item{d.heading(), d.text()})
	}
	return list
}

// environment lists the variables that are not of a flag, then those of the flags of all commands.
func environment(app *cli.App) []item {
	list := slices.Clone(variables)
	seen := map[string]bool{}
	for _, f := range allFlags(app.VisibleFlags(), app.Commands) {
		d := docOf(f)
		for _, name := range d.env {
			if !seen[name] {
				list = append(list, item{name, "as " + d.names[0]})
			}
			seen[name] = true
		}
	}
	return list
}

// allFlags returns the flags, then those of the commands, and of the commands below them.
func allFlags(flags []cli.Flag, commands []*cli.Command) []cli.Flag {
	for _, c := range commands {
		flags = slices.Concat(flags, allFlags(c.VisibleFlags(), c.Subcommands))
	}
	return flags
}

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

// roffProse writes paragraphs, and indented lines as they are.
func roffProse(s string) string {
	var b strings.Builder
	verbatim := false
	for line := range strings.Lines(strings.Trim(s, "\n") + "\n") {
		indented := strings.HasPrefix(line, "   ")
		if indented != verbatim {
			b.WriteString(map[bool]string{true: ".nf\n", false: ".fi\n"}[indented])
		}
		if verbatim = indented; line == "\n" {
			line = ".PP\n"
		} else {
			line = roffText(line)
		}
		b.WriteString(line)
	}
	if verbatim {
		b.WriteString(".fi\n")
	}
	return b.String()
}
