package store

import "testing"

func TestPattern(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"shop", "shop", true},
		{"shop", "shops", false},
		{"SH*", "shop", true},
		{"sh*", "SHOP", true},
		{"s?op", "shop", true},
		{"[a-s]hop", "shop", true},
		{"[!s]hop", "shop", false},
		{"[^s]hop", "chop", true},
		{"[!s]hop", "chop", true},
		{"*", "a/b", false},
		{`\*`, "*", true},
		{"STRASSE", "straße", true},
		{"Zo\u00eb", "zoe\u0308", true},
		{"zoe\u0308*", "ZO\u00cb-tools", true},
		{"ΣΊΣΥΦΟΣ", "σίσυφος", true},
	} {
		patterns, err := NewPatterns(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		if got := patterns.Match(c.text); got != c.want {
			t.Errorf("%q matches %q: %t, want %t", c.pattern, c.text, got, c.want)
		}
	}
}

func TestPatternOfRepository(t *testing.T) {
	for pattern, want := range map[string]bool{
		"shop": true, "Acme/Shop": true, "*/shop": true, "other/shop": false, "acme": false, "acme/*": true,
	} {
		patterns, err := NewPatterns("nothing", pattern)
		if err != nil {
			t.Fatal(err)
		}
		if got := patterns.MatchRepository("acme", "shop"); got != want {
			t.Errorf("%q matches acme/shop: %t, want %t", pattern, got, want)
		}
	}
}

func TestPatternOfPeople(t *testing.T) {
	for pattern, want := range map[string]bool{
		"ANN@": true, "ann": true, "Ann*": true, "*com": false, "*com>": true, "[ci]": true, "bob": false,
	} {
		patterns, err := NewPatterns(pattern)
		if err != nil {
			t.Fatal(err)
		}
		if got := patterns.MatchPart("Ann/B [CI] <ann@example.com>"); got != want {
			t.Errorf("%q matches: %t, want %t", pattern, got, want)
		}
	}
}

func TestInvalidPattern(t *testing.T) {
	for _, text := range []string{"", "[", "[a", `\`, "[]"} {
		if _, err := NewPatterns("good", text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
	if patterns, err := NewPatterns(); err != nil || patterns.Match("") {
		t.Errorf("no pattern: %v, error %v", patterns, err)
	}
}
