package synccmd

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"
)

// A screen keeps a few lines at the foot of a terminal up to date, and prints what is written to it
// above them. mpb redraws them in its own time; all of them are one of its bars, since their number
// changes and they are cut to one width.
type screen struct {
	out   *os.File
	lines func(width, height int) []string
	bars  *mpb.Progress
	bar   *mpb.Bar

	mu     sync.Mutex
	above  strings.Builder // what was written since the last frame
	rest   []string        // of the frame being drawn: all lines but the first
	widths []int           // of the lines on the terminal
	width  int             // of the terminal when they were drawn
	closed bool
}

func newScreen(out *os.File, lines func(width, height int) []string) *screen {
	s := &screen{out: out, lines: lines}
	s.bars = mpb.New(mpb.WithOutput(out))
	s.bar = s.bars.MustAdd(0, mpb.BarFillerFunc(s.drawFirst), mpb.BarFillerTrim(),
		mpb.BarExtender(mpb.BarFillerFunc(s.drawRest), false))
	return s
}

// Write prints whole lines above the live ones, with the next frame.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return s.out.Write(p)
	}
	return s.above.Write(p)
}

// drawFirst draws the frame down to its first line, which ends in the newline that mpb adds. mpb
// has moved up to where the last frame began by then, but not to the left: what is typed, ^C say,
// moves the cursor.
func (s *screen) drawFirst(w io.Writer, stat decor.Statistics) error {
	width, height := stat.AvailableWidth, 24
	if columns, rows, err := term.GetSize(int(s.out.Fd())); err == nil && columns > 0 {
		width, height = columns, rows
	}
	lines := s.lines(width, height) // before the lock, which who tells something may wait for
	s.mu.Lock()
	defer s.mu.Unlock()
	text := "\r" + s.unwrapped(width) + s.above.String() + lines[0]
	s.above.Reset()
	s.width, s.widths, s.rest = width, s.widths[:0], lines[1:]
	for _, line := range lines {
		s.widths = append(s.widths, utf8.RuneCountInString(line))
	}
	_, err := io.WriteString(w, text)
	return err
}

func (s *screen) drawRest(w io.Writer, _ decor.Statistics) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, line := range s.rest {
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}

// unwrapped moves up over the rows that the last frame has more since the terminal became narrower
// and wrapped it, of which mpb does not know. A console of Windows gets no escape sequence: some
// would show it.
func (s *screen) unwrapped(width int) string {
	more := 0
	for _, n := range s.widths {
		if width > 0 && n > 0 {
			more += (n - 1) / width
		}
	}
	if more == 0 || width >= s.width || runtime.GOOS == "windows" {
		return ""
	}
	return fmt.Sprintf("\x1b[%dA\x1b[J", more)
}

// close takes the live lines away, and prints what was written after the last frame.
func (s *screen) close() {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return
	}
	s.mu.Unlock()
	s.bar.Abort(true)
	s.bars.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	io.WriteString(s.out, "\r"+s.above.String())
}
