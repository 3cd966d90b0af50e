package report

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// TestTable holds rows of axes on which commits have any number of values against maps, for commits that
// several repositories have as well.
func TestTable(t *testing.T) {
	rng := rand.New(rand.NewPCG(19, 19))
	const persons = 200
	// Of a person, a repository has the numbers up to n that divide it or the person.
	upTo := func(n int) valuesOf {
		return func(_ *commit, person int32, repo int) (all []int32) {
			for v := range n {
				if v > 0 && (int(person)%v == 0 || repo%v == 0) {
					all = append(all, int32(v)-2)
				}
			}
			return all
		}
	}
	single := func(_ *commit, person int32, repo int) int32 { return int32(repo) + person%7*100_000 }
	five, four := upTo(5), upTo(4)
	table := newTable([]*axis{{values: five}, {value: single}, {values: four}}, persons)
	type row struct{ five, single, four int32 }
	want := map[row]map[int]commit{} // by number of the commit
	number := 0
	for range 2000 {
		c := commit{date: rng.Int64N(1000), person: rng.Int32N(persons), merge: rng.IntN(2) == 0}
		holders := slices.Sorted(slices.Values(rng.Perm(12)[:1+rng.IntN(3)]))
		number++
		person := c.person
		for _, repo := range holders {
			for _, v := range five(&c, person, repo) {
				for _, w := range four(&c, person, repo) {
					r := row{v, single(&c, person, repo), w}
					if want[r] == nil {
						want[r] = map[int]commit{}
					}
					want[r][number] = c
				}
			}
		}
		table.add(&batch{commits: []commit{c}, holders: holders})
	}
	for r, commits := range want {
		var c oracleCounts
		for n, commit := range commits {
			c.add(authorship{worldCommit: worldCommit{hash: [20]byte{byte(n), byte(n >> 8)}, date: commit.date,
				person: int(commit.person), merge: commit.merge}})
		}
		if got := table.counts(table.row(r.five, r.single, r.four), time.UTC); got != c.counts(time.UTC) {
			t.Errorf("%v: got %+v, want %+v", r, got, c.counts(time.UTC))
		}
	}
	if table.rows() != len(want) || len(table.cells) != len(want) {
		t.Errorf("%d rows and %d cells, want %d", table.rows(), len(table.cells), len(want))
	}
	for n := range int32(table.rows()) {
		if back := table.row(table.value(n, 0), table.value(n, 1), table.value(n, 2)); back != n {
			t.Errorf("the values of row %d are those of row %d", n, back)
		}
	}
}

// TestPersonSet adds persons to sets of all sizes, again and again.
func TestPersonSet(t *testing.T) {
	rng := rand.New(rand.NewPCG(20, 20))
	for n := range 100 {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			var s personSet
			want := map[int32]bool{}
			for range n {
				person := rng.Int32N(int32(1 + n*2))
				s.add(person, (1+n*2+63)/64)
				want[person] = true
				if s.len() != len(want) {
					t.Fatalf("%d persons, want %d", s.len(), len(want))
				}
			}
		})
	}
}
