package command

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// misuse returns an error that exits 2 and names the help to read.
func misuse(c *cli.Context, format string, args ...any) error {
	return Misuse("%s (see %s --help)", fmt.Sprintf(format, args...), c.Command.HelpName)
}

// group is the action of a command that is only the name of its subcommands, and of the program itself.
// urfave/cli calls it if no subcommand has the name that was typed.
func group(c *cli.Context) error {
	var names []string
	for _, sub := range c.Command.VisibleCommands() {
		names = append(names, sub.Name)
	}
	wrong, top := c.Args().First(), len(c.Lineage()) == 2 // urfave/cli puts an empty context above the program's
	switch {
	case top && wrong == "help": // as with git
		words := append(c.Args().Tail(), "--help")
		return c.App.RunContext(c.Context, append([]string{c.App.Name}, words...))
	case wrong != "":
		return misuse(c, "unknown command %q%s; use %s", wrong,
			didYouMean(similarCommand(c.Command, wrong)), strings.Join(names, ", "))
	case top:
		return cli.ShowAppHelp(c)
	}
	return misuse(c, "%s requires a command; use %s", c.Command.HelpName, strings.Join(names, ", "))
}

// similarCommand returns the command below c whose name is most like the one that was typed, with the
// names of the commands above it. Of two with the same name, the first counts.
func similarCommand(c *cli.Command, typed string) string {
	var names []string
	paths := map[string]string{}
	walk("", c.Subcommands, func(path string, sub *cli.Command) {
		if paths[sub.Name] == "" {
			names, paths[sub.Name] = append(names, sub.Name), path
		}
	})
	return paths[strings.TrimLeft(mostSimilar(names, typed), "-")]
}

// mostSimilar returns the most similar of the names, with dashes in front, "" if none begins with the same
// letter. Without this condition, urfave/cli would suggest something for every word. Its function for flags
// serves for commands too: that for commands returns a whole sentence.
func mostSimilar(names []string, typed string) string {
	var flags []cli.Flag
	for _, name := range names {
		if typed != "" && strings.EqualFold(name[:1], typed[:1]) {
			flags = append(flags, &cli.BoolFlag{Name: name})
		}
	}
	return cli.SuggestFlag(flags, typed, true)
}

// didYouMean puts a suggestion into a message, and nothing if there is none.
func didYouMean(name string) string {
	if name == "" {
		return ""
	}
	return " (did you mean " + name + "?)"
}

// usageError puts what is wrong with a flag into a sentence. The errors of package flag and of urfave/cli
// have no types, and are not for users: they name Go's parsers. So they are read in the form in which they
// were printed. An error of another form is passed on as it is.
func usageError(c *cli.Context, err error, _ bool) error {
	text := err.Error()
	if name, ok := strings.CutPrefix(text, "flag provided but not defined: -"); ok {
		var names []string
		for _, f := range slices.Concat(c.Command.VisibleFlags(), c.App.VisibleFlags()) {
			names = append(names, f.Names()[0])
		}
		return misuse(c, "unknown flag %s%s", dashed(name), didYouMean(mostSimilar(names, name)))
	}
	if name, ok := strings.CutPrefix(text, "flag needs an argument: -"); ok {
		return misuse(c, "%s requires a value", dashed(name))
	}
	var value, name, kind string
	scan := func(form string, parts ...any) bool {
		n, _ := fmt.Sscanf(text, form, parts...)
		return n == len(parts)
	}
	// Only numbers have values that package flag refuses, besides the switches.
	switch {
	case scan("invalid value %q for flag -%s", &value, &name):
		name = dashed(strings.TrimSuffix(name, ":"))
		return misuse(c, "invalid value %q for %s, which takes a whole number", value, name)
	case scan("invalid boolean value %q for -%s", &value, &name):
		name = dashed(strings.TrimSuffix(name, ":"))
		return misuse(c, "invalid value %q for %s, which takes no value", value, name)
	case scan("could not parse %q as %s value from environment variable %q", &value, &kind, &name):
		return misuse(c, "invalid value %q of the variable %s, which takes a whole number", value, name)
	}
	return misuse(c, "%s", text)
}

// dashed is a flag as it is typed.
func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}
