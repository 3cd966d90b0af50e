package synccmd

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"trunkstat/report/render"
	"trunkstat/store"
)

// maxWalks is how many active walks are shown, each on a line.
const maxWalks = 4

// plainLine returns the status in one line.
func (s *status) plainLine() string {
	if !s.planned {
		return fmt.Sprintf("listing: %s so far", repositories(s.listed))
	}
	return fmt.Sprintf("%d of %s, %s", s.done, repositories(s.total),
		count(s.commits, "commit", "commits"))
}

// lines returns the status for a terminal: the run, the active walks, the requests, the reason of a wait.
// Each is narrower than the terminal, and there are fewer than it has rows, so that nothing wraps or scrolls.
// If rows are few, the walks are left out first, and the first line never.
func (s *status) lines(now time.Time, width, height int) []string {
	lines := []string{s.headline(now, width)}
	tail := []string{s.requestLine(width)}
	if !s.wait.Until.IsZero() {
		left := max(s.wait.Until.Sub(now), 0)
		tail = append(tail, fmt.Sprintf("  waiting %s, until %s: %s", clockWords(left),
			s.wait.Until.Local().Format(time.TimeOnly), s.wait.Reason))
	}
	if s.trouble != "" {
		tail = append(tail, "  "+s.trouble+"; trying again")
	}
	room := max(height-1-len(lines)-len(tail), 0)
	lines = append(lines, s.walkLines(min(room, maxWalks+1))...)
	lines = append(lines, tail...)
	lines = lines[:max(1, min(len(lines), height-1))]
	for i := range lines {
		lines[i] = fit(store.Clean(lines[i]), width-1)
	}
	return lines
}

// headline returns the line on the run, with a bar if there is room for one.
func (s *status) headline(now time.Time, width int) string {
	if !s.planned {
		return fmt.Sprintf("%s: listing, %s so far", s.workspace, repositories(s.listed))
	}
	left := ""
	if d, ok := s.timeLeft(now); ok {
		left = ", about " + roughly(d) + " left"
	}
	text := fmt.Sprintf("%d of %s, %s commits%s", s.done,
		repositories(s.total), render.Count(s.commits), left)
	const minBar, maxBar = 10, 24
	room := width - 1 - utf8.RuneCountInString(s.workspace+":  "+text)
	if room < 0 {
		text = fmt.Sprintf("%d of %d, %s commits%s", s.done, s.total, render.Count(s.commits), left)
	}
	if room < minBar || s.total == 0 {
		return s.workspace + ": " + text
	}
	return s.workspace + ": " + bar(s.done, s.total, min(room, maxBar)) + " " + text
}

func bar(done, total, width int) string {
	full := min(done*width/total, width)
	return strings.Repeat("█", full) + strings.Repeat("░", width-full)
}

// walkLines returns the active walks, on at most room lines.
func (s *status) walkLines(room int) []string {
	shown := s.walks
	if len(shown) > min(room, maxWalks) {
		shown = shown[:max(min(room-1, maxWalks), 0)]
	}
	wide := 0
	for _, w := range shown {
		wide = max(wide, min(utf8.RuneCountInString(w.slug), 32))
	}
	var lines []string
	for _, w := range shown {
		slug := fit(w.slug, wide)
		lines = append(lines, fmt.Sprintf("  %-*s  %s commits", wide, slug, render.Count(w.commits)))
	}
	if more := len(s.walks) - len(shown); more > 0 && room > len(shown) {
		lines = append(lines, fmt.Sprintf("  and %d more", more))
	}
	return lines
}

// requestLine returns the counts of the budget. The limit is left out if the terminal is too narrow.
func (s *status) requestLine(width int) string {
	line := "  " + requests(s.requests)
	if s.left >= 0 {
		line += fmt.Sprintf(", %s left", render.Count(s.left))
	}
	limit := fmt.Sprintf(" (limit %s an hour)", render.Count(s.limit))
	if s.left >= 0 && s.limit > 0 && len(line+limit) < width {
		line += limit
	}
	return line
}

// roughly returns a duration in its largest units: 40s, 12m, 3h20m.
func roughly(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", max(int(d/time.Second), 1))
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d/time.Minute))
	}
	return fmt.Sprintf("%dh%02dm", int(d/time.Hour), int(d%time.Hour/time.Minute))
}

// clockWords returns a duration to the second: 4m05s.
func clockWords(d time.Duration) string {
	d = d.Round(time.Second)
	if d < time.Minute {
		return fmt.Sprintf("%ds", int(d/time.Second))
	}
	if d < time.Hour {
		return fmt.Sprintf("%dm%02ds", int(d/time.Minute), int(d%time.Minute/time.Second))
	}
	return fmt.Sprintf("%dh%02dm", int(d/time.Hour), int(d%time.Hour/time.Minute))
}

// fit cuts a line that is too wide. Its characters have one column each: slugs, numbers and our own words.
func fit(s string, width int) string {
	if utf8.RuneCountInString(s) <= width {
		return s
	}
	if width < 1 {
		return ""
	}
	return string([]rune(s)[:width-1]) + "…"
}
