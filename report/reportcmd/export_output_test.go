package reportcmd

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
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

// TestFolder writes partitions to a new folder, to an empty one, which keeps its mode, and to one behind a link.
func TestFolder(t *testing.T) {
	w := newSampleWorld(t, 20, "acme/web")
	for name, mode := range map[string]os.FileMode{"new": 0, "empty": 0o710, "behind a link": 0o700} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path, given := filepath.Join(dir, "out"), filepath.Join(dir, "out")
			if mode != 0 {
				if err := os.Mkdir(path, mode); err != nil {
					t.Fatal(err)
				}
			}
			if name == "behind a link" {
				given = filepath.Join(t.TempDir(), "link")
				if err := os.Symlink(path, given); err != nil {
					t.Skip("no links here: ", err)
				}
			}
			w.export(t, export{output: output{format: "parquet", path: given}, by: "year"})
			onlyEntry(t, dir, "out")
			if parts, _ := filepath.Glob(filepath.Join(path, "year=*", "part-0.parquet")); len(parts) == 0 {
				t.Error("there are no parts")
			}
			if info, err := os.Lstat(given); err != nil || (info.Mode()&os.ModeSymlink != 0) != (name == "behind a link") {
				t.Errorf("it is %v now (%v)", info.Mode(), err)
			}
			if got := modeOf(t, path); mode != 0 && runtime.GOOS != "windows" && got != mode {
				t.Errorf("mode %v, was %v", got, mode)
			}
		})
	}
}

// TestFolderStaysAfterFailure leaves an empty folder, and nothing beside it.
func TestFolderStaysAfterFailure(t *testing.T) {
	w := newSampleWorld(t, 20, "acme/web")
	path := filepath.Join(t.TempDir(), "out")
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	e := export{db: w.db, output: output{format: "parquet", path: path}, by: "year", limits: exportLimits}
	if err := exportCommits(ctx, &e); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	onlyEntry(t, filepath.Dir(path), "out")
	if entries, err := os.ReadDir(path); len(entries) > 0 || err != nil {
		t.Errorf("it holds %v (%v)", entries, err)
	}
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
