package sync

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"

	"trunkstat/sync/sandbox"
)

// A pageFault is something that goes wrong with one page, of a listing or of commits.
type pageFault struct {
	name   string
	change func(q *http.Request, p *jsonPage)
}

func (f pageFault) String() string { return f.name }

// Next links that cannot be followed.
var (
	nextElsewhere = nextFault("elsewhere", func(_ *http.Request, next string) string {
		return "http://elsewhere.invalid" + next[strings.Index(next, "/2.0/"):]
	})
	nextOutside = nextFault("outside of the API", func(_ *http.Request, next string) string {
		return strings.Replace(next, "/2.0/", "/1.0/", 1)
	})
	nextAmpersand = nextFault("& for ?", func(_ *http.Request, next string) string {
		return strings.Replace(next, "?", "&", 1)
	})
	nextForgotten = nextFault("forgotten", func(_ *http.Request, next string) string {
		return strings.Replace(next, "ctx=", "ctx=forgotten", 1)
	})
	nextLoop = nextFault("loop", func(q *http.Request, _ string) string { return own(q) })
)

func nextFault(name string, change func(q *http.Request, next string) string) pageFault {
	return pageFault{"next " + name, func(q *http.Request, p *jsonPage) {
		if p.Next != "" {
			p.Next = change(q, p.Next)
		}
	}}
}

// own is the address of a request itself.
func own(q *http.Request) string { return "http://" + q.Host + q.URL.RequestURI() }

// isLater reports a page behind the first.
func isLater(q *http.Request) bool { return q.URL.Query().Has("page") }

// Rows that are wrong.
var (
	shiftedPage = pageFault{"a later page without its first row", func(q *http.Request, p *jsonPage) {
		if isLater(q) {
			p.Values = p.Values[1:]
		}
	}}
	nullRow        = pageFault{"null row", func(_ *http.Request, p *jsonPage) { p.Values[len(p.Values)/2] = nil }}
	rowWithoutUUID = pageFault{"row without uuid", func(_ *http.Request, p *jsonPage) {
		delete(p.Values[len(p.Values)/2], "uuid")
	}}
	repeatedRepository = pageFault{"one repository twice, and another never", func(_ *http.Request, p *jsonPage) {
		middle := len(p.Values) / 2
		p.Values[middle] = p.Values[middle-1]
	}}
	largerSize   = pageFault{"size is one more than what comes", func(_ *http.Request, p *jsonPage) { *p.Size++ }}
	emptyListing = pageFault{"empty listing", func(_ *http.Request, p *jsonPage) {
		p.Values, p.Next, *p.Size = p.Values[:0], "", 0
	}}
	shortListing = pageFault{"every other repository", func(_ *http.Request, p *jsonPage) {
		for i := range len(p.Values) / 2 {
			p.Values[i] = p.Values[2*i]
		}
		p.Values = p.Values[:len(p.Values)/2]
		*p.Size = len(p.Values)
	}}
)

// duplicateRows repeats the last row of a page at the beginning of a later one.
func duplicateRows() pageFault {
	last := map[string]map[string]any{} // by path
	return pageFault{"duplicated rows", func(q *http.Request, p *jsonPage) {
		if row := last[q.URL.Path]; row != nil && isLater(q) {
			p.Values = slices.Insert(p.Values, 0, row)
		}
		if len(p.Values) > 0 {
			last[q.URL.Path] = p.Values[len(p.Values)-1]
		}
	}}
}

// endlessRows has a next link on every page, which leads to the same rows, or to none.
func endlessRows(empty bool) pageFault {
	pages := 0
	return pageFault{fmt.Sprint("endless pages, empty: ", empty), func(q *http.Request, p *jsonPage) {
		pages++
		p.Next = own(q) + fmt.Sprint("&endless=", pages)
		if empty {
			p.Values = p.Values[:0]
		}
	}}
}

// failNext makes the next requests fail whose path and query contain match, by a fault of the sandbox or of
// a page. Negative times are for ever, until clearFaults.
func (w *world) failNext(match string, fault fmt.Stringer, times int) {
	switch f := fault.(type) {
	case sandbox.Fault:
		w.server.FailNext(match, f, times)
	case pageFault:
		w.mangle(func(q *http.Request, p *jsonPage) {
			if times != 0 && strings.Contains(q.URL.RequestURI(), match) {
				times--
				f.change(q, p)
			}
		})
	}
}

// failPages makes pages fail at random, each fault with its probability.
func (w *world) failPages(seed uint64, chance float64, faults ...pageFault) {
	random := rand.New(rand.NewPCG(seed, 0))
	w.mangle(func(q *http.Request, p *jsonPage) {
		for _, f := range faults {
			if random.Float64() < chance && len(p.Values) > 0 {
				f.change(q, p)
				return
			}
		}
	})
}

func (w *world) clearFaults() {
	w.server.ClearFaults()
	w.via = ""
}
