package githistory

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// gitLog reads a history by git log, in the same order. Its text is made valid UTF-8 as JSON does it.
func gitLog(t testing.TB, dir string, args ...string) (list []Commit) {
	t.Helper()
	args = append([]string{"-c", "log.mailmap=false", "--no-replace-objects", "log", "-z", "--date-order",
		"--no-show-signature", "--no-decorate", "--no-notes", "--encoding=UTF-8", "--format=%H%n%P%n%ct%n%an <%ae>%n%B"}, args...)
	out := runGit(t, dir, "", args...)
	for record := range strings.SplitSeq(strings.TrimSuffix(out, "\x00"), "\x00") {
		part := strings.SplitN(record, "\n", 5)
		c := Commit{AuthorRaw: string([]rune(part[3])), Message: string([]rune(part[4]))}
		c.Hash, _ = parseHash(part[0])
		for p := range strings.FieldsSeq(part[1]) {
			h, _ := parseHash(p)
			c.Parents = append(c.Parents, h)
		}
		if date, err := strconv.ParseInt(part[2], 10, 64); err == nil {
			c.Date = date
		}
		list = append(list, c)
	}
	return list
}

func equal(a, b Commit) bool {
	return a.Hash == b.Hash && a.Date == b.Date && a.AuthorRaw == b.AuthorRaw && a.Message == b.Message &&
		slices.Equal(a.Parents, b.Parents)
}

// same compares two histories, record by record.
func same(t testing.TB, got, want []Commit) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d commits, want %d", len(got), len(want))
	}
	for i := range min(len(got), len(want)) {
		if !equal(got[i], want[i]) {
			t.Fatalf("commit %d of %d:\ngot  %#v\nwant %#v", i, len(want), got[i], want[i])
		}
	}
}

const signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n author Nobody <n@example.com> 1 +0000\n =abcd\n" +
	" -----END PGP SIGNATURE-----\n"

