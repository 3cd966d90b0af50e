package store

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

// guard runs f, which reads or writes the mapped file. A damaged page shows itself as a memory fault
// or as a panic inside bbolt: both become an error of the kind, which is ErrDamaged or ErrBeyondRepair. Every
// other panic is a bug and goes on. A guard holds for the goroutine that it runs on.
func guard(path string, kind error, f func() error) (err error) {
	// Without this, a fault ends the program with a trace. What was set before is set again at the end.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if !isFault(p) && !raisedInBolt() {
			panic(p)
		}
		err = fmt.Errorf("%s: %w: %v", path, kind, p)
	}()
	return f()
}

// isFault reports whether p was raised by an access to memory that is not there. Only such errors
// have an address.
func isFault(p any) bool {
	_, ok := p.(interface {
		runtime.Error
		Addr() uintptr
	})
	return ok
}

// raisedInBolt reports whether the panic that was just recovered was raised by bbolt rather than by
// this program: it looks at the functions between the panic and the guard, the nearest first.
func raisedInBolt() bool {
	var pcs [64]uintptr // enough: the function that decides is among the first
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
