package render

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func env(pairs map[string]string) func(string) string {
	return func(name string) string { return pairs[name] }
}

func TestTerminalOfPipesAndFiles(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r, pipe, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer pipe.Close()
	columns := env(map[string]string{"COLUMNS": "100", "TERM": "xterm-256color"})
	if got := TerminalOf(&bytes.Buffer{}, columns, false); got != (Terminal{}) {
		t.Errorf("a buffer is %+v", got)
	}
	for _, f := range []*os.File{file, pipe} {
		if got := TerminalOf(f, columns, false); got != (Terminal{}) {
			t.Errorf("%s is %+v", f.Name(), got)
		}
	}
}

func TestTerminalWidth(t *testing.T) {
	const none = -1 // no such descriptor: the terminal does not tell
	for columns, want := range map[string]int{"132": 132, "": 80, "0": 80, "-5": 80, "wide": 80} {
		if got := terminalWidth(none, columns); got != want {
			t.Errorf("COLUMNS=%q: %d, want %d", columns, got, want)
		}
	}
}
