package report

import (
	"cmp"
	"math"
	"slices"
	"time"

	"trunkstat/report/calendar"
)

// partial returns the periods of shown rows and columns that are not over or that the range cuts, in order
// of time. Of a comparison, they are those of the current range.
func (b *builder) partial() []Partial {
	found := map[Partial]calendar.Date{} // with the first date of each
	for _, t := range b.now.shown() {
		for i := range t.axes {
			b.findPartial(found, t, i)
		}
	}
	partial := make([]Partial, 0, len(found))
	for p := range found {
		partial = append(partial, p)
	}
	slices.SortFunc(partial, func(p, q Partial) int {
		return cmp.Or(cmp.Compare(found[p], found[q]), cmp.Compare(p.Period, q.Period))
	})
	return partial
}

// findPartial adds the partial periods that a table has on an axis. An open end of the range cuts nothing.
func (b *builder) findPartial(found map[Partial]calendar.Date, t *table, axis int) {
	a := t.axes[axis]
	unit, ok := units[a.dim]
	if !ok {
		return
	}
	zone, f := b.q.Zone, b.q.Filter
	number := func(t time.Time) int32 { return int32(unit.Number(calendar.DateOf(t.In(zone)))) }
	current, first, last := number(b.q.Now), int32(math.MinInt32), int32(math.MaxInt32)
	if !f.Since.IsZero() && !unit.First(int(number(f.Since))).Start(zone).Equal(f.Since) {
		first = number(f.Since)
	}
	if !f.Until.IsZero() && !unit.Last(int(number(f.Until))).End(zone).Equal(f.Until) {
		last = number(f.Until)
	}
	for _, row := range t.order {
		n := t.value(row, axis)
		isWhole := n != first && n != last && n < current
		isOfBefore := b.before != nil && n > a.last // shown under the name of a period of that range
		if !isWhole && !isOfBefore {
			found[Partial{a.label(n).text, n >= current}] = unit.First(int(n))
		}
	}
}
