package synccmd

import (
	"context"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"trunkstat/sync/sandbox"
)

// A glass is what a terminal shows after all that was written to it, as far as progress uses one:
// letters, line ends, the way up, and clearing to the end. Lines that are too wide wrap.
type glass struct {
	width, row, col int
	rows            [][]rune
}

func (g *glass) put(r rune) {
	if g.col == g.width {
		g.row, g.col = g.row+1, 0
	}
	for len(g.rows) <= g.row {
		g.rows = append(g.rows, nil)
	}
	for len(g.rows[g.row]) <= g.col {
		g.rows[g.row] = append(g.rows[g.row], ' ')
	}
	g.rows[g.row][g.col] = r
	g.col++
}

func (g *glass) write(t *testing.T, text string) {
	for len(text) > 0 {
		if rest, ok := strings.CutPrefix(text, "\x1b["); ok {
			end := strings.IndexAny(rest, "AJ")
			if end < 0 {
				t.Fatalf("another escape sequence: %.20q", text)
			}
			g.escape(rest[:end], rest[end])
			text = rest[end+1:]
			continue
		}
		r := []rune(text[:min(len(text), 4)])[0]
		text = text[len(string(r)):]
		switch r {
		case '\r':
			g.col = 0
		case '\n':
			g.row++
		default:
			g.put(r)
		}
	}
}

func (g *glass) escape(number string, what byte) {
	if what == 'A' {
		n, _ := strconv.Atoi(number)
		g.row = max(g.row-n, 0)
		return
	}
	if g.row < len(g.rows) {
		g.rows[g.row] = g.rows[g.row][:min(g.col, len(g.rows[g.row]))]
		g.rows = g.rows[:g.row+1]
	}
}

func (g *glass) String() string {
	var b strings.Builder
	for _, row := range g.rows {
		b.WriteString(strings.TrimRight(string(row), " ") + "\n")
	}
	return b.String()
}

// sizedTerminal is a terminal of so many columns, and all that is written to it; seen is called
// when the words are.
func sizedTerminal(t *testing.T, columns uint16, words string, seen func()) (
	user, tty *os.File, written func() string) {
	t.Helper()
	user, tty = openTerminal(t)
	size := &unix.Winsize{Row: 24, Col: columns}
	if err := unix.IoctlSetWinsize(int(tty.Fd()), unix.TIOCSWINSZ, size); err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	done := make(chan struct{})
	go func() {
		defer close(done)
		for b := make([]byte, 4096); ; {
			n, err := user.Read(b)
			all.Write(b[:n])
			if words != "" && strings.Contains(all.String(), words) {
				seen()
				words = ""
			}
			if err != nil {
				return
			}
		}
	}()
	return user, tty, func() string {
		tty.Close()
		<-done
		return all.String()
	}
}

// On a terminal there is a picture of the run while it lasts, notices stay above it, and when it
// is over nothing of it is left, typed letters or not.
func TestLiveProgress(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: it waits")
	}
	t.Parallel()
	p := newProgram(t)
	p.env["TRUNKSTAT_TOKEN"] = testAccessToken
	p.server.Latency(300 * time.Millisecond)
	p.server.Workspace("acme").Repository("website").Forbid(403)
	user, tty, written := sizedTerminal(t, 60, "", nil)
	p.server.OnRequest(func(n int, _ *http.Request) {
		if n == 2 {
			user.WriteString("ab") // is echoed
		}
	})
	err := p.runOn(context.Background(), tty, "-w", "acme", "sync")
	all := written()
	if err == nil {
		t.Error("a repository was refused, and nothing said so")
	}
	for _, text := range []string{"acme: listing, 0 repositories so far", "of 2 repositories, ",
		"limit 1,000 an hour", "api", "\x1b[J"} {
		if !strings.Contains(all, text) {
			t.Errorf("%q was never shown:\n%q", text, all)
		}
	}
	g := &glass{width: 60}
	g.write(t, all)
	left := strings.Split(strings.TrimSpace(g.String()), "\n")
	if !strings.HasPrefix(left[0], "trunkstat: acme: website: ") {
		t.Errorf("the notice is not the first thing left:\n%s", g)
	}
	for _, line := range left {
		if strings.Contains(line, "an hour") || strings.HasPrefix(line, "  ") {
			t.Errorf("left over: %q", line)
		}
	}
	if !strings.Contains(g.String(), "\nacme: 2 repositories listed, 1 synced, 1 failed\n") {
		t.Errorf("no summary:\n%s", g)
	}
}

// An interrupt in the middle of a wait ends it at once, and takes the picture away.
func TestLiveProgressInterrupted(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.env["TRUNKSTAT_TOKEN"] = testAccessToken
	p.waits = true
	p.server.Throttle(func(time.Time) http.Header { return http.Header{"Retry-After": {"3600"}} })
	p.server.FailNext("/commits", sandbox.TooManyRequests, 1)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	_, tty, written := sizedTerminal(t, 80, "Bitbucket's rate limit is reached", cancel)
	err := p.runOn(ctx, tty, "-w", "acme", "sync", "--jobs", "1")
	all := written()
	if err == nil || ctx.Err() == nil {
		t.Errorf("got %v; the wait was not shown:\n%q", err, all)
	}
	g := &glass{width: 80}
	g.write(t, all)
	if !strings.HasPrefix(g.String(), "acme: 2 repositories listed") {
		t.Errorf("left over:\n%s", g)
	}
}

// A terminal that became narrower has wrapped the lines; their rows are cleared all the same.
func TestLiveProgressNarrower(t *testing.T) {
	for width, rows := range map[int]string{40: "6", 20: "9", 80: "4", 100: "4"} {
		s := &screen{drawn: []int{79, 20, 41, 0}}
		if got := s.erase(width); got != "\r\x1b["+rows+"A\x1b[J" {
			t.Errorf("%d: %q", width, got)
		}
	}
}
