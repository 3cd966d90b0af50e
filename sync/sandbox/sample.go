package sandbox

import (
	"math"
	"math/rand/v2"
	"strings"
	"time"
)

// A Sample configures the generated workspace.
type Sample struct {
	Workspace string    // the slug
	Now       time.Time // where the two years of history end
}

// sampleCommits is about how many commits the sample has.
const sampleCommits = 9800

// Generate makes a workspace that looks like a real one: projects, repositories of all sizes with a fork,
// a copy and an empty one among them, forty people and three bots over two years of working days. The
// same seed and Sample give the same workspace, hash by hash.
func (s *Server) Generate(seed uint64, opt Sample) *Workspace {
	w := s.Workspace(opt.Workspace)
	s.mu.Lock()
	defer s.mu.Unlock()
	m := &sampler{
		w: w, now: opt.Now.UTC().Truncate(time.Second), random: rand.New(rand.NewPCG(seed, 0x5eed)),
	}
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

// A person is how an author signs: the free text and the account, if it has one.
type person struct {
	raw     string
	account *User
}

// A sampleAuthor is a person at work.
type sampleAuthor struct {
	signatures []person // of which the first is used most
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

// signatures returns the ways in which a person signs commits. Most addresses are linked to an account.
func (m *sampler) signatures(i int, text string) []person {
	name, handle, ok := strings.Cut(text, " = ")
	if !ok {
		handle, _, _ = strings.Cut(strings.ToLower(name), " ")
	}
	var account *User
	if i%4 != 3 {
		account = &User{Name: name}
	}
	mail := " <" + handle + "@" + m.w.slug + ".example>"
	list := []person{{name + mail, account}}
	if i%2 == 0 {
		list = append(list, person{handle + mail, account})
	}
	if i%5 < 2 {
		private := person{raw: name + " <" + handle + "@home.example>"}
		if i%2 == 0 {
			private.account = account
		}
		list = append(list, private)
	}
	switch i {
	case 10:
		list = append(list, person{raw: handle}) // a name without an address
	case 11:
		list = append(list, person{raw: name + " <>"})
	}
	return list
}

// makeRepositories makes those with a history of their own, then a fork, a copy and an empty one.
func (m *sampler) makeRepositories() {
	total := 0.0
	for _, x := range sampleRepositories {
		total += x.weight
	}
	for _, x := range sampleRepositories {
		m.fill(m.add(x), x, max(int(sampleCommits*x.weight/total), 1))
	}
	m.fork(m.w.find("checkout-api"))
	m.copy(m.w.find("storefront"))
	m.add(sampleRepository{slug: "blank-page", name: "blank page", project: "LAB", months: 1})
}

// add makes an empty repository that is as old as x says.
func (m *sampler) add(x sampleRepository) *Repository {
	r := m.w.add(x.slug)
	r.name, r.project = x.name, x.project
	r.created = m.now.Add(-time.Duration(x.months) * month)
	r.updated = r.created
	return r
}

// fork makes a fork that shares what was there two months ago, and has commits of its own since.
func (m *sampler) fork(of *Repository) {
	x := sampleRepository{of.slug + "-experiments", of.slug + " experiments", "LAB", 0, 2, 0}
	r := m.add(x)
	r.parent = of
	m.share(r, of, r.created)
	m.fill(r, x, sampleCommits/50)
}

// copy makes a repository that was pushed under another name and not touched since; Bitbucket does not
// know that it is a fork.
func (m *sampler) copy(of *Repository) {
	r := m.add(sampleRepository{of.slug + "-before", of.slug + " (moved)", "LAB", 0, 12, 0})
	m.share(r, of, of.created.Add(5*month))
}

// share gives a repository the default branch of another as it was at t.
func (m *sampler) share(r, of *Repository, t time.Time) {
	r.graph = of.graph.clone()
	n, ok := of.branches[of.main]
	for ok && of.graph.commits[n].date >= t.Unix() {
		if ok = len(of.graph.parents(n)) > 0; ok {
			n = of.graph.parents(n)[0]
		}
	}
	if ok {
		r.branches[r.main] = n
	}
	r.collect()
}
