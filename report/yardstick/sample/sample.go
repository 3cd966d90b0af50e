// Package sample makes the history of a workspace that nobody has: as large as asked for, the same
// for the same size, and shaped like those of real repositories.
//
// 200 repositories in 12 projects, the largest with a thirteenth of all commits; 2,000 people,
// mostly at home in a few repositories each; ten years; one commit in seven a merge; hashes that
// are random, as hashes are; messages of 126 bytes on average, half of them with a body.
package sample

import (
	"encoding/binary"
	"fmt"
	"iter"
	"math/rand/v2"
	"strings"
	"time"

	"trunkstat/store"
)

// Repositories is how many there are.
const Repositories = 200

const (
	people  = 2000
	seconds = 10 * 365 * 86400
)

// End is when the last commit was made, in UTC.
var End = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// Workspace yields the repositories, each with its commits from the newest to the oldest, total
// commits in all, or nearly so.
func Workspace(total int) iter.Seq2[store.Repository, []store.Commit] {
	return func(yield func(store.Repository, []store.Commit) bool) {
		weights := 0.0
		for i := range Repositories {
			weights += weight(i)
		}
		for i := range Repositories {
			h := history{
				rng:  rand.New(rand.NewPCG(uint64(i), uint64(total))),
				repo: i,
			}
			commits := h.commits(max(2, int(float64(total)*weight(i)/weights)))
			repo := store.Repository{
				UUID:      store.UUID(fmt.Sprintf("{%08x-0000-4000-8000-000000000000}", i)),
				Workspace: "acme", Slug: Slug(i),
				Project: fmt.Sprintf("P%02d", i%12), MainBranch: "main", LastSync: End,
				Head:  commits[0].Hash,
				Roots: []store.Hash{commits[len(commits)-1].Hash},
			}
			if !yield(repo, commits) {
				return
			}
		}
	}
}

// Slug is the name of one repository.
func Slug(i int) string { return fmt.Sprintf("%s-%03d", words[i%len(words)], i) }

func weight(i int) float64 { return 1 / float64(i+3) }

type history struct {
	rng  *rand.Rand
	repo int
}

func (h *history) commits(n int) []store.Commit {
	commits := make([]store.Commit, n)
	for i := range commits {
		for j := 0; j < 20; j += 4 {
			binary.BigEndian.PutUint32(commits[i].Hash[j:], h.rng.Uint32())
		}
	}
	for i := range commits {
		c := &commits[i]
		c.Date = End.Unix() - int64(float64(seconds)*float64(i)/float64(n)) - 1 - h.rng.Int64N(6*3600)
		c.Author = store.Author{Raw: Author(h.author())}
		if i+1 < n {
			c.Parents = []store.Hash{commits[i+1].Hash}
		}
		if i+2 < n && h.rng.IntN(7) == 0 {
			c.Parents = append(c.Parents, commits[min(n-1, i+2+h.rng.IntN(20))].Hash)
			c.Message = fmt.Sprintf("Merged in %s/%s-%d (pull request #%d)\n",
				h.word(), h.word(), h.rng.IntN(9000), n-i)
			continue
		}
		c.Message = h.message()
	}
	return commits
}

// author picks one of a dozen who are at home in the repository, or anybody.
func (h *history) author() int {
	if h.rng.IntN(8) == 0 {
		return h.rng.IntN(people)
	}
	return (h.repo*10 + h.rng.IntN(12)) % people
}

// Author is the text that stands for one of the people.
func Author(n int) string {
	first, last := names[n%len(names)], words[n/len(names)%len(words)]
	return fmt.Sprintf("%s %s%s <%s.%s%d@example.com>", first, strings.ToUpper(last[:1]), last[1:],
		strings.ToLower(first), last, n)
}

func (h *history) message() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: ", h.word())
	h.write(&b, 3+h.rng.IntN(8))
	for range h.rng.IntN(4) * h.rng.IntN(3) {
		b.WriteString("\n\n")
		h.write(&b, 5+h.rng.IntN(25))
	}
	b.WriteByte('\n')
	return b.String()
}

func (h *history) write(b *strings.Builder, n int) {
	for i := range n {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(h.word())
	}
}

func (h *history) word() string { return words[h.rng.IntN(len(words))] }

var names = strings.Fields(`Ann Bob Carla Dmitri Eva Farid Gesa Haruka Ines Jan Katya Luis Mina Nils
	Olga Pavel Quentin Rosa Sven Tara Uwe Vera Wim Xenia Yusuf Zoe`)

var words = strings.Fields(`account add address after allow always answer arrive avoid backup
	balance basket before begin branch budget build button cache calendar cancel change check
	checkout class clean client close colour column commit compare config connect copy correct
	count create customer database date default delete deliver deploy describe detail direct
	document double draft drop early empty enable error event every example expire export factor
	failure fast fetch field file filter find fix flag follow footer form format forward found
	front gateway graph group guard handle header help hide history hold import improve index
	inherit input install invoice item join keep key label language later latency layout leave
	length level library limit line list load local lock login loop mail main margin match memory
	menu merge message method migrate minor missing model module move name nested never note
	number offer older only open option order output owner package page panic parse parser path
	payment pending person picture plugin point pool prefer price print process product profile
	prompt protect proxy query queue quick race range rate read ready reason record reduce
	refactor refund region release remove rename render repair replace report request reset
	response restore result retry return review revert round route rule safe sample save scan
	schema scope search second secret select send series server session settle shape share shop
	show sign simple skip slow socket sort source split stable stage start state status step store
	stream string style submit support switch sync table target task team template test text
	thread ticket timeout title token total trace track transaction transfer tree type typo unify
	unit update upgrade upload usage user validate value verify version view voucher wait warn
	widget window word worker write wrong yield zone`)
