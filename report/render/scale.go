package render

import (
	"fmt"
	"math"
	"slices"
)

// bands are columns of the same width beside each other, in percent of the plot.
type bands int

// middle is where the middle of a band is, in percent.
func (n bands) middle(i int) float64 { return round(100 * (float64(i) + 0.5) / float64(n)) }

// part is a part of a band, in pixels from y down: 0 and 1 are the sides of the band. Where there are few
// bands, it is narrower, in the middle: bars as wide as a third of the page look like areas.
func (n bands) part(i int, from, to, y, height float64) box {
	const widest = 11 // percent: nine bands and more are not changed
	width := min(100/float64(n), widest)
	x := 100*(float64(i)+0.5)/float64(n) + (from-0.5)*width
	return box{round(x), y, round((to - from) * width), height}
}

// cell is a whole band, in pixels from y down.
func (n bands) cell(i int, y, height float64) box {
	return box{round(100 * float64(i) / float64(n)), y, round(100 / float64(n)), height}
}

// line has a point in the middle of each band, at the height of its number.
func (n bands) line(numbers []int, up valueScale) []point {
	points := make([]point, len(numbers))
	for i, number := range numbers {
		points[i] = point{n.middle(i), up.at(number)}
	}
	return points
}

// A valueScale puts the numbers from 0 to most between two coordinates, of pixels or percent. All scales
// begin at 0: a bar that did not would show a small difference as a large one.
type valueScale struct {
	from, to float64
	most     int
}

// length is how far n is from 0. What is not 0 can be seen: it has at least a pixel of the 240 of a plot.
func (s valueScale) length(n int) float64 {
	whole := math.Abs(s.to - s.from)
	return round(max(whole*float64(n)/float64(max(s.most, 1)), float64(min(n, 1))*whole/240))
}

// at is the coordinate of n.
func (s valueScale) at(n int) float64 {
	return round(s.from + math.Copysign(s.length(n), s.to-s.from))
}

// round keeps coordinates short: a hundredth of a pixel cannot be seen.
func round(f float64) float64 { return math.Round(f*100) / 100 }

// tickDistance is the distance of the ticks of an axis: 1, 2 or 5 times a power of ten, three to
// six of them up to most.
func tickDistance(most int) int {
	for power := 1; ; power *= 10 {
		for _, n := range []int{1, 2, 5} {
			if n*power*5 >= most {
				return n * power
			}
		}
	}
}

// A shadeScale has the least number of each of up to five shades, which have about as many numbers each,
// so that one day of an import does not leave all the others pale.
type shadeScale struct {
	least []int
	most  int // the highest number of the last shade
}

// mostShades is how many shades of one hue can be told apart beside each other.
const mostShades = 5

// newShadeScale makes the shades for the numbers that are not 0, which has a shade of its own.
func newShadeScale(numbers []int) (s shadeScale) {
	numbers = slices.DeleteFunc(slices.Clone(numbers), func(n int) bool { return n <= 0 })
	slices.Sort(numbers)
	for i := range min(mostShades, len(numbers)) {
		s.least = append(s.least, numbers[i*len(numbers)/mostShades])
	}
	s.least = slices.Compact(s.least)
	if len(numbers) > 0 {
		s.most = numbers[len(numbers)-1]
	}
	return s
}

// class is the CSS class of n. The highest shade is always used, so that few numbers are as dark as many.
func (s shadeScale) class(n int) string {
	i, _ := slices.BinarySearch(s.least, n+1)
	if i > 0 {
		i += mostShades - len(s.least)
	}
	return fmt.Sprint("d", i)
}

// legend has the numbers of each shade, the first and the last.
func (s shadeScale) legend() []key {
	legend := []key{{"", "fewer"}, {"d0", "0"}}
	for i, least := range s.least {
		text, last := Count(least), s.most
		if i+1 < len(s.least) {
			last = s.least[i+1] - 1
		}
		if last > least {
			text += "–" + Count(last)
		}
		legend = append(legend, key{s.class(least), text})
	}
	return append(legend, key{"", "more commits"})
}
