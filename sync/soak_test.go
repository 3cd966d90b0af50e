//go:build unix

package sync

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"trunkstat/sync/sandbox"
)

var (
	soak        = flag.Duration("soak", 5*time.Second, "how long TestSoak kills processes")
	soakLatency = flag.Duration("soak-latency", time.Millisecond, "what a request takes in TestSoak")
)

// command is the program with a database and a server, and nothing else of this machine.
func command(program, db, api string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, append([]string{"--db", db, "--api-url", api}, args...)...)
	home := filepath.Dir(db)
	cmd.Env = []string{"HOME=" + home, "XDG_DATA_HOME=" + home, "TRUNKSTAT_TOKEN=" + testToken, "PATH=" + os.Getenv("PATH")}
	return cmd
}

func syncCommand(program, db, api string) *exec.Cmd {
	return command(program, db, api, "sync", "--workspace", "acme", "--rate", "0", "--quiet", "--format", "json")
}

// A soaked is a world whose syncs are processes that are killed.
type soaked struct {
	*world
	program string
	rng     *rand.Rand
	have    map[string]map[string]bool // repository → what was stored after the last process

	kills, ended, requests, twice int
}

// TestSoak kills the program at random moments, with pushes, force-pushes and collected garbage in
// between. After each kill the database proves itself, and in the end it is what the server has.
func TestSoak(t *testing.T) {
	t.Parallel()
	s := &soaked{world: newWorld(t), program: build(t), rng: rand.New(rand.NewPCG(1, 1)), have: map[string]map[string]bool{}}
	s.now = time.Now()
	s.server.Latency(*soakLatency)
	for i := range 4 {
		s.acme.NewRepository(fmt.Sprint("repo-", i)).Commits("main", 2500*(i+1))
	}
	for end := time.Now().Add(*soak); time.Now().Before(end); {
		s.kill()
		s.change()
	}
	s.server.Latency(0)
	if out, err := syncCommand(s.program, s.db.Path(), s.server.URL()).CombinedOutput(); err != nil {
		t.Fatalf("sync: %v\n%s", err, out)
	}
	s.checkAll()
	if out, err := command(s.program, s.db.Path(), s.server.URL(), "db", "check").CombinedOutput(); err != nil {
		t.Errorf("db check: %v\n%s", err, out)
	}
	if s.kills == 0 {
		t.Error("nothing was killed: the test tests nothing")
	}
	t.Logf("%d killed, %d came to their end; %d pages were asked for, %d of them twice",
		s.kills, s.ended, s.requests, s.twice)
}

// kill starts the program and kills it.
func (s *soaked) kill() {
	s.t.Helper()
	s.server.ResetRequests()
	cmd := syncCommand(s.program, s.db.Path(), s.server.URL())
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	timer := time.AfterFunc(time.Duration(5+s.rng.IntN(150))*time.Millisecond+time.Duration(s.rng.IntN(10))**soakLatency, func() { cmd.Process.Kill() })
	err := cmd.Wait()
	timer.Stop()
	var exit *exec.ExitError
	switch status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); {
	case err == nil:
		s.ended++
	case errors.As(err, &exit) && ok && status.Signaled():
		s.kills++
	default:
		s.t.Fatalf("sync: %v\n%s", err, out.Bytes())
	}
	if err := s.sound(); err != nil {
		s.t.Fatal(err)
	}
	s.count()
}

// count compares the pages that were sent with those that were stored.
func (s *soaked) count() {
	sent := map[string]int{}
	for _, r := range s.server.Requests() {
		if r.Kind == sandbox.CommitsKind && r.Status == 200 {
			sent[strings.Split(r.Path, "/")[3]]++
		}
	}
	repos := s.acme.Repositories()
	stored := s.storedOf(repos...)
	for i, r := range repos {
		before, fresh := s.have[r.UUID()], 0
		now := map[string]bool{}
		for _, h := range stored[i] {
			if now[h] = true; !before[h] {
				fresh++
			}
		}
		s.have[r.UUID()] = now
		slug, _ := url.PathUnescape(r.UUID())
		s.requests += sent[slug]
		s.twice += max(sent[slug]-pages(fresh), 0)
	}
}

// change does to a repository what people do.
func (s *soaked) change() {
	repos := s.acme.Repositories()
	r := repos[s.rng.IntN(len(repos))]
	switch s.rng.IntN(8) {
	case 0:
		r.ForcePush("main", 1+s.rng.IntN(900))
	case 1:
		r.ForcePush("main", 1+s.rng.IntN(900))
		r.GC()
	case 2:
		r.Rewind("main", s.rng.IntN(500))
	default:
		r.Commits("main", s.rng.IntN(1500))
	}
}

// BenchmarkProcess is the program alone, storing a history of 200,000 commits that another process (this
// one) sends: its memory, its share of the processors, and how fast it is.
func BenchmarkProcess(b *testing.B) {
	const commits = 200_000
	server := benchServer(b)
	longHistory(server.Workspace("acme").NewRepository("big"), commits)
	server.AddAccessToken(testToken)
	program := build(b)
	var cpu time.Duration
	memory := map[string]int{} // in kilobytes
	for b.Loop() {
		cmd := syncCommand(program, filepath.Join(b.TempDir(), "trunkstat.db"), server.URL())
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		watched := watch(cmd.Process.Pid, memory)
		if err := cmd.Wait(); err != nil {
			b.Fatalf("sync: %v", err)
		}
		<-watched
		cpu += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	}
	b.ReportMetric(commits*float64(b.N)/b.Elapsed().Seconds(), "commits/s")
	b.ReportMetric(commits*float64(b.N)/cpu.Seconds(), "commits/cpu-s")
	b.ReportMetric(float64(memory["VmHWM"])/1024, "MB-resident") // pages of the file that are mapped included
	b.ReportMetric(float64(memory["RssAnon"])/1024, "MB-own")
}

// watch looks at what Linux says of the memory of a process until it ends. What wait tells of a child
// includes the memory of its parent.
func watch(pid int, memory map[string]int) (done chan struct{}) {
	done = make(chan struct{})
	go func() {
		defer close(done)
		for {
			status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
			if err != nil || !bytes.Contains(status, []byte("VmHWM")) {
				return
			}
			for line := range strings.Lines(string(status)) {
				var name string
				var kilobytes int
				if n, _ := fmt.Sscan(strings.Replace(line, ":", " ", 1), &name, &kilobytes); n == 2 {
					memory[name] = max(memory[name], kilobytes)
				}
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
	return done
}
