// Yardstick measures trunkstat against DuckDB over Parquet and against SQLite, on the same
// commits, with the same questions, side by side in one run:
//
//	cd report/yardstick && go run . [-commits 10000000] [-runs 9] [-quick] [-sqlite=false] [-keep DIR]
//
// Each measurement is a whole process, from its start to its end: wall time, CPU time and the most
// memory that was resident. All three print CSV to a file, and the yardstick holds the answers
// against each other: rows, commits, merges, authors. It prints Markdown: medians of all runs, the
// least and the most in brackets. The runs are interleaved, so that a busy machine is busy for
// all, and ratios are those of one round: the median of them, wall time and CPU time.
//
// It is a module of its own: DuckDB and SQLite need cgo, trunkstat does not.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

func main() {
	commits := flag.Int("commits", 1_000_000, "how many `commits` to make up")
	runs := flag.Int("runs", 5, "how often each question is asked")
	quick := flag.Bool("quick", false, "only some of the questions")
	sqlite := flag.Bool("sqlite", true, "ask SQLite too, which takes long")
	keep := flag.String("keep", "", "make the data in `DIR`, or find it there")
	flag.Parse()
	if err := run(*commits, *runs, *quick, *sqlite, *keep); err != nil {
		fmt.Fprintln(os.Stderr, "yardstick:", err)
		os.Exit(1)
	}
}

func run(commits, runs int, quick, sqlite bool, keep string) error {
	dir := keep
	if dir == "" {
		temp, err := os.MkdirTemp("", "yardstick")
		if err != nil {
			return err
		}
		defer os.RemoveAll(temp)
		dir = temp
	}
	d := data{dir, commits, sqlite}
	if err := d.make(); err != nil {
		return err
	}
	fmt.Printf("%d commits; %d runs of each, interleaved; %s/%s, %d CPUs; load %s\n\n",
		commits, runs, runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), load())
	if err := d.printSizes(); err != nil {
		return err
	}
	if err := measureStart(d, runs); err != nil {
		return err
	}
	return measureQuestions(d, runs, quick)
}

// load is how many processes want a CPU, as far as the system tells.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(text))[:3], " ")
}

// data is where the programs and their files are.
type data struct {
	dir     string
	commits int
	sqlite  bool
}

func (d data) program(name string) string { return filepath.Join(d.dir, name) }

func (d data) file(name string) string {
	return filepath.Join(d.dir, fmt.Sprintf("%d-%s", d.commits, name))
}
