package store

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

// A mapped file that is damaged shows itself as a memory fault, or as a panic inside bbolt.
// Everything that touches the mapping runs in a guard, which makes an error of those two and
// lets every other panic (a bug in our own code) pass. A guard holds for one goroutine.

// A fault carries a damage panic out of an iterator: iter.Pull runs iterators on a goroutine
// of their own, where the stack of the guard is not seen.
type fault struct{ value any }

// guard runs f and returns ErrDamaged, with the path, where f ran into damage.
func guard(path string, f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if !isDamage(p) {
			panic(p)
		}
		err = damaged(path, "%v", p)
	}()
	return f()
}

// watchFaults is deferred by iterators: defer watchFaults()().
func watchFaults() (done func()) {
	old := debug.SetPanicOnFault(true)
	return func() {
		debug.SetPanicOnFault(old)
		p := recover()
		if p == nil {
			return
		}
		if isDamage(p) {
			p = fault{p}
		}
		panic(p)
	}
}

// String gives the damage without the words that Go puts before a runtime error.
func (f fault) String() string { return strings.TrimPrefix(fmt.Sprint(f.value), "runtime error: ") }

// isDamage reports whether p, just recovered, is a fault or was raised inside bbolt.
func isDamage(p any) bool {
	if _, ok := p.(fault); ok {
		return true
	}
	if e, ok := p.(runtime.Error); ok {
		// Only faults at an address outside of Go's memory have this method.
		if _, ok := e.(interface{ Addr() uintptr }); ok {
			return true
		}
	}
	return raisedInBolt()
}

// raisedInBolt looks at the stack of a recovered panic, which is still there below the
// deferred function: whose code is nearest to the panic, bbolt's or ours?
func raisedInBolt() bool {
	var pcs [64]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])])
	panicked := false
	for {
		frame, more := frames.Next()
		switch {
		case frame.Function == "runtime.gopanic":
			panicked = true
		case !panicked:
		case strings.HasPrefix(frame.Function, "go.etcd.io/bbolt"):
			return true
		case strings.HasPrefix(frame.Function, "trunkstat"), strings.HasPrefix(frame.Function, "main."):
			return false
		}
		if !more {
			return false
		}
	}
}

// damaged says what is wrong with the file at path.
func damaged(path, format string, args ...any) error {
	return fmt.Errorf("%s: %w: %s", path, ErrDamaged, fmt.Sprintf(format, args...))
}

func beyondRepair(path, format string, args ...any) error {
	return fmt.Errorf("%s: %w: %s", path, ErrBeyondRepair, fmt.Sprintf(format, args...))
}
