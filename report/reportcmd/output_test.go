package reportcmd

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"trunkstat/store"
	"trunkstat/store/command"
)

// TestEndings has names of files that say a format, and those that say what cannot be written.
func TestEndings(t *testing.T) {
	db := reportDB(t)
	for args, want := range map[string]string{
		"report -o a.xlsx":                        ".csv, .json, .md, .markdown, .html, .htm",
		"report -o a.tsv":                         ".csv",
		"report -o a.csv.gz":                      ".gz",
		"report -o a.jsonl":                       ".csv",
		"report -o a.parquet --format table":      ".csv",
		"report -o a.json --format csv":           ".json contradicts --format csv",
		"report -o a.CSV --format table":          ".csv contradicts --format table",
		"export commits -o a.json":                ".csv, .jsonl, .ndjson, .parquet",
		"export authors -o a.html":                ".csv, .jsonl",
		"export repositories -o a.tsv":            ".csv, .jsonl",
		"export commits -o a.tsv --delimiter tab": ".csv, .jsonl",
		"export commits -o a.csv --format jsonl":  ".csv contradicts --format jsonl",
		"export commits -o a.jsonl --bom":         "--bom is for csv",
		"export commits --delimiter ;;":           "invalid delimiter",
		"report --delimiter ;":                    "--delimiter is for csv, not for table",
		"report --format json --bom":              "--bom is for csv",
	} {
		folder := t.TempDir()
		words := strings.Fields(strings.ReplaceAll(args, "-o ", "-o "+folder+"/"))
		stdout, _, err := runCommand(t, append([]string{"--db", db}, words...)...)
		if !command.IsMisuse(err) || !strings.Contains(err.Error(), want) || stdout != "" {
			t.Errorf("%s: error %v, stdout %q, want %q", args, err, stdout, want)
		}
		if entries, _ := os.ReadDir(folder); len(entries) > 0 {
			t.Errorf("%s: wrote %v", args, entries)
		}
	}
	if _, _, err := runCommand(t, "--db", db, "report", "-o", ""); !command.IsMisuse(err) {
		t.Errorf("-o without a name: %v", err)
	}
	for args, want := range map[string]string{
		"report --format csv -o a.csv": "repository,", "report --format json -o noending": "{",
		"report --format markdown -o a.txt": "| Repo", "export commits --format jsonl -o a.NDJSON": "{",
	} {
		path := filepath.Join(t.TempDir(), args[strings.LastIndexByte(args, ' ')+1:])
		words := strings.Fields(args)
		words[len(words)-1] = path
		if _, _, err := runCommand(t, append([]string{"--db", db}, words...)...); err != nil {
			t.Errorf("%s: %v", args, err)
		}
		if data, _ := os.ReadFile(path); !bytes.HasPrefix(data, []byte(want)) {
			t.Errorf("%s: begins with %.20q", args, data)
		}
	}
}

// TestModes has new files with the mode that the umask gives, and keeps that of files that are replaced.
func TestModes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files have no modes")
	}
	db, folder := reportDB(t), t.TempDir()
	probe := filepath.Join(folder, "probe")
	f, err := os.OpenFile(probe, os.O_CREATE, 0o666)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	for _, args := range []string{"report -o a.csv", "export commits -o b.jsonl",
		"export commits --partition-by year -o lake"} {
		words := strings.Fields(args)
		path := filepath.Join(folder, words[len(words)-1])
		words[len(words)-1] = path
		run := func() {
			if _, _, err := runCommand(t, append([]string{"--db", db, "--quiet"}, words...)...); err != nil {
				t.Fatal(err)
			}
		}
		run()
		if strings.HasSuffix(path, "lake") {
			path += "/year=2025/part-0.parquet"
		}
		if got, want := modeOf(t, path), modeOf(t, probe); got != want {
			t.Errorf("%s: mode %v, want %v", args, got, want)
		}
		if strings.Contains(args, "lake") {
			continue
		}
		for _, mode := range []os.FileMode{0o664, 0o600, 0o444} {
			os.Chmod(path, mode)
			run()
			if got := modeOf(t, path); got != mode {
				t.Errorf("%s: mode %v, was %v", args, got, mode)
			}
		}
	}
}

func modeOf(t *testing.T, path string) os.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Perm()
}

// TestDeviceStays writes to what is not a regular file, and does not replace it.
func TestDeviceStays(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no devices in the file system")
	}
	db := reportDB(t)
	for _, args := range []string{"report", "export commits", "export authors --format parquet"} {
		words := append([]string{"--db", db}, strings.Fields(args)...)
		if _, _, err := runCommand(t, append(words, "-o", os.DevNull)...); err != nil {
			t.Errorf("%s: %v", args, err)
		}
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode()&os.ModeDevice == 0 {
		t.Fatalf("%s is %v now", os.DevNull, info.Mode())
	}
}

