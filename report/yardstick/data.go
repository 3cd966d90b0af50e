package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// The files: what a sync leaves and what db compact makes of it, and those of the yardsticks.
const (
	synced    = "synced.db"
	compacted = "compacted.db"
	parquet   = "commits.parquet"
	bare      = "bare.sqlite"
	keyed     = "keyed.sqlite"
)

// make builds the programs and makes the files that are not there.
func (d data) make() error {
	if err := d.build(); err != nil {
		return err
	}
	n := strconv.Itoa(d.commits)
	for _, f := range []struct {
		name    string
		program string
		args    []string
	}{
		{synced, "fill", []string{n, d.file(synced)}},
		{compacted, "trunkstat", []string{"--db", d.file(synced), "db", "backup", d.file(compacted)}},
		{parquet, "duckdb", []string{"fill", n, d.file(parquet)}},
		{bare, "sqlite", []string{"fill", n, d.file(bare), "bare"}},
		{keyed, "sqlite", []string{"fill", n, d.file(keyed), "keyed"}},
	} {
		if f.program == "sqlite" && !d.sqlite {
			continue
		}
		if _, err := os.Stat(d.file(f.name)); !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		fmt.Fprintln(os.Stderr, "yardstick: making", d.file(f.name))
		if err := command("", d.program(f.program), f.args...); err != nil {
			return err
		}
		if f.name == compacted {
			err := command("", d.program("trunkstat"), "--db", d.file(f.name), "db", "compact")
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// build builds trunkstat from its own module, with the versions that it is released with.
func (d data) build() error {
	dir, err := filepath.Abs(d.dir)
	if err != nil {
		return err
	}
	if err := command("../..", "env", "CGO_ENABLED=0", "go", "build", "-o", dir+"/", "."); err != nil {
		return err
	}
	return command(".", "go", "build", "-o", dir+"/", "./fill", "./duckdb", "./sqlite")
}

func command(dir, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("run %s %v: %w", name, args, err)
	}
	return nil
}

func (d data) printSizes() error {
	fmt.Print("| file | MB | bytes a commit |\n|---|--:|--:|\n")
	for _, f := range [][2]string{
		{"trunkstat, as synced", synced}, {"trunkstat, after `db compact`", compacted},
		{"SQLite, a table without key or index", bare},
		{"SQLite, keyed by repository and hash, with an index for reports", keyed},
		{"Parquet, zstd (hashes as text)", parquet},
	} {
		info, err := os.Stat(d.file(f[1]))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		fmt.Printf("| %s | %.1f | %.0f |\n", f[0], float64(info.Size())/1e6,
			float64(info.Size())/float64(d.commits))
	}
	fmt.Println()
	return nil
}
