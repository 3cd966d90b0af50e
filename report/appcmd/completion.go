package appcmd

import (
	"embed"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"
)

//go:embed script
var scripts embed.FS

// Shells are those that completion knows.
var Shells = []string{"bash", "zsh", "fish", "powershell"}

func completionCommand() *cli.Command {
	return &cli.Command{
		Name:      "completion",
		Usage:     "print what makes a shell complete commands, flags and their values",
		ArgsUsage: strings.Join(Shells, "|"),
		Description: `Workspaces, repositories and projects are those in the database; neither the network nor the
keychain is touched, and nothing on the command line is evaluated. To have it in every shell:

   echo 'source <(trunkstat completion bash)' >> ~/.bashrc
   trunkstat completion zsh > "${fpath[1]}/_trunkstat"
   trunkstat completion fish > ~/.config/fish/completions/trunkstat.fish
   trunkstat completion powershell >> $PROFILE`,
		Action: func(c *cli.Context) error {
			shell := strings.Replace(c.Args().First(), "pwsh", "powershell", 1)
			script, err := scripts.ReadFile("script/" + shell)
			if err != nil || c.NArg() != 1 {
				return cli.Exit("completion takes one argument, the shell: "+strings.Join(Shells, ", "), 2)
			}
			_, err = fmt.Fprintf(c.App.Writer, "%s", script)
			return err
		},
	}
}
