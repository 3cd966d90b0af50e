package store

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The test binary plays other processes: TestMain looks here what it is to be.
const roleVariable = "TRUNKSTAT_STORE_TEST_ROLE"

var roles = map[string]func(path string) error{"writer": writeForEver, "holder": holdForEver}

func TestMain(m *testing.M) {
	if role, path, ok := strings.Cut(os.Getenv(roleVariable), " "); ok {
		if err := roles[role](path); err != nil {
			fmt.Println("error:", err)
		}
		os.Exit(1)
	}
	flag.Parse()
	if parallel := flag.Lookup("test.parallel"); parallel.Value.String() == parallel.DefValue {
		parallel.Value.Set(strconv.Itoa(4 * runtime.GOMAXPROCS(0))) // most of them wait
	}
	code := m.Run()
	if path, err := bigFile(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// An other is another process at work, and what it prints, line by line.
type other struct {
	cmd   *exec.Cmd
	lines *bufio.Scanner
}

func start(t *testing.T, role, path string) *other {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), roleVariable+"="+role+" "+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	o := &other{cmd, bufio.NewScanner(out)}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return o
}

// line returns the next thing that the process says; "" when it is gone.
func (o *other) line() string {
	o.lines.Scan()
	return o.lines.Text()
}

// number reads what a writer says.
func number(t *testing.T, line string) int {
	t.Helper()
	n, err := strconv.Atoi(line)
	if err != nil {
		t.Fatalf("the writer said %q", line)
	}
	return n
}

// batch is the n-th batch that the writer stores.
func batch(n int) []Commit { return newHistory(uint64(n), 5).take(20 + n%50) }

// writeForEver stores batch after batch, goes on where another was killed, and prints the number of
// each once it is stored.
func writeForEver(path string) error {
	db := Open(path)
	for {
		n := 0
		err := db.Update(context.Background(), func(tx *Tx) error {
			b, err := tx.Budget("batches")
			if err != nil {
				return err
			}
			n = b.Spent[0]
			if err := tx.PutBudget("batches", Budget{Spent: map[int64]int{0: n + 1}}); err != nil {
				return err
			}
			r := repositoryOf(n%3, Hash{})
			r.NeedsSweep = true // the batches are no history
			if n%5 == 4 {
				if _, err := keep(tx, r.UUID, func(h Hash) bool { return h[0] > 40 }); err != nil {
					return err
				}
			}
			_, err = tx.PutCommits(r.UUID, batch(n))
			return errors.Join(err, putRooted(tx, r))
		})
		if err != nil {
			return err
		}
		fmt.Println(n)
	}
}

// holdForEver keeps the file to itself.
func holdForEver(path string) error {
	return Open(path).Update(context.Background(), func(*Tx) error {
		fmt.Println("held")
		time.Sleep(time.Hour)
		return nil
	})
}

// TestKill kills a writer at any moment, over and over: what it said was stored is stored, whole,
// and the file is sound.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: processes are killed")
	}
	t.Parallel()
	path := filepath.Join(t.TempDir(), "trunkstat.db")
	rng := rand.New(rand.NewPCG(7, 1))
	db := Open(path)
	said := -1
	kills := 30
	if testing.Short() {
		kills = 8
	}
	for range kills {
		writer := start(t, "writer", path)
		for range 1 + rng.IntN(8) {
			said = number(t, writer.line())
		}
		time.Sleep(time.Duration(rng.IntN(4000)) * time.Microsecond)
		_ = writer.cmd.Process.Kill()
		for writer.lines.Scan() { // what it said before it died
			said = number(t, writer.lines.Text())
		}
		_ = writer.cmd.Wait()
		if found, err := db.Check(t.Context()); err != nil || len(found) > 0 {
			t.Fatalf("after batch %d: %v, %v", said, found, err)
		}
		checkBatches(t, db, said)
	}
}

// checkBatches compares what is stored with what the batches so far must have left.
func checkBatches(t *testing.T, db *DB, said int) {
	t.Helper()
	view(t, db, func(tx *Tx) error {
		b, err := tx.Budget("batches")
		if err != nil {
			return err
		}
		stored := b.Spent[0] // one may be stored that the writer could not tell of any more
		if stored != said+1 && stored != said+2 {
			t.Fatalf("%d batches are stored, %d were acknowledged", stored, said+1)
		}
		model := map[UUID]map[Hash]Commit{}
		for n := range stored {
			uuid := uuidOf(n % 3)
			if model[uuid] == nil {
				model[uuid] = map[Hash]Commit{}
			}
			for h := range model[uuid] {
				if n%5 == 4 && h[0] <= 40 {
					delete(model[uuid], h)
				}
			}
			for _, c := range batch(n) {
				model[uuid][c.Hash] = c
			}
		}
		for uuid, want := range model {
			sameFacts(t, tx, uuid, want)
		}
		return nil
	})
}

// TestReadersAmongWriters reads while another process writes without a pause of its own.
func TestReadersAmongWriters(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "trunkstat.db")
	writer := start(t, "writer", path)
	writer.line()
	go func() {
		for writer.lines.Scan() {
		}
	}()
	db := Open(path)
	before := 0
	for range 20 {
		view(t, db, func(tx *Tx) error {
			b, err := tx.Budget("batches")
			if b.Spent[0] < before {
				t.Errorf("%d batches, after %d", b.Spent[0], before)
			}
			before = b.Spent[0]
			return err
		})
	}
}
