package sync

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"testing"
)

// TestMain runs more tests at a time than there are processors: most of them wait, for the disk or for a
// pause of the sync. The heap is small and filled often, so the garbage collector runs less often than usual.
func TestMain(m *testing.M) {
	flag.Parse()
	debug.SetGCPercent(400)
	if memoryFolder != "" && testing.Short() {
		os.Setenv("TMPDIR", memoryFolder)
	}
	if parallel := flag.Lookup("test.parallel"); parallel.Value.String() == parallel.DefValue {
		parallel.Value.Set(strconv.Itoa(4 * runtime.GOMAXPROCS(0)))
	}
	code := m.Run()
	if programFolder != "" {
		os.RemoveAll(programFolder)
	}
	os.Exit(code)
}

// memoryFolder is where a short run has its files, so that it waits for no disk; empty: the system has no such
// folder with room enough.
var memoryFolder string

// programVariable names the program to a test that runs once more in a process of its own.
const programVariable = "TRUNKSTAT_SYNC_TEST_PROGRAM"

// programFolder is where buildOnce put the program; empty: it did not.
var programFolder string

// buildOnce makes the program that all tests share, and returns its path.
var buildOnce = sync.OnceValues(func() (program string, err error) {
	if program = os.Getenv(programVariable); program != "" {
		return program, nil
	}
	if programFolder, err = os.MkdirTemp("", "trunkstat-program-"); err != nil {
		return "", err
	}
	program = filepath.Join(programFolder, "trunkstat")
	if out, err := exec.Command("go", "build", "-ldflags=-s -w", "-o", program, "trunkstat").CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return program, nil
})

// build is buildOnce for a test that cannot go on without the program. A short run skips such tests: to
// build the program and to run it again and again takes a third of its time.
func build(t testing.TB) string {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: the program is not built")
	}
	program, err := buildOnce()
	if err != nil {
		t.Fatal(err)
	}
	return program
}
