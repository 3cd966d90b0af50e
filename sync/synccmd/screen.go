package synccmd

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/term"
)

// redrawInterval is how often the live lines are drawn anew: often enough to look alive, and seldom enough
// for a slow connection to the terminal. Notices appear with the next frame, so they are late by this much at
// most.
const redrawInterval = 120 * time.Millisecond

// A screen keeps a few lines at the foot of a terminal up to date, and prints what is written to it above
// them. Each frame is one write that clears the frame before, so that the terminal never shows half of one.
// It uses none of the terminal's other modes: a program that is killed leaves the terminal as it was.
type screen struct {
	out   *os.File
	lines func(width, height int) []string // none of them wider than the terminal

	stop    context.CancelFunc
	running sync.WaitGroup // the goroutine that draws

	mu    sync.Mutex
	above strings.Builder // what was written since the last frame
	drawn []int           // the widths of the lines that are on the terminal
}

// newScreen returns a screen that draws lines until it is closed. Its goroutine ends with close, and not with
// the context of the run, which tells what it still stores after Ctrl-C.
func newScreen(out *os.File, lines func(width, height int) []string) *screen {
	ctx, stop := context.WithCancel(context.Background())
	s := &screen{out: out, lines: lines, stop: stop}
	s.running.Go(func() { s.run(ctx) })
	return s
}

// run draws until the context ends. The size is asked for each time, because the user may change it. The
// first frame comes after an interval, so that a run that ends at once shows none.
func (s *screen) run(ctx context.Context) {
	ticker := time.NewTicker(redrawInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			width, height := s.size()
			lines := s.lines(width, height) // without s.mu, which a writer in lines may need
			s.mu.Lock()
			s.draw(lines, width)
			s.mu.Unlock()
		}
	}
}

// size returns the size of the terminal; one that does not tell it is taken to have 80 columns and 24 rows,
// which is what terminals begin with.
func (s *screen) size() (width, height int) {
	width, height, err := term.GetSize(int(s.out.Fd()))
	if err != nil || width <= 0 {
		return 80, 24
	}
	return width, height
}

// draw replaces the lines on the terminal.
func (s *screen) draw(lines []string, width int) {
	text := s.erase(width) + s.above.String()
	s.above.Reset()
	s.drawn = s.drawn[:0]
	for _, line := range lines {
		text += line + "\n"
		s.drawn = append(s.drawn, utf8.RuneCountInString(line))
	}
	io.WriteString(s.out, text)
}

// erase moves the cursor to the beginning of the lines on the terminal and clears from there. The cursor may
// be anywhere in its row, because the terminal shows what is typed, ^C say. A line has several rows if the
// terminal became narrower since it was drawn.
func (s *screen) erase(width int) string {
	rows := 0
	for _, n := range s.drawn {
		rows += 1 + max(n-1, 0)/width // a line that fills its row to the end does not begin another
	}
	if rows == 0 {
		return "\r"
	}
	return fmt.Sprintf("\r\x1b[%dA\x1b[J", rows) // up by rows, and clear to the end of the screen
}

// Write prints whole lines above the live ones, with the next frame.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.above.Write(p)
}

// close clears the live lines, and prints what was written since the last frame.
func (s *screen) close() {
	s.stop()
	s.running.Wait()
	width, _ := s.size()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.draw(nil, width)
}