// oddities are commits as they occur in old histories: what follows the parents.
var oddities = []struct{ name, object string }{
	{"plain", "author A <a@x> 1 +0000\ncommitter B <b@x> 1000 +0000\n\nmessage\n"},
	{"no final newline", "author A <a@x> 1 +0000\ncommitter B <b@x> 1000 +0000\n\nmessage"},
	{"no message", "author A <a@x> 1 +0000\ncommitter B <b@x> 1000 +0000\n\n"},
	{"blank lines around", "author A <a@x> 1 +0000\ncommitter B <b@x> 1000 +0000\n\n\n\n subject\n\n\tbody\r\n\n\n"},
	{"trailing blanks", "author A <a@x> 1 +0000\ncommitter B <b@x> 1000 +0000\n\nsubject  \t\nsecond line \n"},
	{"NUL", "author A <a@x> 1 +0000\ncommitter B <b@x> 1000 +0000\n\nbefore\x00after\n"},
	{"Latin-1", "author J\xfcrgen <j@x> 1 +0000\ncommitter B <b@x> 1000 +0000\nencoding ISO-8859-1\n\ngr\xfc\xdfe\n"},
	{"latin-1", "author J\xfcrgen <j@x> 1 +0000\ncommitter B <b@x> 1000 +0000\nencoding latin-1\n\ngr\xfc\xdfe\n"},
	{"CP1252", "author A <a@x> 1 +0000\ncommitter B <b@x> 1000 +0000\nencoding CP1252\n\n\x80 \x93x\x94\n"},
	{"CP1251", "author A <a@x> 1 +0000\ncommitter B <b@x> 1000 +0000\nencoding cp1251\n\n\xcf\xf0\xe8\n"},
	{"Shift JIS", "author A <a@x> 1 +0000\ncommitter B <b@x> 1000 +0000\nencoding SHIFT-JIS\n\n\x93\xfa\x96{\n"},
	{"EUC-JP", "author A <a@x> 1 +0000\ncommitter B <b@x> 1000 +0000\nencoding EUC-JP\n\n\xc6\xfc\xcb\xdc\n"},
	{"ISO-2022-JP", "author A <a@x> 1 +0000\ncommitter B <b@x> 1000 +0000\nencoding ISO-2022-JP\n\n\x1b$BF|K\\\x1b(B\n"},
	{"GB18030", "author A <a@x> 1 +0000\ncommitter B <b@x> 1000 +0000\nencoding GB18030\n\n\xd6\xd0\xce\xc4\n"},
	{"GBK", "author A <a@x> 1 +0000\ncommitter B <b@x> 1000 +0000\nencoding GBK\n\n\xd6\xd0\xce\xc4\n"},
	{"EUC-KR", "author A <a@x> 1 +0000\ncommitter B <b@x> 1000 +0000\nencoding EUC-KR\n\n\xc7\xd1\n"},
	{"Big5", "author A <a@x> 1 +0000\ncommitter B <b@x> 1000 +0000\nencoding Big5\n\n\xa4\xa4\xa4\xe5\n"},
	{"KOI8-R", "author A <a@x> 1 +0000\ncommitter B <b@x> 1000 +0000\nencoding KOI8-R\n\n\xd0\xd2\xc9\n"},
	{"ISO-8859-2", "author A <a@x> 1 +0000\ncommitter B <b@x> 1000 +0000\nencoding ISO8859-2\n\n\xb1\xea\n"},
	{"ISO-8859-15", "author A <a@x> 1 +0000\ncommitter B <b@x> 1000 +0000\nencoding iso8859-15\n\n\xa4\n"},
	{"says UTF-8", "author A <a@x> 1 +0000\ncommitter B <b@x> 1000 +0000\nencoding utf-8\n\ngrüße\n"},
	{"unknown encoding", "author A <a@x> 1 +0000\ncommitter B <b@x> 1000 +0000\nencoding nonsense\n\ngr\xfc\xdfe ü\n"},
	{"wrong encoding", "author A <a@x> 1 +0000\ncommitter B <b@x> 1000 +0000\nencoding EUC-JP\n\ngr\xfc ü\n"},
	{"invalid UTF-8", "author J\xfcrg <j@x> 1 +0000\ncommitter B <b@x> 1000 +0000\n\n\xff\xfe\xe2\x82 ok\n"},
	{"empty author", "author  <> 1 +0000\ncommitter B <b@x> 1000 +0000\n\nm\n"},
	{"no name", "author <a@x> 1 +0000\ncommitter B <b@x> 1000 +0000\n\nm\n"},
	{"blanks in the name", "author   A  B \t <a@x> 1 +0000\ncommitter B <b@x> 1000 +0000\n\nm\n"},
	{"blanks in the e-mail", "author A < a@x > 1 +0000\ncommitter B <b@x> 1000 +0000\n\nm\n"},
	{"two e-mails", "author A <a@x> <b@x> 1 +0000\ncommitter B <b@x> <c@x> 1000 +0000\n\nm\n"},
	{"brackets in the e-mail", "author A <<a@x>> 1 +0000\ncommitter B <<b@x>> 1000 +0000\n\nm\n"},
	{"no e-mail", "author A 1 +0000\ncommitter B <b@x> 1000 +0000\n\nm\n"},
	{"open e-mail", "author A <a@x 1 +0000\ncommitter B <b@x> 1000 +0000\n\nm\n"},
	{"no author", "committer B <b@x> 1000 +0000\n\nm\n"},
	{"far date", "author A <a@x> 1 +0000\ncommitter B <b@x> 253402300799 +0000\n\nm\n"},
	{"farther date", "author A <a@x> 1 +0000\ncommitter B <b@x> 9007199254740993 +0000\n\nm\n"},
	{"date beyond 63 bits", "author A <a@x> 1 +0000\ncommitter B <b@x> 18446744073709551615 +0000\n\nm\n"},
	{"date beyond 64 bits", "author A <a@x> 1 +0000\ncommitter B <b@x> 99999999999999999999999 +0000\n\nm\n"},
	{"date zero", "author A <a@x> 1 +0000\ncommitter B <b@x> 0 +0000\n\nm\n"},
	{"negative date", "author A <a@x> 1 +0000\ncommitter B <b@x> -5 +0000\n\nm\n"},
	{"no date", "author A <a@x> 1 +0000\ncommitter B <b@x>\n\nm\n"},
	{"odd zone", "author A <a@x> 1 +0000\ncommitter B <b@x> 1000 +051800\n\nm\n"},
	{"signed", "author A <a@x> 1 +0000\ncommitter B <b@x> 1000 +0000\n" + signature + "\nm\n"},
	{"merged tag", "author A <a@x> 1 +0000\ncommitter B <b@x> 1000 +0000\nmergetag object 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n" +
		" type commit\n tag v1\n tagger T <t@x> 5 +0000\n \n encoding x\n author Z <z@x> 1 +0000\n\nm\n"},
	{"other headers", "author A <a@x> 1 +0000\ncommitter B <b@x> 1000 +0000\nHG:rename a:b\nparents 1\n\nparent of all\n"},
}

