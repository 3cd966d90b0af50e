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

// first are the commands that help lists before all others: those that people run every week, and those that
// print numbers. main adds the commands package by package.
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

// urfave/cli has one printer of help for all apps of a process. It is set here and not in Prepare, because
// tests prepare many apps.
func init() { cli.HelpPrinter = printHelp }

// printHelp prints the help of an app or a command: what the template has above the flags, then the flags,
// the global flags and the exit codes. For the rest, the templates of urfave/cli do not serve: they sort
// the flags, write the names of a repeatable one twice, and each text in a single line.
func printHelp(w io.Writer, template string, of any) {
	// The templates for an app, a command and a group all have their flags behind this condition.
	head, _, _ := strings.Cut(template, "{{if .VisibleFlagCategories}}")
	cli.HelpPrinterCustom(w, head, of, nil)
	switch of := of.(type) {
	case *cli.App:
		fmt.Fprint(w, "\n\nGLOBAL OPTIONS:\n", flagList(of.VisibleFlags(), globalWidth))
	case *cli.Command:
		fmt.Fprint(w, "\n", commandFlags(of), globalFlags(of))
	}
	fmt.Fprint(w, "\nEXIT CODES:\n")
	for _, e := range ExitCodes {
		fmt.Fprintf(w, "   %-3d  %s\n", e.Code, strings.Join(wrap(e.Meaning, helpWidth-8), "\n        "))
	}
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

// commandFlags lists the flags of a command in their order, those in More under a heading of its own.
func commandFlags(c *cli.Command) string {
	var most, more []cli.Flag
	for _, f := range c.VisibleFlags() {
		if f, ok := f.(cli.CategorizableFlag); ok && f.GetCategory() == More {
			more = append(more, f)
		} else {
			most = append(most, f)
		}
	}
	lists := "\nOPTIONS:\n" + flagList(most, helpWidth)
	if len(more) > 0 {
		lists += "\n" + More + ":\n" + flagList(more, helpWidth)
	}
	return lists
}

// globalFlags names the flags that all commands share. Their texts would take half of each page.
func globalFlags(c *cli.Command) string {
	var headings []string
	for _, f := range c.Flags {
		if near, ok := f.(nearFlag); ok {
			headings = append(headings, docOf(near.Flag).heading())
		}
	}
	return "\nGLOBAL OPTIONS, before and after the command's name (see trunkstat --help):\n   " +
		strings.Join(wrap(strings.Join(headings, ", "), helpWidth-3), "\n   ") + "\n"
}

// helpWidth is how many columns help has: a terminal has so many by default. globalWidth is how many it has
// where the global flags are explained.
const (
	helpWidth   = 80
	globalWidth = 77
)

// flagList has the flags in a column, and beside it their texts, in lines that end before the width.
func flagList(flags []cli.Flag, width int) string {
	longest := 0
	for _, f := range flags {
		longest = max(longest, len([]rune(docOf(f).heading())))
	}
	indent := longest + 3 + 2 // before the names, and between names and texts
	list := ""
	for _, f := range flags {
		d := docOf(f)
		text := strings.Join(wrap(d.text(), width-indent), "\n"+strings.Repeat(" ", indent))
		list += fmt.Sprintf("   %-*s  %s\n", longest, d.heading(), text)
	}
	return list
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
