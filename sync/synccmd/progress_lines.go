package synccmd

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"trunkstat/report/render"
	"trunkstat/store"
)

// mostWalks is how many repositories under way are shown, each on a line.
const mostWalks = 4

// sentence is the standing in one plain line.
func (s *standing) sentence() string {
	if !s.planned {
		return fmt.Sprintf("listing: %s so far", count(s.listed, "repository", "repositories"))
	}
	return fmt.Sprintf("%d of %s, %s", s.done, count(s.total, "repository", "repositories"),
		count(s.commits, "commit", "commits"))
}

// lines are the standing for a terminal: the whole, the walks, the requests, what is waited for.
// No line is as wide as the terminal, and there are fewer than it has rows: then nothing wraps or
// scrolls. The first line is always there; where rows are few the walks go first.
func (s *standing) lines(now time.Time, width, height int) []string {
	lines := []string{s.whole(now, width)}
	tail := []string{s.requestLine(width)}
	if !s.wait.Until.IsZero() {
		left := max(s.wait.Until.Sub(now), 0)
		tail = append(tail, fmt.Sprintf("  waiting %s, until %s: %s", clockWords(left),
			s.wait.Until.Local().Format(time.TimeOnly), s.wait.Reason))
	}
	if s.trouble != "" {
		tail = append(tail, "  "+s.trouble+", trying again")
	}
	room := max(height-1-len(lines)-len(tail), 0)
	lines = append(lines, s.walkLines(min(room, mostWalks+1))...)
	lines = append(lines, tail...)
	lines = lines[:max(1, min(len(lines), height-1))]
	for i := range lines {
		lines[i] = fit(store.Clean(lines[i]), width-1)
	}
	return lines
}

// whole is the line on the run as a whole, with a bar where there is room for one.
func (s *standing) whole(now time.Time, width int) string {
	if !s.planned {
		return fmt.Sprintf("%s: listing, %s so far", s.workspace, count(s.listed, "repository", "repositories"))
	}
	left := ""
	if d, ok := s.timeLeft(now); ok {
		left = ", about " + roughly(d) + " left"
	}
	text := fmt.Sprintf("%d of %s, %s commits%s", s.done,
		count(s.total, "repository", "repositories"), render.Count(s.commits), left)
	const least, most = 10, 24
	room := width - 1 - utf8.RuneCountInString(s.workspace+":  "+text)
	if room < 0 {
		text = fmt.Sprintf("%d of %d, %s commits%s", s.done, s.total, render.Count(s.commits), left)
	}
	if room < least || s.total == 0 {
		return s.workspace + ": " + text
	}
	return s.workspace + ": " + bar(s.done, s.total, min(room, most)) + " " + text
}

func bar(done, total, width int) string {
	full := min(done*width/total, width)
	return strings.Repeat("█", full) + strings.Repeat("░", width-full)
}

// walkLines name the walks under way, on at most room lines.
func (s *standing) walkLines(room int) []string {
	shown := s.walks
	if len(shown) > min(room, mostWalks) {
		shown = shown[:max(min(room-1, mostWalks), 0)]
	}
	wide := 0
	for _, w := range shown {
		wide = max(wide, min(utf8.RuneCountInString(w.slug), 32))
	}
	var lines []string
	for _, w := range shown {
		lines = append(lines, fmt.Sprintf("  %-*s  %s commits", wide, fit(w.slug, wide), render.Count(w.commits)))
	}
	if more := len(s.walks) - len(shown); more > 0 && room > len(shown) {
		lines = append(lines, fmt.Sprintf("  and %d more", more))
	}
	return lines
}

func (s *standing) requestLine(width int) string {
	line := "  " + count(s.requests, "request", "requests")
	if s.left >= 0 {
		line += fmt.Sprintf(", %s left", render.Count(s.left))
	}
	limit := fmt.Sprintf(" (limit %s an hour)", render.Count(s.limit))
	if s.left >= 0 && s.limit > 0 && len(line+limit) < width {
		line += limit
	}
	return line
}

// timeLeft guesses from the repositories that are done, which are known to be like the others only
// when there are some of them, and says nothing of the last ones, which are mostly the longest. Where
// the hour's requests will not do for the rest, it counts the hours until they come back.
func (s *standing) timeLeft(now time.Time) (time.Duration, bool) {
	active := now.Sub(s.began) - s.waited
	if !s.waitBegan.IsZero() {
		active -= now.Sub(s.waitBegan)
	}
	rest := s.total - s.done
	if s.done < 3 || s.done*20 < s.total || rest <= len(s.walks) || active < 3*time.Second {
		return 0, false
	}
	left := active / time.Duration(s.done) * time.Duration(rest)
	if missing := s.requests*rest/s.done - s.left; s.limit > 0 && s.left >= 0 && missing > 0 {
		left += time.Duration(missing) * time.Hour / time.Duration(s.limit)
	}
	return left, true
}

// roughly is a duration as one says it: 40s, 12m, 3h20m.
func roughly(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", max(int(d/time.Second), 1))
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d/time.Minute))
	}
	return fmt.Sprintf("%dh%02dm", int(d/time.Hour), int(d%time.Hour/time.Minute))
}

// clockWords is a countdown: 4m05s.
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

// fit cuts a line that is too wide. What it holds is of one column a letter: slugs, numbers and our
// own words.
func fit(s string, width int) string {
	if utf8.RuneCountInString(s) <= width {
		return s
	}
	if width < 1 {
		return ""
	}
	return string([]rune(s)[:width-1]) + "…"
}