// oddHistory makes a repository with all oddities in a row, an octopus at its head.
func oddHistory(t testing.TB) (dir string, head Hash) {
	t.Helper()
	dir = newRepository(t)
	parent := writeCommit(t, dir, commitObject(1, "root\n"))
	merged := []Hash{parent}
	for _, o := range oddities {
		parent = writeCommit(t, dir, "parent "+parent.String()+"\n"+o.object)
		merged = append(merged, parent)
	}
	slices.Reverse(merged)
	head = writeCommit(t, dir, commitObject(2000, "octopus\n", merged[:9]...))
	runGit(t, dir, "", "update-ref", "refs/heads/main", head.String())
	return dir, head
}

// Every odd commit is the record that git log shows.
func TestOddCommits(t *testing.T) {
	t.Parallel()
	g := find(t)
	dir, head := oddHistory(t)
	want := gitLog(t, dir, head.String())
	if len(want) != len(oddities)+2 {
		t.Fatalf("git log has %d commits", len(want))
	}
	got := all(t, g, dir, []Hash{head}, nil)
	same(t, got, want)
	if len(got[0].Parents) != 9 {
		t.Errorf("%d parents of an octopus", len(got[0].Parents))
	}
	texts := map[string]string{}
	for i, o := range oddities {
		texts[o.name] = got[len(oddities)-i].AuthorRaw + "|" + got[len(oddities)-i].Message
	}
	for name, want := range map[string]string{
		"Latin-1": "Jürgen <j@x>|grüße\n", "latin-1": "Jürgen <j@x>|grüße\n", "CP1252": "A <a@x>|€ “x”\n",
		"Shift JIS": "A <a@x>|日本\n", "ISO-2022-JP": "A <a@x>|日本\n", "GBK": "A <a@x>|中文\n", "NUL": "A <a@x>|before",
		"invalid UTF-8": "J\uFFFDrg <j@x>|\uFFFD\uFFFD\uFFFD\uFFFD ok\n", "no final newline": "A <a@x>|message",
	} {
		if texts[name] != want {
			t.Errorf("%s: %q, want %q", name, texts[name], want)
		}
	}
}

// A committer line without a time zone has a date, though git log does not print it.
func TestDateWithoutZone(t *testing.T) {
	t.Parallel()
	if c := decode(Hash{}, []byte("author A <a@x> 1\ncommitter B <b@x> 1234567890\n\nm\n")); c.Date != 1234567890 {
		t.Errorf("date %d", c.Date)
	}
}

// What is not a commit object at all does not make decode fail.
func FuzzDecode(f *testing.F) {
	for _, o := range oddities {
		f.Add([]byte(o.object))
	}
	f.Fuzz(func(t *testing.T, object []byte) {
		c := decode(Hash{}, object)
		for _, text := range []string{c.AuthorRaw, c.Message} {
			if strings.ToValidUTF8(text, "") != text {
				t.Errorf("%q is not UTF-8", text)
			}
		}
	})
}

