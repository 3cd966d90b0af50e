package synccmd

import (
	"strings"
	"testing"
)

// A terminal gets none of the control sequences that others wrote, whatever the command.
func TestTerminalIsClean(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.env["TRUNKSTAT_TOKEN"] = testAccessToken
	acme := p.server.Workspace("acme")
	acme.Repository("website").SetProject(clipboard)
	acme.NewRepository("evil"+clipboard).Commits("main", 2)
	acme.Repository("evil" + clipboard).Forbid(403)
	for _, args := range []string{"sync", "sync --verbose", "sync --format json", "sync --repo none" + clipboard,
		"repos", "repos --format csv", "repos --format json", "repos --sort x" + clipboard,
		"doctor --verbose", "auth status", "auth list", "auth status --format json",
		"auth logout --workspace " + clipboard, "doctor --db " + clipboard} {
		_, tty, written := sizedTerminal(t, 200, "", nil)
		p.runOn(t.Context(), tty, append([]string{"-w", "acme"}, strings.Fields(args)...)...)
		if all := written(); strings.Contains(all, "\x1b]52") || strings.Contains(all, "\a") {
			t.Errorf("%s: %q", args, all)
		}
	}
}
