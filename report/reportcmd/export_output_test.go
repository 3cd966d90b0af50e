package reportcmd

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

func TestFileIsReplacedWhenComplete(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.csv")
	if err := os.WriteFile(path, []byte("old"), 0o640); err != nil {
		t.Fatal(err)
	}
	o := output{path: path}
	err := o.write(func(w io.Writer) error {
		io.WriteString(w, "new")
		if got, _ := os.ReadFile(path); string(got) != "old" {
			t.Errorf("before it is complete it is %q", got)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(path); string(got) != "new" {
		t.Errorf("when it is complete it is %q", got)
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" &&
		info.Mode().Perm() != 0o640 {
		t.Errorf("the mode has changed: %v %v", info.Mode(), err)
	}
	onlyEntry(t, filepath.Dir(path), "out.csv")
}

func TestFileStaysWhenDiscarded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.csv")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	full := errors.New("no space")
	o := output{path: path}
	err := o.write(func(w io.Writer) error {
		io.WriteString(w, "new")
		return full
	})
	if !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
	if got, _ := os.ReadFile(path); string(got) != "old" {
		t.Errorf("it is %q", got)
	}
	onlyEntry(t, filepath.Dir(path), "out.csv")
}

func TestLinkStays(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	target, link := filepath.Join(dir, "data", "real.csv"), filepath.Join(dir, "link.csv")
	if err := os.WriteFile(target, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Skip("no links here: ", err)
	}
	o := output{path: link}
	err := o.write(func(w io.Writer) error {
		_, err := io.WriteString(w, "new")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(target); string(got) != "new" {
		t.Errorf("the link's target is %q", got)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link is no link any more")
	}
}

func TestFolder(t *testing.T) {
	for _, test := range []struct {
		name    string
		prepare func(path string) error
		wrong   string
	}{
		{"not there", func(string) error { return nil }, ""},
		{"empty", func(path string) error { return os.Mkdir(path, 0o700) }, ""},
		{"not empty", func(path string) error {
			return errors.Join(os.Mkdir(path, 0o700),
				os.WriteFile(filepath.Join(path, "mine"), nil, 0o600))
		}, "not empty"},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "out")
			if err := test.prepare(path); err != nil {
				t.Fatal(err)
			}
			before, _ := os.ReadDir(path)
			f, err := createFolder(path)
			if test.wrong != "" {
				if err == nil || !strings.Contains(err.Error(), test.wrong) {
					t.Errorf("got %v, want %q", err, test.wrong)
				}
				if after, _ := os.ReadDir(path); len(after) != len(before) {
					t.Errorf("it holds %v, before %v", after, before)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := f.commit(); err != nil {
				t.Fatal(err)
			}
			f.discard()
			onlyEntry(t, filepath.Dir(path), "out")
		})
	}
}

func TestEmptyFolderStaysWhenDiscarded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	f, err := createFolder(path)
	if err != nil {
		t.Fatal(err)
	}
	f.discard()
	onlyEntry(t, filepath.Dir(path), "out")
}

func onlyEntry(t *testing.T, dir, name string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != name {
		t.Errorf("the folder holds %v (%v), want %s alone", entries, err, name)
	}
}

// TestWriteErrors fails to write after so many bytes, in every format: a full disk is an error,
// wherever in the export it is met.
func TestWriteErrors(t *testing.T) {
	w := newSampleWorld(t, 3_000, "acme/web")
	for _, format := range []string{"csv", "jsonl", "parquet"} {
		size := len(w.export(t, export{output: output{format: format}}))
		for _, left := range []int{0, size / 2, size - 1} {
			e := export{db: w.db, limits: exportLimits,
				output: output{format: format, stdout: &failingWriter{left, syscall.ENOSPC}}}
			if err := exportCommits(t.Context(), &e); !errors.Is(err, syscall.ENOSPC) {
				t.Errorf("%s, %d of %d bytes: %v", format, left, size, err)
			}
		}
	}
}

func TestClosedPipe(t *testing.T) {
	if runtime.GOOS != "windows" && !isClosedPipe(&os.PathError{Err: syscall.EPIPE}) {
		t.Error("EPIPE is no closed pipe")
	}
	if isClosedPipe(syscall.ENOSPC) || isClosedPipe(nil) {
		t.Error("a full disk, or nothing, is a closed pipe")
	}
}
