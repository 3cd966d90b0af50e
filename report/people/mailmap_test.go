package people

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"
)

func TestMailmap(t *testing.T) {
	m, err := ParseMailmap(strings.NewReader("\ufeff# comment\n" +
		"Proper Name <commit@x.org>\n" +
		"<proper@x.org> <old@x.org>\r\n" +
		"Jane Doe <jane@x.org> <JANE@laptop> # a comment behind\n" +
		"Joe <joe@x.org> Builder <shared@x.org>\n" +
		"Ann <ann@x.org> ann <shared@x.org>\n" +
		"Shared <shared@x.org>\n" +
		"later wins <commit@x.org>\n" +
		"Empty <empty@x.org> nobody <>\n" +
		"no address\nno end <a@b\n  \n<>\n<no@op>\n"))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, email, wantName, wantEmail string
		mapped                           bool
	}{
		{"x", "commit@x.org", "later wins", "commit@x.org", true},
		{"x", "COMMIT@X.ORG", "later wins", "COMMIT@X.ORG", true},
		{"x", "old@x.org", "x", "proper@x.org", true},
		{"x", "jane@LAPTOP", "Jane Doe", "jane@x.org", true},
		{"builder", "shared@x.org", "Joe", "joe@x.org", true},
		{"Ann", "Shared@x.org", "Ann", "ann@x.org", true},
		{"other", "shared@x.org", "Shared", "shared@x.org", true},
		{"Nobody", "", "Empty", "empty@x.org", true},
		{"x", "unknown@x.org", "x", "unknown@x.org", false},
		{"x", "no@op", "x", "no@op", false},
		{"x", "", "x", "", false},
	}
	for _, test := range tests {
		name, email, mapped := m.Map(test.name, test.email)
		if name != test.wantName || email != test.wantEmail || mapped != test.mapped {
			t.Errorf("%s <%s>: got %s <%s> %t", test.name, test.email, name, email, mapped)
		}
	}
	var none *Mailmap
	if name, email, mapped := none.Map("a", "b"); name != "a" || email != "b" || mapped {
		t.Errorf("no mailmap maps to %s <%s> %t", name, email, mapped)
	}
}

func TestMailmapReadError(t *testing.T) {
	broken := errors.New("broken")
	if _, err := ParseMailmap(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

// TestMailmapAsGit makes random files, well formed and not, and asks git about random people.
func TestMailmapAsGit(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("there is no git")
	}
	dir := t.TempDir()
	if out, err := exec.Command(git, "init", "-q", dir).CombinedOutput(); err != nil {
		t.Fatalf("git init: %v: %s", err, out)
	}
	rng := rand.New(rand.NewPCG(7, 7))
	for round := range 60 {
		file := randomMailmap(rng)
		path := filepath.Join(dir, ".mailmap")
		if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		m, err := ParseMailmap(strings.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		var contacts, want []string
		for range 60 {
			name, email := pick(rng, mapNames), pick(rng, mapEmails)
			contacts = append(contacts, strings.TrimSpace(name+" <"+email+">"))
			name, email, _ = m.Map(strings.TrimSpace(name), email)
			want = append(want, strings.TrimLeft(name+" <"+email+">", " "))
		}
		cmd := exec.Command(git, "-C", dir, "check-mailmap", "--stdin")
		cmd.Stdin = strings.NewReader(strings.Join(contacts, "\n") + "\n")
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("git check-mailmap: %v", err)
		}
		for i, line := range strings.Split(strings.TrimSuffix(string(out), "\n"), "\n") {
			if line != want[i] {
				t.Errorf("round %d, %q: git says %q, we say %q\n%s", round, contacts[i], line, want[i], file)
			}
		}
	}
}

var (
	mapNames  = []string{"", "Jane", "JANE", "Joe Doe", "joe doe", "Ümläut", "ÜMLÄUT", "J#"}
	mapEmails = []string{"a@x", "A@X", "b@x", "B@x", "c@ä", "C@Ä", ""}
)

func pick(rng *rand.Rand, from []string) string { return from[rng.IntN(len(from))] }

func randomMailmap(rng *rand.Rand) string {
	var b strings.Builder
	contact := func() string {
		return fmt.Sprintf("%s%s%s<%s>", pick(rng, []string{"", " ", "\t"}), pick(rng, mapNames),
			pick(rng, []string{"", " ", "  "}), pick(rng, mapEmails))
	}
	for range rng.IntN(14) {
		line := contact()
		if rng.IntN(3) > 0 {
			line += contact()
		}
		switch rng.IntN(8) {
		case 0:
			line = "# " + line
		case 1:
			line = " #" + line
		case 2:
			line += " # more <z@x>"
		case 3:
			line = strings.Replace(line, ">", "", 1)
		case 4:
			line += "\r"
		}
		b.WriteString(line + "\n")
	}
	return strings.TrimSuffix(b.String(), pick(rng, []string{"\n", ""}))
}

func FuzzMailmap(f *testing.F) {
	f.Add("Jane <jane@x> Joe <joe@x>\n# c\n<a@b> <c@d>", "Joe", "JOE@x")
	f.Fuzz(func(t *testing.T, file, name, email string) {
		m, err := ParseMailmap(strings.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		gotName, gotEmail, mapped := m.Map(name, email)
		if !mapped && (gotName != name || gotEmail != email) {
			t.Errorf("%q <%q> became %q <%q> unmapped", name, email, gotName, gotEmail)
		}
	})
}

// TestMailmapEncodings reads what editors and shells on Windows write.
func TestMailmapEncodings(t *testing.T) {
	const text = "Zoë <zoe@example.com> <z@old.example>\r\n# comment\r\nAnn <a@example.com> <ann@old.example>\r\n"
	little, big := []byte{0xff, 0xfe}, []byte{0xfe, 0xff}
	for _, unit := range utf16.Encode([]rune(text)) {
		little = append(little, byte(unit), byte(unit>>8))
		big = append(big, byte(unit>>8), byte(unit))
	}
	for name, file := range map[string][]byte{
		"UTF-8": []byte(text), "UTF-8 with a mark": []byte("\ufeff" + text), "UTF-16LE": little, "UTF-16BE": big,
	} {
		m, err := ParseMailmap(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		for email, want := range map[string]string{"z@old.example": "Zoë", "ann@old.example": "Ann"} {
			if got, _, mapped := m.Map("x", email); got != want || !mapped {
				t.Errorf("%s: %s is mapped to %q, want %q", name, email, got, want)
			}
		}
	}
}
