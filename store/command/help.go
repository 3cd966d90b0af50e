package command

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// Description is what the program's help and manual begin with: the first steps.
const Description = `It asks Bitbucket for commits, never for source code, keeps them in one local
file, and counts them without a network. The first steps:

   trunkstat demo                               try it without an account
   trunkstat auth login --workspace WORKSPACE   verify and store a token
   trunkstat sync                               fetch what is new
   trunkstat report --by month --since 1y       count`

// first are the commands that help lists before all others.
var first = []string{"sync", "report", "export", "contributors", "mailmap"}

// inOrder returns the commands as help lists them.
func inOrder(commands []*cli.Command) []*cli.Command {
	rank := func(c *cli.Command) int {
		if i := slices.Index(first, c.Name); i >= 0 {
			return i
		}
		return len(first)
	}
	commands = slices.Clone(commands)
	slices.SortStableFunc(commands, func(a, b *cli.Command) int { return rank(a) - rank(b) })
	return commands
}

// urfave/cli has no way to set them for one app. The functions are for templates: what they write is made
// when help is asked for, and not whenever the program starts.
func init() {
	cli.FlagStringer = helpOf
	cli.HelpPrinter = func(w io.Writer, text string, data any) {
		cli.HelpPrinterCustom(w, text, data, map[string]any{"flagLists": flagLists, "exitCodes": exitCodes})
	}
}

// setHelp gives the app its help.
func setHelp(app *cli.App) {
	app.HideHelpCommand = true
	app.UsageText = app.Name + " [global options] COMMAND [options]"
	app.CustomAppHelpTemplate = cli.AppHelpTemplate + "{{exitCodes}}"
}

// setCommandHelp gives a command its help. The path is its name, with those of the commands above it.
func setCommandHelp(c *cli.Command, path string, globals string) {
	c.HideHelpCommand = true
	c.UsageText = strings.TrimSpace(path + " [options] " + strings.TrimSpace(c.ArgsUsage))
	if len(c.Subcommands) > 0 {
		c.UsageText = path + " COMMAND [options]"
		c.CustomHelpTemplate = cli.SubcommandHelpTemplate + globals + "{{exitCodes}}"
		return
	}
	// urfave/cli would sort the flags.
	head, _, _ := strings.Cut(cli.CommandHelpTemplate, "{{if .VisibleFlagCategories}}")
	c.CustomHelpTemplate = head + "\n{{flagLists .VisibleFlags}}" + globals + "{{exitCodes}}"
}

// More is the category of flags that few need. Help lists them behind the others, under a heading of its own.
const More = "MORE OPTIONS"

// InMore returns the flags with the category More.
func InMore(flags ...cli.Flag) []cli.Flag {
	for _, f := range flags {
		switch f := f.(type) {
		case *cli.StringFlag:
			f.Category = More
		case *cli.StringSliceFlag:
			f.Category = More
		case *cli.BoolFlag:
			f.Category = More
		case *suggestingFlag:
			f.Category = More
		default:
			panic(fmt.Sprintf("InMore: unexpected %T", f))
		}
	}
	return flags
}

// flagLists lists the flags of a command in their order, those in More under a heading of their own.
func flagLists(flags []cli.Flag) string {
	var most, more []cli.Flag
	for _, f := range flags {
		if f, ok := f.(cli.CategorizableFlag); ok && f.GetCategory() == More {
			more = append(more, f)
		} else {
			most = append(most, f)
		}
	}
	lists := "\nOPTIONS:\n" + flagList(most)
	if len(more) > 0 {
		lists += "\n" + More + ":\n" + flagList(more)
	}
	return lists
}

// flagList gives the texts of flags as many columns as their names leave.
func flagList(flags []cli.Flag) string {
	longest := 0
	for _, f := range flags {
		longest = max(longest, len([]rune(docOf(f).heading())))
	}
	list := ""
	for _, f := range flags {
		list += "   " + helpIn(f, helpWidth-longest-5) + "\n"
	}
	return list
}

// globalOptions is what the help of each command says of the flags that all commands share. Their texts would
// take half of each page.
func globalOptions(flags []cli.Flag) string {
	var headings []string
	for _, f := range flags {
		headings = append(headings, docOf(f).heading())
	}
	return "\nGLOBAL OPTIONS, before and after the command's name (see trunkstat --help):\n   " +
		strings.Join(wrap(strings.Join(headings, ", "), helpWidth-3), "\n   ") + "\n"
}

// exitCodes is what every help ends with.
func exitCodes() string {
	var b strings.Builder
	b.WriteString("\nEXIT CODES:\n")
	for _, e := range ExitCodes {
		fmt.Fprintf(&b, "   %-3d  %s\n", e.Code, strings.Join(wrap(e.Meaning, helpWidth-8), "\n        "))
	}
	return b.String()
}

// helpWidth is how many columns help has, and textWidth how many the text of a global flag.
const (
	helpWidth = 80
	textWidth = 52
)

// helpOf is a flag in help. urfave/cli would write the names of what is repeatable twice, and the text in
// a single line.
func helpOf(f cli.Flag) string { return helpIn(f, textWidth) }

func helpIn(f cli.Flag, width int) string {
	d := docOf(f)
	return d.heading() + "\t" + strings.Join(wrap(d.text(), width), "\n   \t")
}

// wrap breaks a text between words into lines of at most so many columns. The texts of this program have no
// characters that are two columns wide.
func wrap(text string, width int) []string {
	lines := []string{""}
	for _, word := range strings.Fields(text) {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case len([]rune(*last))+1+len([]rune(word)) <= width:
			*last += " " + word
		default:
			lines = append(lines, word)
		}
	}
	return lines
}
