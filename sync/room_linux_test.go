package sync

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// inNamespace is set in a process that may mount.
const inNamespace = "TRUNKSTAT_SYNC_TEST_MOUNTS"

// TestFullDisk syncs onto a disk that is full, and that is made a little larger for the next run. It
// runs in a process with its own mounts, which anybody may have where the kernel lets users map
// themselves to root.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	if os.Getenv(inNamespace) == "" {
		ownMounts(t)
		return
	}
	if err := syscall.Mount("", "/", "", syscall.MS_PRIVATE|syscall.MS_REC, ""); err != nil { // nobody else sees it
		t.Fatal(err)
	}
	folder := t.TempDir()
	mount := func(kilobytes int, flags uintptr) {
		if err := syscall.Mount("tmpfs", folder, "tmpfs", flags, fmt.Sprintf("size=%dk", kilobytes)); err != nil {
			t.Fatalf("mount: %v", err)
		}
	}
	mount(8, 0)
	defer syscall.Unmount(folder, syscall.MNT_DETACH)
	c := newCramped(t, folder)
	asIs := func(cmd *exec.Cmd) *exec.Cmd { return cmd }
	want := []string{"no space left on device", "trunkstat: hint: make room"}
	for kilobytes := 16; !c.run(want, asIs) && !t.Failed(); kilobytes = kilobytes * 3 / 2 {
		mount(kilobytes, syscall.MS_REMOUNT)
	}
	if c.runs < 4 {
		t.Errorf("%d runs failed: the test tests little", c.runs)
	}
	var disk syscall.Statfs_t
	if err := syscall.Statfs(folder, &disk); err != nil {
		t.Fatal(err)
	}
	mount(int(disk.Blocks-disk.Bfree)*int(disk.Bsize)/1024+8, syscall.MS_REMOUNT)
	for _, args := range [][]string{{"db", "compact"}, {"db", "backup", filepath.Join(folder, "copy")}} {
		out, err := command(c.program, c.db.Path(), "", args...).CombinedOutput()
		if err == nil || !strings.Contains(string(out), want[0]) {
			t.Errorf("%v: %v\n%s", args, err, out)
		}
	}
	c.whole()
	if err := errors.Join(c.differs(), c.sound()); err != nil {
		t.Error(err)
	}
}

// ownMounts runs the test that calls it in a process with its own mounts.
func ownMounts(t *testing.T) {
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), inNamespace+"=1", programVariable+"="+build(t))
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	if os.Geteuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Geteuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getegid(), Size: 1}}
	}
	out, err := cmd.CombinedOutput()
	if os.Geteuid() != 0 && errors.Is(err, fs.ErrPermission) {
		t.Skipf("this kernel lets only root mount: %v (TestFileSizeLimit runs everywhere)", err)
	}
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
