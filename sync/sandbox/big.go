package sandbox

import (
	"crypto/sha1"
	"encoding/binary"
	"fmt"
)

// bigBlock is the pattern a big repository repeats: for each commit, how many commits before it
// its parents are. Six on the branch, two beside it, one more on the branch, and the merge.
var bigBlock = [10][]int32{{1}, {1}, {1}, {1}, {1}, {1}, {4}, {1}, {3}, {1, 2}}

// Big makes a repository of that many commits in no time: a branch with merges, three minutes
// between commits and the last one now, fifty authors. Beyond a hundred texts that its commits
// share it takes about a hundred bytes a commit.
func (w *Workspace) Big(slug string, commits int) *Repository {
	g := newGraph(commits)
	people, texts := bigPeople(), bigTexts()
	id := sha1.Sum([]byte(w.slug + "/" + slug))
	start := w.s.now().Unix() - 180*int64(commits-1)
	for n := range int32(commits) {
		e := entry{
			hash:    bigHash(id, n),
			date:    start + 180*int64(n),
			author:  people[n*7%int32(len(people))],
			message: texts[n%int32(len(texts))],
		}
		for _, back := range bigBlock[n%10] {
			if n > 0 {
				e.parents = append(e.parents, n-back)
			}
		}
		g.add(e)
	}
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	r := w.add(slug, g)
	if commits > 0 {
		r.branches[r.main] = int32(commits - 1)
	}
	return r
}

func bigHash(id [20]byte, n int32) hash {
	return sha1.Sum(binary.BigEndian.AppendUint32(id[:], uint32(n)))
}

func bigPeople() []person {
	people := make([]person, 50)
	for i := range people {
		people[i].raw = fmt.Sprintf("Person %02d <person%02d@sandbox.example>", i, i)
	}
	return people
}

func bigTexts() []string {
	texts := make([]string, 100)
	for i := range texts {
		texts[i] = fmt.Sprintf("BIG-%d: take step %d on the way\n\nIt is as long as messages are, "+
			"which is a line or two and now and then a few more.\n", 1000+i, i)
	}
	return texts
}
