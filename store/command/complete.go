package command

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// completeCommand is what the scripts run. Its arguments are the name of the shell and the words of the
// command line without the program; the last of them is the one to complete. It prints a candidate a line,
// with a tab and a description for all shells but bash, or :files if the shell is to complete the name of
// a file. It never fails.
func completeCommand() *cli.Command {
	return &cli.Command{
		Name: "complete-words", Hidden: true, HideHelp: true, SkipFlagParsing: true,
		Action: func(c *cli.Context) error {
			shell := c.Args().First()
			quotes := strings.NewReplacer(`"`, "", `'`, "", `\`, "") // as they were typed; the last may be unclosed
			if shell == "powershell" {                               // where a backslash is no escape
				quotes = strings.NewReplacer(`"`, "", `'`, "")
			}
			var words []string
			for _, word := range c.Args().Tail() {
				words = append(words, quotes.Replace(word))
			}
			l := parseLine(c.App, words)
			for _, candidate := range l.candidates(c) {
				text := strings.TrimPrefix(candidate.value, l.typed)
				if shell != "bash" && candidate.usage != "" {
					text += "\t" + candidate.usage
				}
				fmt.Fprintln(c.App.Writer, text)
			}
			return nil
		},
	}
}

// A candidate is a word that the one to complete may become.
type candidate struct{ value, usage string }

// files makes the shell complete the name of a file.
var files = []candidate{{value: ":files"}}

// A line is a command line up to the word to complete.
type line struct {
	app     *cli.App
	command *cli.Command
	given   map[string]string // flags with values, by their first name
	args    int
	flag    cli.Flag // whose value is to be completed
	word    string   // to be completed
	before  string   // the part of the word before the value: --by=
	typed   string   // the part of the word that the shell keeps, so that it is not printed
}

// parseLine reads the words as urfave/cli does, and flags behind arguments too. urfave/cli has a completion of
// its own, which offers no values of flags, and whose parser stops at the first flag that it does not know.
func parseLine(app *cli.App, words []string) *line {
	l := &line{app: app, given: map[string]string{}}
	if len(words) == 0 {
		words = []string{""}
	}
	words, l.typed = rejoin(words)
	l.word = words[len(words)-1]
	for words = words[:len(words)-1]; len(words) > 0; words = words[1:] {
		name, value, joined := strings.Cut(words[0], "=")
		f := l.find(name)
		switch {
		case f == nil:
			l.argument(words[0])
		case docOf(f).value == "":
		case joined:
			l.given[f.Names()[0]] = value
		case len(words) > 1:
			l.given[f.Names()[0]] = words[1]
			words = words[1:]
		default:
			l.flag = f
		}
	}
	if name, value, ok := strings.Cut(l.word, "="); ok && l.flag == nil {
		if f := l.find(name); f != nil && docOf(f).value != "" {
			l.flag, l.word, l.before = f, value, name+"="
		}
	}
	return l
}

// separator is = or : as a word of its own, where words are joined with NUL, which no argument can contain.
var separator = regexp.MustCompile(`\x00([=:])(?:\x00|$)`)

// rejoin joins the words that bash splits at = and :. typed is the part of the last word up to the last
// of these: bash replaces what follows it, and no more.
func rejoin(words []string) (joined []string, typed string) {
	joined = strings.Split(separator.ReplaceAllString(strings.Join(words, "\x00"), "$1"), "\x00")
	last, whole := words[len(words)-1], joined[len(joined)-1]
	switch {
	case last == whole:
		return joined, ""
	case last == "=" || last == ":":
		return joined, whole
	}
	return joined, strings.TrimSuffix(whole, last)
}

// argument reads a word that is not a flag: a command or an argument.
func (l *line) argument(word string) {
	if strings.HasPrefix(word, "-") {
		return
	}
	for _, c := range l.commands() {
		if c.HasName(word) {
			l.command = c
			return
		}
	}
	l.args++
}

// commands returns the commands that may follow.
func (l *line) commands() []*cli.Command {
	of := l.app.Commands
	if l.command != nil {
		of = l.command.Subcommands
	}
	return slices.DeleteFunc(slices.Clone(of), func(c *cli.Command) bool { return c.Hidden })
}

// flags returns the flags that may follow: those of the command and the global ones.
func (l *line) flags() []cli.Flag {
	if l.command == nil {
		return l.app.VisibleFlags()
	}
	return append(l.command.VisibleFlags(), l.app.VisibleFlags()...)
}

// find returns the flag that is typed so, with its dashes, or nil.
func (l *line) find(written string) cli.Flag {
	name := strings.TrimLeft(written, "-")
	if name == written || name == "" {
		return nil
	}
	for _, f := range l.flags() {
		if slices.Contains(f.Names(), name) {
			return f
		}
	}
	return nil
}

// candidates returns what the word may become. Arguments are known from the text that help has for them: FILE,
// or words with | between them.
func (l *line) candidates(c *cli.Context) []candidate {
	var all []candidate
	switch {
	case l.flag != nil:
		all = l.values(c)
	case strings.HasPrefix(l.word, "-"):
		for _, f := range l.flags() {
			d := docOf(f)
			all = append(all, candidate{d.names[0], d.usage})
		}
	case l.command != nil && l.command.ArgsUsage == "FILE":
		all = files
	case l.command != nil && l.args == 0 && strings.Contains(l.command.ArgsUsage, "|"):
		all = plain(strings.Split(l.command.ArgsUsage, "|"))
	default:
		for _, sub := range l.commands() {
			all = append(all, candidate{sub.Name, sub.Usage})
		}
	}
	var found []candidate
	for _, one := range all {
		switch {
		case one == files[0]:
			return files
		case strings.HasPrefix(one.value, l.word):
			found = append(found, candidate{l.before + one.value, one.usage})
		}
	}
	return found
}

// plain returns candidates without descriptions.
func plain(values []string) []candidate {
	var all []candidate
	for _, v := range values {
		all = append(all, candidate{value: v})
	}
	return all
}
