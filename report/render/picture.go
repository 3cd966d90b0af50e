package render

import (
	"fmt"
	"math"
	"strings"
)

// A picture is a drawing in SVG. Charts put marks on it: bars, cells, a line with a filled area,
// ticks of an axis, and labels. Its text is plain; the template escapes it.
type picture struct {
	ID, Title, Desc string
	Width, Height   float64
	Rules           []rule
	Area            string // the path of a line with the area below it
	Rects           []rect
	Labels          []label
}

// The marks as the template writes them, in the units of the picture's width and height.
type rule struct{ X1, Y1, X2, Y2 float64 }

type rect struct {
	X, Y, W, H   float64
	Class, Title string
}

type label struct {
	X, Y                float64
	Anchor, Class, Text string
}

type point struct{ x, y float64 }

// bar adds a rectangle from one corner to the opposite one.
func (p *picture) bar(from, to point, title string) {
	width, height := round(to.x-from.x), round(to.y-from.y)
	p.Rects = append(p.Rects, rect{from.x, from.y, width, height, "mark", title})
}

// cell adds a square in one of five shades, 0 for nothing.
func (p *picture) cell(at point, size float64, shade int, title string) {
	p.Rects = append(p.Rects, rect{at.x, at.y, size, size, fmt.Sprintf("d%d", shade), title})
}

// line adds a line through points, with the area between it and the axis filled, which goes from
// one point to another.
func (p *picture) line(from, to point, points []point) {
	var path strings.Builder
	fmt.Fprintf(&path, "M%.1f %.1f", from.x, from.y)
	for _, at := range points {
		fmt.Fprintf(&path, "L%.1f %.1f", at.x, at.y)
	}
	fmt.Fprintf(&path, "L%.1f %.1fZ", to.x, to.y)
	p.Area = path.String()
}

// tick adds a line across the picture at a value of the vertical axis, and the value before it.
func (p *picture) tick(from, to, y float64, text string) {
	p.Rules = append(p.Rules, rule{from, y, to, y})
	p.label(point{from - 8, y + 4}, "end", "", text)
}

// label adds text that begins, ends or has its middle at a point.
func (p *picture) label(at point, anchor, class, text string) {
	p.Labels = append(p.Labels, label{at.x, at.y, anchor, class, text})
}

// A valueScale gives numbers from 0 to most their places from one coordinate to another.
type valueScale struct {
	from, to float64
	most     int
}

// at is the coordinate of n. What is not 0 is at least one unit away from 0.
func (s valueScale) at(n int) float64 {
	length := round((s.to - s.from) * float64(n) / float64(max(s.most, 1)))
	if n > 0 && math.Abs(length) < 1 {
		length = math.Copysign(1, s.to-s.from)
	}
	return s.from + length
}

// tickDistance is the distance of the ticks of an axis: 1, 2 or 5 times a power of ten, three to
// six of them up to most.
func tickDistance(most int) int {
	power := 1
	for {
		for _, n := range []int{1, 2, 5} {
			if n*power*5 >= most {
				return n * power
			}
		}
		power *= 10
	}
}

// round keeps coordinates short.
func round(f float64) float64 { return math.Round(f*10) / 10 }
