package render

import (
	"strings"
	"testing"

	"github.com/clipperhouse/displaywidth"
)

func TestWrap(t *testing.T) {
	tests := []struct {
		name, text string
		width      int
		want       string
	}{
		{"no terminal", "one · two three\n", 0, "one · two three\n"},
		{"room", "one · two three\n", 15, "one · two three\n"},
		{"between parts", "one · two three\n", 14, "one\ntwo three\n"},
		{"as many parts as fit", "a · b · c · d\n", 5, "a · b\nc · d\n"},
		{"within a part", "one · two three four\n", 9, "one\ntwo three\nfour\n"},
		{"a part goes on behind another's words", "one two · x\n", 7, "one two\nx\n"},
		{"a word is not cut", "one · abcdefghij k\n", 4, "one\nabcdefghij\nk\n"},
		{"lines stay apart", "one two\nthree\n\nx", 5, "one\ntwo\nthree\n\nx"},
		{"columns, not bytes", "山田 太郎\n", 9, "山田 太郎\n"},
		{"wide", "山田 太郎\n", 8, "山田\n太郎\n"},
		{"nothing", "", 5, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Wrap(tt.text, tt.width); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestWrapFooter loses no word of a footer at any width, and is never wider than it must be.
func TestWrapFooter(t *testing.T) {
	words := func(s string) string {
		return strings.Join(strings.Fields(strings.ReplaceAll(s, dot, " ")), " ")
	}
	for name, res := range reports() {
		footer := Footer(res)
		for width := 1; width < 200; width++ {
			got := Wrap(footer, width)
			if words(got) != words(footer) {
				t.Fatalf("%s at %d: %q has other words", name, width, got)
			}
			for line := range strings.Lines(got) {
				line = strings.TrimSuffix(line, "\n")
				if displaywidth.String(line) > width && strings.Contains(line, " ") {
					t.Fatalf("%s at %d: %q is too wide", name, width, line)
				}
			}
		}
	}
}
