package reportcmd

import (
	"bufio"
	"strings"

	"github.com/urfave/cli/v2"

	"trunkstat/report"
	"trunkstat/report/people"
	"trunkstat/report/render"
	"trunkstat/store"
	"trunkstat/store/command"
)

const mailmapDescription = `Prints a mailmap to start from: people who are probably one person under
several addresses, a block each, with the evidence in a comment. Addresses
of one Bitbucket account, and addresses with the same full name and the same
part before the @, are lines. Where only the names are equal, but for case,
spacing or Unicode form, the lines are commented out. Bots are left out.
Names such as root, and addresses such as dev@, are evidence of nothing.

Nothing is applied by itself: review the lines, then give the file to
reports with --mailmap, or to git as .mailmap. What the FILE of --mailmap
joins already is not printed again.

   trunkstat mailmap > team.mailmap
   trunkstat mailmap --mailmap team.mailmap`

// mailmapCommand is mailmap.
func mailmapCommand() *cli.Command {
	return &cli.Command{
		Name:        "mailmap",
		Usage:       "draft which addresses are probably one person's",
		Description: mailmapDescription,
		Flags:       []cli.Flag{mailmapFlag()},
		Action:      func(c *cli.Context) error { return withCode(runMailmap(c)) },
	}
}

// runMailmap prints the draft as it is, byte for byte, but on a terminal, which gets it without control
// characters: git compares the bytes of names.
func runMailmap(c *cli.Context) error {
	var q report.Query
	var err error
	if q.Filter.Workspace, err = command.Workspace(c); err != nil {
		return err
	}
	if err := readFiles(c, &q); err != nil {
		return err
	}
	proposals, err := report.DraftMailmap(c.Context, command.OpenDB(c), q)
	if err != nil {
		return err
	}
	b := bufio.NewWriter(c.App.Writer)
	isTerminal := render.TerminalOf(c.App.Writer, func(string) string { return "" }, true).Width > 0
	for _, line := range mailmapLines(proposals, q.MailmapFile) {
		if isTerminal {
			line = store.Clean(line)
		}
		b.WriteString(line + "\n")
	}
	return b.Flush()
}

// mailmapLines are the lines of the draft. file is the mailmap that was taken into account, if any. Evidence
// is in comments, and is cleaned: a newline in it would begin a line of the mailmap.
func mailmapLines(proposals []people.Proposal, file string) []string {
	lines := []string{
		"# A draft of a mailmap. Nothing is applied by itself: review it, save it as FILE, and use it with",
		"#   trunkstat report --by author --mailmap FILE",
		"# Lines that begin with # are doubtful: take the # away where it is one person.",
	}
	if file != "" {
		lines = append(lines, "# It goes behind the lines of "+store.Clean(file)+", which it does not repeat.")
	}
	if len(proposals) == 0 {
		return append(lines, "#", "# No two addresses look like one person's.")
	}
	for _, m := range proposals {
		lines = append(lines, "", "# "+strings.ToValidUTF8(store.Clean(m.Evidence), "?"))
		for _, line := range m.Lines {
			if !m.Certain {
				line = "# " + line
			}
			lines = append(lines, line)
		}
	}
	return lines
}
