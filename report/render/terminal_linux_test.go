package render

import (
	"fmt"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// pty opens a pseudo-terminal and returns the side that programs write to.
func pty(t *testing.T, columns uint16) *os.File {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no pseudo-terminals here:", err)
	}
	t.Cleanup(func() { master.Close() })
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	size := &unix.Winsize{Row: 24, Col: columns}
	if err := unix.IoctlSetWinsize(int(master.Fd()), unix.TIOCSWINSZ, size); err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { slave.Close() })
	return slave
}

func TestTerminalOf(t *testing.T) {
	tests := []struct {
		name    string
		env     map[string]string
		noColor bool
		want    Terminal
	}{
		{"as it is", map[string]string{"TERM": "xterm"}, false, Terminal{97, true}},
		{"COLUMNS", map[string]string{"COLUMNS": "50"}, false, Terminal{50, true}},
		{"COLUMNS is nonsense", map[string]string{"COLUMNS": "many"}, false, Terminal{97, true}},
		{"NO_COLOR", map[string]string{"NO_COLOR": "1"}, false, Terminal{97, false}},
		{"NO_COLOR is empty", map[string]string{"NO_COLOR": ""}, false, Terminal{97, true}},
		{"--no-color", nil, true, Terminal{97, false}},
		{"dumb", map[string]string{"TERM": "dumb"}, false, Terminal{97, false}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := TerminalOf(pty(t, 97), env(tt.env), tt.noColor); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
	if got := TerminalOf(pty(t, 0), env(nil), false); got.Width != 80 {
		t.Errorf("a terminal without a size is %d wide", got.Width)
	}
}