// A range is what git rev-list says it is, in batches, and what the directory lacks changes nothing.
func TestRange(t *testing.T) {
	t.Parallel()
	g := find(t)
	dir, hashes := linear(t, 2345)
	lacking := Hash{1, 2, 3}
	for _, c := range []struct {
		name             string
		include, exclude []Hash
		want             []Hash
	}{
		{"everything", hashes[:1], nil, hashes},
		{"new commits", hashes[:1], hashes[1500:1501], hashes[:1500]},
		{"two includes", []Hash{hashes[10], hashes[5]}, hashes[20:21], hashes[5:20]},
		{"unknown exclude", hashes[:1], []Hash{lacking, hashes[3]}, hashes[:3]},
		{"unknown include", []Hash{lacking, hashes[1]}, hashes[3:4], hashes[1:3]},
		{"nothing known", []Hash{lacking}, nil, nil},
		{"nothing left", hashes[5:6], hashes[:1], nil},
		{"no include", nil, hashes[:1], nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := hashesOf(all(t, g, dir, c.include, c.exclude)); !slices.Equal(got, c.want) {
				t.Errorf("%d commits, want %d", len(got), len(c.want))
			}
		})
	}
}

// A loop that ends early, a context that ends and a git directory that is none leave nothing running.
func TestStopped(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: git runs many times")
	}
	noLeak(t)
	g := find(t)
	dir, hashes := linear(t, 2500)
	for batch, err := range g.Commits(t.Context(), dir, hashes[:1], nil) {
		if err != nil || len(batch) != batchLength {
			t.Fatal(len(batch), err)
		}
		break
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	n, stopped := 0, errors.New("stopped by hand")
	var last error
	for batch, err := range g.Commits(ctx, dir, hashes[:1], nil) {
		n, last = n+len(batch), err
		cancel(stopped)
	}
	if !errors.Is(last, stopped) || n == 0 || n == len(hashes) {
		t.Errorf("%d commits, then %v", n, last)
	}
	for _, err := range g.Commits(t.Context(), t.TempDir(), hashes[:1], nil) {
		if err == nil || !strings.Contains(err.Error(), "not a git repository") {
			t.Error(err)
		}
	}
}

