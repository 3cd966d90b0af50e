package command

import (
	"embed"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"
)

// scripts has a file for each shell, under its name. They are files so that linters of shells can read them.
//
//go:embed script
var scripts embed.FS

// shells are the names of the scripts.
var shells = []string{"bash", "zsh", "fish", "powershell"}

// completionCommand returns completion. Its scripts ask the program itself for candidates (complete-words),
// so they need no change when a command or a flag is added.
func completionCommand() *cli.Command {
	return &cli.Command{
		Name:      "completion",
		Usage:     "print a shell completion script",
		ArgsUsage: strings.Join(shells, "|"),
		Description: `The script completes commands, flags and their values. Workspaces,
repositories and projects come from the database, without network or
keychain; nothing on the command line is evaluated. To use it in every shell:

   echo 'source <(trunkstat completion bash)' >> ~/.bashrc
   trunkstat completion zsh > "${fpath[1]}/_trunkstat"
   trunkstat completion fish > ~/.config/fish/completions/trunkstat.fish
   trunkstat completion powershell >> $PROFILE`,
		Action: func(c *cli.Context) error {
			// PowerShell's own command is called pwsh since version 6.
			shell := strings.Replace(c.Args().First(), "pwsh", "powershell", 1)
			script, err := scripts.ReadFile("script/" + shell)
			if err != nil || c.NArg() != 1 {
				return Misuse("completion takes one argument, the shell: %s", strings.Join(shells, ", "))
			}
			_, err = fmt.Fprintf(c.App.Writer, "%s", script)
			return err
		},
	}
}
