package sandbox

import (
	"encoding/hex"
	"strings"
)

// A hash is a commit's SHA-1, raw.
type hash [20]byte

func (h hash) String() string { return hex.EncodeToString(h[:]) }

func parseHash(s string) (h hash, ok bool) {
	if len(s) != 2*len(h) {
		return h, false
	}
	_, err := hex.Decode(h[:], []byte(s))
	return h, err == nil
}

// A person is the author of commits: the free text of the commit and, if the text alone does not
// tell, the account it belongs to.
type person struct {
	raw     string
	account *User
}

// An entry is a commit on its way into a graph.
type entry struct {
	hash    hash
	date    int64
	author  person
	parents []int32
	message string
}

// A graph is the history of one repository, by columns: a commit is its number in them. Parents
// come before their children, so that a descending sweep sees every child before its parents. It
// only grows: numbers stay valid, a commit that is collected is marked as gone.
type graph struct {
	hashes   []hash
	dates    []int64
	authors  []uint32
	first    []int32           // the first parent, -1 for a root
	more     map[int32][]int32 // the other parents of merges
	messages []string

	byHash  map[hash]int32
	people  []person
	numbers map[person]uint32
	gone    map[int32]bool
}

func newGraph(capacity int) *graph {
	return &graph{
		hashes:   make([]hash, 0, capacity),
		dates:    make([]int64, 0, capacity),
		authors:  make([]uint32, 0, capacity),
		first:    make([]int32, 0, capacity),
		messages: make([]string, 0, capacity),
		byHash:   make(map[hash]int32, capacity),
		more:     map[int32][]int32{},
		numbers:  map[person]uint32{},
		gone:     map[int32]bool{},
	}
}

// add appends a commit and returns its number; a commit that is there already stays as it is (and
// comes back if it had been collected).
func (g *graph) add(e entry) int32 {
	if n, ok := g.byHash[e.hash]; ok {
		delete(g.gone, n)
		return n
	}
	n := int32(len(g.hashes))
	g.hashes = append(g.hashes, e.hash)
	g.dates = append(g.dates, e.date)
	g.authors = append(g.authors, g.person(e.author))
	g.messages = append(g.messages, e.message)
	first := int32(-1)
	if len(e.parents) > 0 {
		first = e.parents[0]
	}
	if len(e.parents) > 1 {
		g.more[n] = e.parents[1:]
	}
	g.first = append(g.first, first)
	g.byHash[e.hash] = n
	return n
}

func (g *graph) person(p person) uint32 {
	n, ok := g.numbers[p]
	if !ok {
		n = uint32(len(g.people))
		g.people = append(g.people, p)
		g.numbers[p] = n
	}
	return n
}

func (g *graph) parents(n int32) []int32 {
	if g.first[n] < 0 {
		return nil
	}
	return append([]int32{g.first[n]}, g.more[n]...)
}

// find resolves a full hash or, from seven digits on, the only hash that begins so.
func (g *graph) find(s string) (int32, bool) {
	s = strings.ToLower(s)
	if h, ok := parseHash(s); ok {
		n, ok := g.byHash[h]
		return n, ok && !g.gone[n]
	}
	if len(s) < 7 || len(s) > 40 || strings.Trim(s, "0123456789abcdef") != "" {
		return 0, false
	}
	found := int32(-1)
	for i, h := range g.hashes {
		if strings.HasPrefix(h.String(), s) && !g.gone[int32(i)] {
			if found >= 0 {
				return 0, false
			}
			found = int32(i)
		}
	}
	return found, found >= 0
}

// clone copies the graph, for a fork.
func (g *graph) clone() *graph {
	c := newGraph(len(g.hashes))
	for n := range g.hashes {
		c.add(entry{g.hashes[n], g.dates[n], g.people[g.authors[n]], g.parents(int32(n)), g.messages[n]})
	}
	for n := range g.gone {
		c.gone[n] = true
	}
	return c
}

// revive takes the commits that the tips reach out of the collected ones.
func (g *graph) revive(tips []int32) {
	if len(g.gone) > 0 {
		g.reach(tips).each(func(n int32) { delete(g.gone, n) })
	}
}