// snapshot lists the files of a folder with their contents.
func snapshot(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			fmt.Fprintln(&b, file)
			return err
		}
		data, err := os.ReadFile(file)
		fmt.Fprintf(&b, "%s %q\n", file, data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// mailmaps, replaced objects and grafts change nothing, no program is run, and no file changes.
func TestUntouchedClone(t *testing.T) {
	t.Parallel()
	g := find(t)
	source, hashes := linear(t, 4)
	clone := filepath.Join(t.TempDir(), "clone")
	runGit(t, "", "", "clone", "-q", source, clone)
	other := writeCommit(t, filepath.Join(clone, ".git"), commitObject(1, "a replacement\n"))
	runGit(t, clone, "", "replace", hashes[1].String(), other.String())
	ran := filepath.Join(t.TempDir(), "ran")
	program := "touch " + ran + ";:"
	for _, name := range []string{"core.fsmonitor", "core.pager", "core.sshCommand", "core.alternateRefsCommand",
		"alias.rev-list", "alias.cat-file", "diff.external", "credential.helper"} {
		runGit(t, clone, "", "config", name, map[bool]string{true: "!" + program, false: program}[strings.HasPrefix(name, "alias")])
	}
	graft := fmt.Sprintf("%s %s\n", hashes[0], hashes[3])
	for name, text := range map[string]string{
		".git/info/grafts": graft, ".mailmap": "Other <other@x> <a@example.com>\n", ".git/hooks/post-checkout": "#!/bin/sh\n" + program,
	} {
		os.MkdirAll(filepath.Dir(filepath.Join(clone, name)), 0o700)
		if err := os.WriteFile(filepath.Join(clone, name), []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	before := snapshot(t, clone)
	same(t, all(t, g, clone, hashes[:1], nil), gitLog(t, source, "main"))
	if _, err := g.Clones(t.Context(), clone, "bitbucket.org"); err != nil {
		t.Error(err)
	}
	if snapshot(t, clone) != before {
		t.Error("a file of the clone changed")
	}
	if _, err := os.Stat(ran); err == nil {
		t.Error("a program of the configuration was run")
	}
}

// A shallow clone gives what it has, and the parents of its last commit though they are missing.
func TestShallowClone(t *testing.T) {
	t.Parallel()
	g := find(t)
	source, hashes := linear(t, 9)
	clone := filepath.Join(t.TempDir(), "clone")
	runGit(t, "", "", "clone", "-q", "--depth=4", "file://"+source, clone)
	same(t, all(t, g, clone, hashes[:1], nil), gitLog(t, source, "main")[:4])
}

// A partial clone gives its commits, and fetches nothing though its server would have it.
func TestPartialClone(t *testing.T) {
	t.Parallel()
	g := find(t)
	source, hashes := linear(t, 9)
	runGit(t, source, "", "config", "uploadpack.allowFilter", "true")
	runGit(t, source, "", "config", "uploadpack.allowAnySHA1InWant", "true")
	clone := filepath.Join(t.TempDir(), "clone")
	runGit(t, "", "", "clone", "-q", "--bare", "--filter=tree:0", "file://"+source, clone)
	more := writeCommit(t, source, commitObject(5000, "pushed later\n", hashes[0]))
	before := snapshot(t, clone)
	same(t, all(t, g, clone, []Hash{hashes[0], more}, nil), gitLog(t, source, "main"))
	if snapshot(t, clone) != before {
		t.Error("a file of the clone changed")
	}
}

// What can be read of a damaged clone is read, and the damage is an error.
func TestDamagedClone(t *testing.T) {
	t.Parallel()
	g := find(t)
	dir := newRepository(t)
	root := writeCommit(t, dir, commitObject(1, "root\n"))
	middle := writeCommit(t, dir, commitObject(2, "middle\n", root))
	head := writeCommit(t, dir, commitObject(3, "head\n", middle))
	other := writeCommit(t, dir, commitObject(2, "altered\n", root))
	file := func(h Hash) string { return filepath.Join(dir, "objects", h.String()[:2], h.String()[2:]) }
	os.Chmod(file(middle), 0o600)
	data, err := os.ReadFile(file(other))
	if err == nil {
		err = os.WriteFile(file(middle), data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	read := func() (got []Hash, last error) {
		for batch, err := range g.Commits(t.Context(), dir, []Hash{head}, nil) {
			got, last = append(got, hashesOf(batch)...), err
		}
		return got, last
	}
	if got, err := read(); err == nil || slices.Contains(got, middle) {
		t.Errorf("an altered commit: %v, %v", got, err)
	}
	os.Remove(file(middle))
	if got, err := read(); slices.Contains(got, root) || err == nil && !slices.Equal(got, []Hash{head}) {
		t.Errorf("a missing commit: %v, %v", got, err)
	}
}

// A clone of another user's is refused by git, and told so.
func TestDubiousOwnership(t *testing.T) {
	g := find(t)
	if os.Getuid() != 0 {
		t.Skip("only root can give a file away")
	}
	dir, hashes := linear(t, 2)
	runGit(t, dir, "", "config", "remote.origin.url", "git@bitbucket.org:acme/web.git")
	if err := filepath.WalkDir(dir, func(file string, _ fs.DirEntry, _ error) error { return os.Chown(file, 4321, 4321) }); err != nil {
		t.Fatal(err)
	}
	if clones, err := g.Clones(t.Context(), dir, "bitbucket.org"); err != nil || len(clones) != 1 {
		t.Error(clones, err)
	}
	for _, err := range g.Commits(t.Context(), dir, hashes[:1], nil) {
		if err == nil || !strings.Contains(err.Error(), "safe.directory") { // the remedy, in git's words
			t.Error(err)
		}
	}
}

// BenchmarkCommits reads the history in the git directory GITHISTORY_DIR, beside git log of the same.
func BenchmarkCommits(b *testing.B) {
	g := find(b)
	dir := os.Getenv("GITHISTORY_DIR")
	if dir == "" {
		dir, _ = linear(b, 10_000)
	}
	head, _ := parseHash(strings.TrimSpace(runGit(b, dir, "", "rev-parse", "HEAD")))
	n := 0
	b.Run("commits", func(b *testing.B) {
		for b.Loop() {
			n = len(all(b, g, dir, []Hash{head}, nil))
		}
		b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "commits/s")
	})
	b.Run("git log", func(b *testing.B) {
		for b.Loop() {
			runGit(b, dir, "", "log", "--date-order", "--format=%H%n%P%n%ct%n%an <%ae>%n%B", "HEAD")
		}
		b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "commits/s")
	})
}
