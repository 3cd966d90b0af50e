package store

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"plain", "Ada Lovelace <ada@example.org>", "Ada Lovelace <ada@example.org>"},
		{"empty", "", ""},
		{"scripts", "山田太郎 שלום नमस्ते Zoë", "山田太郎 שלום नमस्ते Zoë"},
		{"emoji", "👨‍👩‍👧 🇩🇪 ❤️ 1️⃣", "👨‍👩‍👧 🇩🇪 ❤️ 1️⃣"},
		{"colour", "a\x1b[1;31mb\x1b[0mc", "abc"},
		{"title, BEL", "a\x1b]0;title\ab", "ab"},
		{"link, ST", "a\x1b]8;;http://x\x1b\\b\x1b]8;;\x1b\\c", "abc"},
		{"device control", "a\x1bPq#1\x1b\\b", "ab"},
		{"C1 introducer", "a\u009b31mb", "ab"},
		{"C1 string", "a\u009d0;x\u009cb", "ab"},
		{"charset", "a\x1b(Bb", "ab"},
		{"reset", "a\x1bcb", "ab"},
		{"lone escape", "a\x1b", "a"},
		{"string without end", "a\x1b]0;name", "a0;name"},
		{"sequence in a sequence", "a\x1b[\x1b[31mb", "ab"},
		{"sequence made by cleaning", "\x1b\x1b[31m[31mb", "[31mb"},
		{"newline, tab", "a\nb\tc\r\nd", "a b c  d"},
		{"bell, backspace, null", "a\ab\bc\x00d\x7fe", "abcde"},
		{"override", "\u202egnp.exe\u202c", "gnp.exe"},
		{"isolates and marks", "a\u2066b\u2069c\u200fd\u061ce", "abcde"},
		{"line separators", "a\u2028b\u2029c\u0085d", "a b c d"},
		{"invisible", "a\ufeffb\u200bc\u00add", "abcd"},
		{"not UTF-8", "a\xffb\xc3", "a\ufffdb\ufffd"},
		{"raw C1 byte", "a\x9b31mb", "a\ufffd31mb"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Clean(tt.text); got != tt.want {
				t.Errorf("Clean(%q) = %q, want %q", tt.text, got, tt.want)
			}
		})
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"Ada", "\x1b[31m", "\x1b]0;x\a", "\u009b1m", "\xff", "\u202e", "a\x1b\x1b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Clean(s)
		if !utf8.ValidString(got) || strings.ContainsFunc(got, unicode.IsControl) {
			t.Errorf("Clean(%q) = %q", s, got)
		}
		if again := Clean(got); again != got {
			t.Errorf("Clean(%q) = %q, and then %q", s, got, again)
		}
	})
}