// TestDelimiters reads back what was written with other delimiters than a comma.
func TestDelimiters(t *testing.T) {
	w := newOddTexts(t, "a;b\tc,d", "=1;2", "plain", "\t;x", "'")
	for _, d := range []struct {
		flag string
		r    rune
	}{{";", ';'}, {"tab", '\t'}, {`\t`, '\t'}, {"|", '|'}} {
		stdout, _, err := runCommand(t, "--db", w.Path(), "export", "commits", "--delimiter", d.flag, "--bom")
		r := csv.NewReader(strings.NewReader(strings.TrimPrefix(stdout, "\ufeff")))
		r.Comma = d.r
		records, err2 := r.ReadAll()
		if err != nil || err2 != nil || !strings.HasPrefix(stdout, "\ufeff") || len(records) != 6 {
			t.Fatalf("%s: %v, %v in\n%s", d.flag, err, err2, stdout)
		}
		for i, want := range []string{"a;b\tc,d", "'=1;2", "plain", "'\t;x", "'"} {
			if got := records[i+1][12]; got != want {
				t.Errorf("%s: got %q, want %q", d.flag, got, want)
			}
		}
		stdout, _, err = runCommand(t, "--db", w.Path(), "report", "--by", "author", "--format", "csv",
			"--delimiter", d.flag)
		if want := "author" + string(d.r) + "email" + string(d.r); err != nil || !strings.HasPrefix(stdout, want) {
			t.Errorf("report begins with %.20q (%v)", stdout, err)
		}
	}
}

// newOddTexts is a database with a commit for each message, whose authors have the message as their name.
func newOddTexts(t *testing.T, messages ...string) *store.DB {
	t.Helper()
	db := store.Open(filepath.Join(t.TempDir(), "t.db"))
	var commits []store.Commit
	for i, m := range messages {
		commits = append(commits, store.Commit{Hash: store.Hash{byte(i + 1)}, Date: int64(i), Message: m,
			Author: store.Author{Raw: m + " <odd@example.com>"}})
	}
	err := db.Update(t.Context(), func(tx *store.Tx) error {
		repo := store.Repository{UUID: "{r}", Workspace: "acme", Slug: "web", Name: "w\x00eb", MainBranch: "main",
			Head: store.Hash{1}}
		if err := tx.PutRepository(repo); err != nil {
			return err
		}
		_, err := tx.PutCommits("{r}", commits)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// TestNULs replaces NULs in every format, since databases and spreadsheets do not take them.
func TestNULs(t *testing.T) {
	db := newOddTexts(t, "nul\x00inside", "\x00")
	for _, args := range []string{
		"export commits --format csv", "export commits --format jsonl", "export commits --format parquet",
		"export repositories --format csv", "export repositories --format jsonl",
		"export repositories --format parquet",
		"export authors --format csv", "export authors --format jsonl", "export authors --format parquet",
		"report --by author --format csv", "report --by author --format json",
	} {
		stdout, _, err := runCommand(t, append([]string{"--db", db.Path()}, strings.Fields(args)...)...)
		if err != nil {
			t.Fatal(err)
		}
		text := stdout
		if strings.HasSuffix(args, "parquet") {
			text = ""
			for _, row := range rowsOfParquet(t, []byte(stdout)) {
				for _, value := range row {
					text += value
				}
			}
		}
		if strings.Contains(text, "\x00") || strings.Contains(text, `\u0000`) || !strings.Contains(text, "\ufffd") {
			t.Errorf("%s: a NUL is left, or none was replaced, in %q", args, text)
		}
	}
}

func TestFiltersFromEnvironment(t *testing.T) {
	db := reportDB(t)
	mailmap := filepath.Join(t.TempDir(), "people.map")
	if err := os.WriteFile(mailmap, []byte("Augusta <ada@example.org>\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	names := []string{"TRUNKSTAT_TZ", "TRUNKSTAT_MERGES", "TRUNKSTAT_BOTS", "TRUNKSTAT_MAILMAP"}
	for _, test := range []struct{ name, value, args, want, footer string }{
		{"TRUNKSTAT_TZ", "Asia/Tokyo", "report --by day --format csv --since 2025-01-11 --until 2025-01-11",
			"2025-01-11,1,", "Asia/Tokyo"},
		{"TRUNKSTAT_TZ", "Asia/Tokyo", "report --by year --format csv --tz UTC", "2024,1,", " UTC "},
		{"TRUNKSTAT_MERGES", "only", "report --format csv", "api,1,1,", ""},
		{"TRUNKSTAT_MERGES", "only", "report --format csv --merges exclude", "api,2,0,", ""},
		{"TRUNKSTAT_BOTS", "exclude", "report --format csv", "web,1,0,", "left out"},
		{"TRUNKSTAT_MAILMAP", mailmap, "report --by author --format csv", "Augusta,", "mapped by " + mailmap},
		{"TRUNKSTAT_MAILMAP", mailmap, "export commits", ",Augusta,ada@example.org,", "mapped by " + mailmap},
		{"TRUNKSTAT_MERGES", "only", "export repositories", ",1,1,", ""},
	} {
		for _, name := range names {
			t.Setenv(name, "") // counts as not set
		}
		t.Setenv(test.name, test.value)
		stdout, stderr, err := runCommand(t, append([]string{"--db", db}, strings.Fields(test.args)...)...)
		if err != nil || !strings.Contains(stdout, test.want) || !strings.Contains(stderr, test.footer) {
			t.Errorf("%s=%s %s: %v, stderr %q in\n%s", test.name, test.value, test.args, err, stderr, stdout)
		}
	}
	for _, name := range names[:3] {
		t.Setenv(name, "nonsense")
		if _, _, err := runCommand(t, "--db", db, "report"); !command.IsMisuse(err) {
			t.Errorf("%s=nonsense: %v", name, err)
		}
		t.Setenv(name, "")
	}
}
