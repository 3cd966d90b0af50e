package sandbox

import (
	"math"
	"math/rand/v2"
	"strings"
	"time"
)

// Generate makes a workspace that looks like a real one: projects, repositories of all sizes with a fork,
// a copy and an empty one among them, forty people and three bots over two years of working days, which
// end now. In a new server, the same arguments give the same workspace, hash by hash.
func (s *Server) Generate(slug string, now time.Time, seed uint64) *Workspace {
	w := s.Workspace(slug)
	s.mu.Lock()
	defer s.mu.Unlock()
	m := &sampler{w: w, now: now.UTC().Truncate(time.Second), random: rand.New(rand.NewPCG(seed, 0x5eed))}
	m.makeAuthors()
	m.makeRepositories()
	return w
}

// A sampler makes a sample workspace.
type sampler struct {
	w       *Workspace
	now     time.Time
	random  *rand.Rand
	authors []sampleAuthor
	team    int // of the repository being made: every third of the authors
}

// A sampleAuthor is a person at work.
type sampleAuthor struct {
	signatures []Change // of which the author and the account count; the first is used most
	workHour   float64  // the middle of the working day, in UTC
	weight     float64  // of all commits
	from, to   time.Time
}

const month = 30 * 24 * time.Hour

// makeAuthors makes the people. Few do most of the work, some came late, and some have left.
func (m *sampler) makeAuthors() {
	for i, text := range samplePeople {
		a := sampleAuthor{
			signatures: m.signatures(i, text),
			workHour:   13 - []float64{0, 1, 1, 2, 5.5, 9, -5, -8}[m.random.IntN(8)],
			weight:     1 / math.Pow(float64(i+2), 0.7),
			from:       m.now.Add(-25 * month), to: m.now,
		}
		if i%3 == 2 {
			a.from = m.now.Add(-time.Duration(2+m.random.IntN(18)) * month)
		}
		if i%7 == 5 {
			a.to = m.now.Add(-time.Duration(1+m.random.IntN(9)) * month)
		}
		m.authors = append(m.authors, a)
	}
}

// signatures returns the ways in which a person signs commits: from two machines, from home with an address
// that is linked to the account or is not, and twice with no address at all.
func (m *sampler) signatures(i int, text string) []Change {
	name, handle, ok := strings.Cut(text, " = ")
	if !ok {
		handle, _, _ = strings.Cut(strings.ToLower(name), " ")
	}
	account := ""
	if i%4 != 3 {
		account = uuid(name)
	}
	mail, home := " <"+handle+"@"+m.w.slug+".example>", " <"+handle+"@home.example>"
	list := []Change{{Author: name + mail, Account: account}}
	switch {
	case i == 10:
		list = append(list, Change{Author: handle})
	case i == 11:
		list = append(list, Change{Author: name + " <>"})
	case i%5 == 0:
		list = append(list, Change{Author: handle + mail, Account: account})
	case i%5 == 1:
		list = append(list, Change{Author: name + home, Account: account})
	case i%5 == 2:
		list = append(list, Change{Author: name + home})
	}
	return list
}

// makeRepositories makes those with a history of their own, then a fork, a copy and an empty one. The fork
// shares what was there when it was made, and has commits of its own since. The copy was pushed under another
// name and not touched since, so that Bitbucket does not know of it.
func (m *sampler) makeRepositories() {
	for _, x := range sampleRepositories {
		m.fill(m.add(x), x)
	}
	api, shop := m.w.find("checkout-api"), m.w.find("storefront")
	forked := sampleRepository{"checkout-api-experiments", "checkout-api experiments", "LAB", 200, 2, 0}
	fork := m.add(forked)
	fork.parent = api
	fork.share(api, fork.created)
	m.fill(fork, forked)
	m.add(sampleRepository{"storefront-before", "storefront (moved)", "LAB", 0, 12, 0}).
		share(shop, shop.created.Add(5*month))
	m.add(sampleRepository{"blank-page", "blank page", "LAB", 0, 1, 0})
}

// add makes an empty repository that is as old as x says.
func (m *sampler) add(x sampleRepository) *Repository {
	r := m.w.add(x.slug)
	r.name, r.project = x.name, x.project
	r.created = m.now.Add(-time.Duration(x.months) * month)
	r.updated = r.created
	return r
}

// share gives a repository the default branch of another as it was at t, some time after its first commit.
func (r *Repository) share(of *Repository, t time.Time) {
	r.graph = of.graph.clone()
	n := of.branches[of.main]
	for r.graph.commits[n].date >= t.Unix() {
		n = r.graph.commits[n].parents[0]
	}
	r.branches[r.main] = n
	r.collect()
}
