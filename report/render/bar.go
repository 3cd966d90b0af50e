package render

import (
	"strconv"
	"strings"
)

// drawBars widens the bar column by what room is left, and makes its numbers bars.
func (s *sheet) drawBars(room int) {
	for i, c := range s.columns {
		if !c.bar {
			continue
		}
		s.widths[i] = max(min(s.widths[i]+room, maxBar), minBar)
		most := 0
		for _, row := range s.rows {
			n, _ := strconv.Atoi(row[i])
			most = max(most, n)
		}
		for _, row := range s.rows {
			n, _ := strconv.Atoi(row[i])
			row[i] = bar(n, most, s.widths[i])
		}
	}
}

// bar draws n as a bar that is width columns wide where n is most, in steps of an eighth of a
// column. What is not 0 is seen.
func bar(n, most, width int) string {
	if n <= 0 || most <= 0 {
		return ""
	}
	eighths := max(1, int(float64(n)/float64(most)*float64(8*width)+0.5))
	text := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		text += string([]rune(" ▏▎▍▌▋▊▉")[rest])
	}
	return text
}

// sparkline draws one block for each number, as high as it is beside the greatest of them. A
// point stands for 0.
func sparkline(numbers []int) string {
	most := 0
	for _, n := range numbers {
		most = max(most, n)
	}
	var b strings.Builder
	for _, n := range numbers {
		if n <= 0 {
			b.WriteRune('·')
			continue
		}
		b.WriteRune([]rune("▁▂▃▄▅▆▇█")[min(7, int(float64(n)/float64(most)*8))])
	}
	return b.String()
}
