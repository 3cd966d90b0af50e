package command

import (
	"fmt"
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
			// The words are as they were typed, with quotes, of which the last may be unclosed. In PowerShell, a
			// backslash is not an escape: it stays in the paths of Windows.
			shell := c.Args().First()
			quotes := strings.NewReplacer(`"`, "", `'`, "", `\`, "")
			if shell == "powershell" {
				quotes = strings.NewReplacer(`"`, "", `'`, "")
			}
			var words []string
			for _, word := range c.Args().Tail() {
				words = append(words, quotes.Replace(word))
			}
			words, typed := rejoin(words)
			for _, candidate := range parseLine(c.App, words).candidates(c) {
				candidate = strings.TrimPrefix(candidate, typed)
				if shell == "bash" { // which has no place for descriptions
					candidate, _, _ = strings.Cut(candidate, "\t")
				}
				fmt.Fprintln(c.App.Writer, candidate)
			}
			return nil
		},
	}
}

// files is the only candidate if the shell is to complete the name of a file.
const files = ":files"

// A line is a command line up to the word to complete.
type line struct {
	app     *cli.App
	command *cli.Command
	given   map[string]string // flags with values, by their first name
	args    int               // words behind the command that are not flags
	flag    cli.Flag          // whose value is to be completed, nil if it is another word
	word    string            // to be completed, without before
	before  string            // the part of the last word before the value: --by=
}

// parseLine reads the words as urfave/cli does, and flags behind arguments too. urfave/cli has a completion
// of its own, which offers no values of flags, and whose parser stops at the first flag that it does not
// know.
func parseLine(app *cli.App, words []string) *line {
	l := &line{app: app, given: map[string]string{}}
	l.word = words[len(words)-1]
	for words = words[:len(words)-1]; len(words) > 0; words = words[1:] {
		name, value, joined := strings.Cut(words[0], "=")
		f := l.find(name)
		switch {
		case f == nil:
			l.argument(words[0])
		case docOf(f).value == "": // a switch
		case joined:
			l.given[f.Names()[0]] = value
		case len(words) > 1:
			l.given[f.Names()[0]] = words[1]
			words = words[1:]
		default: // the value is the word to complete
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

// rejoin joins the words that bash splits at = and :, so that there is at least one. typed is the part of the
// last word up to the last of these characters: bash replaces what follows it, and no more.
func rejoin(words []string) (joined []string, typed string) {
	// No argument can contain a NUL.
	line := strings.NewReplacer("\x00=\x00", "=", "\x00:\x00", ":").Replace(strings.Join(words, "\x00") + "\x00")
	joined = strings.Split(strings.TrimSuffix(line, "\x00"), "\x00")
	if len(words) == 0 {
		return joined, ""
	}
	last, whole := words[len(words)-1], joined[len(joined)-1]
	if whole != last && (last == "=" || last == ":") {
		return joined, whole
	}
	return joined, strings.TrimSuffix(whole, last)
}

// argument reads a word that is not a flag of the program: a command or an argument. A flag that is not known
// is skipped, because a line that is being typed may hold mistakes that are about to be corrected.
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
	if l.command == nil {
		return l.app.VisibleCommands()
	}
	return l.command.VisibleCommands()
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

// candidates returns what the word may become, with a tab and a description behind it where there is one.
// Arguments are found in the text that help has for them: FILE, or words with | between them.
func (l *line) candidates(c *cli.Context) []string {
	var all []string
	switch {
	case l.flag != nil:
		all = l.values(c)
	case strings.HasPrefix(l.word, "-"):
		for _, f := range l.flags() {
			d := docOf(f)
			all = append(all, d.names[0]+"\t"+d.usage)
		}
	case l.command != nil && l.command.ArgsUsage == "FILE":
		all = []string{files}
	case l.command != nil && l.args == 0 && strings.Contains(l.command.ArgsUsage, "|"):
		all = strings.Split(l.command.ArgsUsage, "|")
	default:
		for _, sub := range l.commands() {
			all = append(all, sub.Name+"\t"+sub.Usage)
		}
	}
	if slices.Contains(all, files) { // the shell compares names of files with the word itself
		return all
	}
	var found []string
	for _, candidate := range all {
		if strings.HasPrefix(candidate, l.word) {
			found = append(found, l.before+candidate)
		}
	}
	return found
}
