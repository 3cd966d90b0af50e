package sandbox

import "math/bits"

// A set of commit numbers.
type set []uint64

func (s set) has(n int32) bool { return s[n>>6]&(1<<(n&63)) != 0 }
func (s set) put(n int32)      { s[n>>6] |= 1 << (n & 63) }

func (s set) count() (n int) {
	for _, word := range s {
		n += bits.OnesCount64(word)
	}
	return n
}

// reach returns the commits reachable from the tips, themselves included.
func (g *graph) reach(tips []int32) set {
	s := make(set, (len(g.hashes)+63)/64)
	for _, tip := range tips {
		s.put(tip)
	}
	for w := len(s) - 1; w >= 0; w-- {
		// A parent has a lower number, so that it may turn up in the word being swept,
		// but only below the bit just done.
		for below := ^uint64(0); s[w]&below != 0; {
			bit := 63 - bits.LeadingZeros64(s[w]&below)
			below = 1<<bit - 1
			g.eachParent(int32(w<<6+bit), s.put)
		}
	}
	return s
}

func (g *graph) eachParent(n int32, f func(int32)) {
	if g.first[n] < 0 {
		return
	}
	f(g.first[n])
	if len(g.more) > 0 {
		for _, p := range g.more[n] {
			f(p)
		}
	}
}

// order lists the commits reachable from include and not from exclude as git log --date-order
// does: no parent before all of its children, and among those that may come the newest first.
// So the dates are not monotone.
func (g *graph) order(include, exclude []int32) []int32 {
	in := g.reach(include)
	if len(exclude) > 0 {
		for w, word := range g.reach(exclude) {
			in[w] &^= word
		}
	}
	children := g.children(in)
	list := make([]int32, 0, in.count())
	ready := &byDate{dates: g.dates}
	in.each(func(n int32) {
		if children[n] == 0 {
			ready.push(n)
		}
	})
	for len(ready.list) > 0 {
		n := ready.pop()
		list = append(list, n)
		g.eachParent(n, func(p int32) {
			if children[p]--; children[p] == 0 && in.has(p) {
				ready.push(p)
			}
		})
	}
	return list
}

func (g *graph) children(in set) []int32 {
	count := make([]int32, len(g.hashes))
	in.each(func(n int32) {
		g.eachParent(n, func(p int32) { count[p]++ })
	})
	return count
}

func (s set) each(f func(int32)) {
	for w, word := range s {
		for ; word != 0; word &= word - 1 {
			f(int32(w<<6 + bits.TrailingZeros64(word)))
		}
	}
}

// byDate is a heap with the newest commit on top; of two equally new ones the later number.
type byDate struct {
	list  []int32
	dates []int64
}

func (h *byDate) before(i, j int) bool {
	a, b := h.list[i], h.list[j]
	if h.dates[a] != h.dates[b] {
		return h.dates[a] > h.dates[b]
	}
	return a > b
}

func (h *byDate) push(n int32) {
	h.list = append(h.list, n)
	for i := len(h.list) - 1; i > 0; {
		up := (i - 1) / 2
		if !h.before(i, up) {
			return
		}
		h.list[i], h.list[up] = h.list[up], h.list[i]
		i = up
	}
}

func (h *byDate) pop() int32 {
	top, last := h.list[0], len(h.list)-1
	h.list[0] = h.list[last]
	h.list = h.list[:last]
	for i := 0; ; {
		down := 2*i + 1
		if down >= last {
			return top
		}
		if down+1 < last && h.before(down+1, down) {
			down++
		}
		if !h.before(down, i) {
			return top
		}
		h.list[i], h.list[down] = h.list[down], h.list[i]
		i = down
	}
}
