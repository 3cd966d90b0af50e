package main

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"syscall"
	"time"
)

// A cost is what one process took.
type cost struct {
	wall, cpu time.Duration
	resident  int64 // bytes, at most
}

// An answer is what is compared of the CSV that a process printed.
type answer struct{ rows, commits, merges, authors int }

// measure runs a program and sums up what it printed. A process that was forked counts what its
// parent had resident as its own: so this one must stay small, and keeps no output in memory.
func measure(name string, args ...string) (cost, answer, error) {
	out, err := os.CreateTemp("", "yardstick-*.csv")
	if err != nil {
		return cost{}, answer{}, err
	}
	defer os.Remove(out.Name())
	defer out.Close()
	var stderr bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = out, &stderr
	begin := time.Now()
	if err := cmd.Run(); err != nil {
		return cost{}, answer{}, fmt.Errorf("run %s %v: %w: %s", name, args, err, stderr.Bytes())
	}
	c := cost{wall: time.Since(begin)}
	c.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		c.resident = int64(usage.Maxrss)
		if runtime.GOOS != "darwin" {
			c.resident <<= 10
		}
	}
	if _, err := out.Seek(0, io.SeekStart); err != nil {
		return cost{}, answer{}, err
	}
	a, err := read(out)
	return c, a, err
}

// read sums up an answer. Rows without commits are left out: only trunkstat shows who was silent.
func read(r io.Reader) (a answer, err error) {
	rows := csv.NewReader(r)
	rows.ReuseRecord = true
	header, err := rows.Read()
	if err != nil {
		return a, fmt.Errorf("read the header of an answer: %w", err)
	}
	add := a.addPivot
	if slices.Contains(header, "commits") {
		add = a.add
	}
	header = slices.Clone(header)
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return a, nil
		}
		if err == nil {
			err = add(header, row)
		}
		if err != nil {
			return a, fmt.Errorf("read an answer: %w", err)
		}
	}
}

// add adds a row.
func (a *answer) add(header, row []string) error {
	commits := 0
	for _, count := range []struct {
		name string
		sum  *int
	}{{"commits", &a.commits}, {"merges", &a.merges}, {"authors", &a.authors}} {
		n, err := strconv.Atoi(row[slices.Index(header, count.name)])
		if err != nil {
			return err
		}
		if *count.sum += n; count.name == "commits" {
			commits = n
		}
	}
	a.rows += min(commits, 1)
	return nil
}

// addPivot adds a row of a pivot: all that is a number in it are commits, but for the total, which
// only trunkstat has.
func (a *answer) addPivot(header, row []string) error {
	for i, cell := range row {
		if n, err := strconv.Atoi(cell); err == nil && header[i] != "total" {
			a.commits += n
		}
	}
	a.rows++
	return nil
}

// A series is the same measured several times.
type series []cost

func (s series) wall() spread {
	return newSpread(s, func(c cost) float64 { return c.wall.Seconds() * 1e3 })
}
func (s series) cpu() spread {
	return newSpread(s, func(c cost) float64 { return c.cpu.Seconds() * 1e3 })
}
func (s series) resident() spread {
	return newSpread(s, func(c cost) float64 { return float64(c.resident) / 1e6 })
}

type spread struct{ least, median, most float64 }

func newSpread(s series, of func(cost) float64) spread {
	values := make([]float64, len(s))
	for i, c := range s {
		values[i] = of(c)
	}
	return spreadOf(values)
}

// ratio is how many times as much as base s took, round by round.
func (s series) ratio(base series) string {
	wall, cpu := make([]float64, len(s)), make([]float64, len(s))
	for i := range s {
		wall[i] = float64(s[i].wall) / float64(base[i].wall)
		cpu[i] = float64(s[i].cpu) / float64(base[i].cpu)
	}
	return fmt.Sprintf("%.1f, %.1f", spreadOf(wall).median, spreadOf(cpu).median)
}

func spreadOf(values []float64) spread {
	slices.Sort(values)
	n := len(values)
	return spread{values[0], (values[(n-1)/2] + values[n/2]) / 2, values[n-1]}
}

func (s spread) String() string {
	digits := 0
	if cmp.Less(s.median, 20) {
		digits = 1
	}
	return fmt.Sprintf("%.*f (%.*f–%.*f)", digits, s.median, digits, s.least, digits, s.most)
}
