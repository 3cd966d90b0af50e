package render

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

// looks are the ways a report is rendered for the golden files.
var looks = []struct {
	suffix, format string
	term           Terminal
}{
	{"plain.txt", "table", Terminal{}},
	{"80.txt", "table", Terminal{Width: 80}},
	{"80-colour.txt", "table", Terminal{Width: 80, Color: true}},
	{"120.txt", "table", Terminal{Width: 120}},
	{"120-colour.txt", "table", Terminal{Width: 120, Color: true}},
	{"csv", "csv", Terminal{}},
	{"json", "json", Terminal{}},
	{"md", "markdown", Terminal{}},
	{"html", "html", Terminal{}},
}

func TestGolden(t *testing.T) {
	for name, res := range reports() {
		for _, look := range looks {
			file := name + "." + look.suffix
			t.Run(file, func(t *testing.T) {
				golden(t, file, []byte(render(t, res, look.format, look.term)))
			})
		}
		t.Run(name+".footer", func(t *testing.T) {
			golden(t, name+".footer.txt", []byte(Footer(res)))
		})
	}
}

// golden holds got against a file of testdata, or with -update makes it that file.
func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", file)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("differs from %s; look at it with -update and git diff\n%s", path, firstLine(got, want))
	}
}

// firstLine shows the first line that differs.
func firstLine(got, want []byte) string {
	g, w := bytes.Split(got, []byte("\n")), bytes.Split(want, []byte("\n"))
	for i := range min(len(g), len(w)) {
		if !bytes.Equal(g[i], w[i]) {
			return fmt.Sprintf("line %d\ngot  %.300q\nwant %.300q", i+1, g[i], w[i])
		}
	}
	return fmt.Sprintf("%d lines instead of %d", len(g), len(w))
}
