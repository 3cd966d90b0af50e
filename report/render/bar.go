package render

import (
	"strconv"
	"strings"
)

// widenBar widens the bar by what room is left.
func (s *sheet) widenBar(room int) {
	for i := range s.columns {
		if c := &s.columns[i]; c.bar {
			c.width = max(min(c.width+room, maxBar), minBar)
		}
	}
}

// numberIn is the number that a bar stands for.
func numberIn(cell string) int {
	n, _ := strconv.Atoi(cell)
	return n
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
