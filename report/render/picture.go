package render

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/clipperhouse/displaywidth"
)

// A picture is a drawing in SVG. Charts put marks on it: bars and cells, lines and areas, ticks of axes, and
// labels. Its text is plain; the template escapes it.
//
// The plot, which has the marks, is as wide as the window allows: x and widths are percent of its width. But
// y, heights and the size of text are pixels, so that text is readable on a phone as well. Labels may stand
// beside the plot, in the pixels that Left and Right leave free. A page has no script, so nothing can be
// measured when it is shown: the room for labels is estimated here, for a wide screen and for a narrow one.
type picture struct {
	ID, Title   string
	Desc        string // sentences that say what there is to see
	Height      float64
	Left, Right float64
	NarrowRight float64 // Right on a narrow screen, if it is another there
	MaxWidth    float64 // 0: that of the page
	Cells       bool    // the rectangles are cells, with space between them
	Rules       []rule
	Areas       []area
	Rects       []rect
	Labels      []label
	Legend      []key
}

// The marks as the template writes them. What a browser shows when the pointer is on a mark is its Title.
type (
	box  struct{ X, Y, W, H float64 } // x and width in percent, y and height in pixels
	rule struct{ X1, Y1, X2, Y2 float64 }
	rect struct {
		box
		Class, Title string
	}
	area  struct{ Class, Title, Path string }
	point struct{ x, y float64 }
	key   struct{ Class, Text string } // of a legend, or a part of a label; the class is a colour
	label struct {
		X, Y, Move          float64 // X in percent, the others in pixels; Move is added to X
		Anchor, Class, Text string  // Anchor says which part of the text is at X: start, middle or end
		More                []key   // stands behind Text
	}
)

// Lengths in pixels.
const (
	plotTop, plotBottom = 20.0, 260.0 // the ends of a vertical axis
	plotLeast           = 60.0        // the least width of a plot
	sideTick            = 24.0        // how far a label of the horizontal axis may stick out of the plot
	charWidth           = 7.5         // of digits and most letters in labels
	capitalWidth        = 9.5         // of capitals
	wideWidth           = 12.25       // of wideLetters
	textMiddle          = 4.0         // how far the middle of a label's digits is above their baseline
	beside              = 12.0        // what a label beside the plot takes but for its text

	// The least widths of a figure on a wide screen, where the template shows the labels of the classes wide
	// and minor, and on a narrow one: 896 pixels (56rem) and 360, without the body's padding and a scroll
	// bar.
	wideFigure, narrowFigure = 832.0, 312.0
)

// wideLetters are much wider than others.
const wideLetters = "mMwW@%…жшщюЖШЩЮ"

// textWidth estimates how wide a label is, in pixels: rather too wide, and in DejaVu Sans, the widest font
// that browsers take for labels.
func textWidth(s string) float64 {
	width := charWidth * float64(displaywidth.String(s))
	for _, r := range s {
		switch {
		case strings.ContainsRune(wideLetters, r):
			width += wideWidth - charWidth
		case unicode.IsUpper(r):
			width += capitalWidth - charWidth
		}
	}
	return width
}

// Least is the least width of the picture, in pixels. On a narrower screen its figure scrolls.
func (p picture) Least() float64 { return p.Left + cmp.Or(p.NarrowRight, p.Right) + plotLeast }

// plotWidths are the least widths of the plot on a wide screen and on a narrow one, when it is known how much
// room labels take beside it.
func (p *picture) plotWidths() (wide, narrow float64) {
	labels := p.Left + p.Right
	return max(wideFigure-labels, plotLeast), max(narrowFigure-labels, plotLeast)
}

// baseline is that of a label in the middle of a row, which begins at y.
func baseline(y, height float64) float64 { return math.Round(y + height/2 + textMiddle) }

// bar adds a rectangle. class is its colour, title what a browser shows of it.
func (p *picture) bar(at box, class, title string) { p.Rects = append(p.Rects, rect{at, class, title}) }

// area adds the area between two lines; without a lower one, it adds a line. Points in the middle of a
// horizontal part are left out: years of days may have many, which would be most of the file.
func (p *picture) area(class, title string, upper, lower []point) {
	if len(upper) < 2 {
		return
	}
	points := slices.Clone(lower)
	slices.Reverse(points)
	points = append(slices.Clone(upper), points...)
	var path strings.Builder
	for i, at := range points {
		if i == 0 || i == len(points)-1 || points[i-1].y != at.y || points[i+1].y != at.y {
			fmt.Fprintf(&path, "%c%g %g", "ML"[min(i, 1)], at.x, at.y)
		}
	}
	p.Areas = append(p.Areas, area{class, title, path.String()})
}

// label adds text.
func (p *picture) label(l label) { p.Labels = append(p.Labels, l) }

// width is how wide the label is, on a wide screen or on a narrow one, where the template hides what is wide.
func (l label) width(wide bool) float64 {
	text := l.Text
	for _, k := range l.More {
		if wide || !strings.HasSuffix(k.Class, "wide") {
			text += k.Text
		}
	}
	return textWidth(text)
}

// name adds the name of a row to the left of the plot. A long one is cut, as it would leave the marks no
// room: the table has all of it. Those of two dimensions have more room.
func (p *picture) name(name string, y float64) {
	most := 26 // characters
	if strings.Contains(name, " / ") {
		most = 42
	}
	name = displaywidth.TruncateString(name, most, "…")
	p.label(label{Y: y, Move: -10, Anchor: "end", Class: "name", Text: name})
	p.Left = max(p.Left, textWidth(name)+beside)
}

// value adds the number of a row to the right of x, and more text behind it.
func (p *picture) value(x, y float64, n int, more ...key) {
	l := label{X: x, Y: y, Move: 8, Anchor: "start", Class: "value", Text: Count(n), More: more}
	p.Right = max(p.Right, l.width(true)+beside)
	p.NarrowRight = max(p.NarrowRight, l.width(false)+beside)
	p.label(l)
}

// valueAxis draws ticks at round numbers from the bottom of the plot to its top, and returns their scale. It
// ends at a tick, so that the highest mark has a number above it.
func (p *picture) valueAxis(most int) valueScale {
	distance := tickDistance(most)
	up := valueScale{plotBottom, plotTop, max((most+distance-1)/distance, 1) * distance}
	for n := 0; n <= up.most; n += distance {
		y := up.at(n)
		p.Rules = append(p.Rules, rule{0, y, 100, y})
		p.label(label{Y: y + textMiddle, Move: -8, Anchor: "end", Text: Count(n)})
	}
	p.Left = textWidth(Count(up.most)) + 10
	return up
}

// columnAxis draws the ticks of columns below y. All that has labels beside the plot is drawn already: what
// they leave decides how many ticks have room.
func (p *picture) columnAxis(t crosstab, y float64) {
	p.Height = y + 24
	wide, narrow := p.plotWidths()
	for _, tick := range ticksOf(t.across, t.columns, wide, narrow) {
		x := bands(len(t.columns)).middle(tick.at)
		p.Rules = append(p.Rules, rule{x, y, x, y + 5})
		p.tick(tick, label{X: x, Y: y + 18, Anchor: "middle"}, y+34)
		if tick.year != "" {
			p.Height = y + 40
		}
	}
}

// tick adds the name of a tick at the place of a label, and the year that begins with it, which has a line of
// its own.
func (p *picture) tick(t tick, at label, yearY float64) {
	if at.Text = t.text; t.isMinor {
		at.Class = "minor" // which the template hides on narrow screens
	}
	p.label(at)
	if t.year != "" {
		at.Y, at.Text = yearY, t.year
		p.label(at)
	}
}
