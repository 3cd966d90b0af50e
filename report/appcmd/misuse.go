package appcmd

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// misuse is an error in how the program was called.
func misuse(c *cli.Context, format string, args ...any) error {
	return cli.Exit(fmt.Sprintf(format, args...)+" (see "+c.Command.HelpName+" --help)", 2)
}

// group is the action of a command that is only the name of its subcommands.
func group(c *cli.Context) error {
	var names []string
	for _, sub := range c.Command.VisibleCommands() {
		names = append(names, sub.Name)
	}
	there := strings.Join(names, ", ")
	wrong, top := c.Args().First(), len(c.Lineage()) == 2
	switch {
	case top && wrong == "help": // as with git
		words := append(c.Args().Tail(), "--help")
		return c.App.RunContext(c.Context, append([]string{c.App.Name}, words...))
	case wrong != "":
		return misuse(c, "unknown command %q%s: there are %s", wrong,
			didYouMean(nearest(wrong, paths(c.Command, ""))), there)
	case top:
		return cli.ShowAppHelp(c)
	}
	return misuse(c, "%s needs one of %s", c.Command.HelpName, there)
}

// paths are the names of the commands below one, with those that lead to them before them.
func paths(c *cli.Command, before string) []string {
	var all []string
	for _, sub := range c.VisibleCommands() {
		all = append(all, before+sub.Name)
		all = append(all, paths(sub, before+sub.Name+" ")...)
	}
	return all
}

// How the packages below put what is wrong with a flag.
var (
	undefinedFlag = regexp.MustCompile(`^flag provided but not defined: -(.+)$`)
	missingValue  = regexp.MustCompile(`^flag needs an argument: -(.+)$`)
	wrongValue    = regexp.MustCompile(`(?s)^invalid (boolean )?value (".*") for (?:flag )?-([\w-]+): `)
	wrongVariable = regexp.MustCompile(`(?s)^could not parse (".*") as .* from environment variable "(\w+)" for flag `)
)

// usageError says in words of ours what is wrong with a flag.
func usageError(c *cli.Context, err error, _ bool) error {
	text := err.Error()
	if m := undefinedFlag.FindStringSubmatch(text); m != nil {
		var names []string
		for _, f := range slices.Concat(visible(c.Command.Flags), global(c.App)) {
			names = append(names, docOf(f).names[0])
		}
		return misuse(c, "unknown flag %s%s", dashed(m[1]), didYouMean(nearest(dashed(m[1]), names)))
	}
	if m := missingValue.FindStringSubmatch(text); m != nil {
		return misuse(c, "%s needs a value", dashed(m[1]))
	}
	if m := wrongValue.FindStringSubmatch(text); m != nil {
		kind := "a whole number"
		if m[1] != "" {
			kind = "no value"
		}
		return misuse(c, "%s takes %s, not %s", dashed(m[3]), kind, m[2])
	}
	if m := wrongVariable.FindStringSubmatch(text); m != nil {
		return misuse(c, "the variable %s takes a whole number, not %s", m[2], m[1])
	}
	return misuse(c, "%s", text)
}

// dashed is a flag as it is written.
func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

func didYouMean(near string) string {
	if near == "" {
		return ""
	}
	return " (did you mean " + near + "?)"
}

// nearest is the name whose last word is most like the one that was typed, "" where none is alike.
func nearest(typed string, names []string) string {
	best, least := "", 1+len(typed)/3
	for _, name := range names {
		last := name[strings.LastIndex(name, " ")+1:]
		if d := distance(strings.ToLower(typed), last); d < least {
			best, least = name, d
		}
	}
	return best
}

// distance is how many letters have to be changed, added, left out, or exchanged with the next.
func distance(a, b string) int {
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		older, above, row := rows[(i+1)%3], rows[(i-1)%3], rows[i%3]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := above[j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			row[j] = min(change, above[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], older[j-2]+1)
			}
		}
	}
	return rows[len(a)%3][len(b)]
}
