package sandbox

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// A Sample says how the generated workspace is to be. What is zero has a default.
type Sample struct {
	Workspace    string    // the slug; larkspur
	Repositories int       // 12 with a fork, a copy and an empty one among them; 4 at least
	Commits      int       // in all; about 10,000
	Now          time.Time // where the two years of history end; the server's clock
	OddDates     bool      // one repository more, with commits of 1970 and of the future
}

// Generate makes a workspace that looks like one: projects, repositories of all sizes, forty
// people and a few bots over two years of working days. The same seed and Sample give the same
// workspace, hash by hash.
func (s *Server) Generate(seed uint64, opt Sample) *Workspace {
	opt.fill(s.now())
	w := s.Workspace(opt.Workspace)
	s.mu.Lock()
	defer s.mu.Unlock()
	m := &sampler{w: w, opt: opt, random: rand.New(rand.NewPCG(seed, 0x5eed))}
	for key, name := range sampleProjects {
		w.projects[key] = name
	}
	m.hire()
	m.build()
	return w
}

func (opt *Sample) fill(now time.Time) {
	if opt.Workspace == "" {
		opt.Workspace = "larkspur"
	}
	if opt.Repositories <= 0 {
		opt.Repositories = 12
	}
	opt.Repositories = max(opt.Repositories, 4)
	if opt.Commits <= 0 {
		opt.Commits = 10000
	}
	if opt.Now.IsZero() {
		opt.Now = now
	}
	opt.Now = opt.Now.UTC().Truncate(time.Second)
}

// A sampler makes a sample workspace.
type sampler struct {
	w      *Workspace
	opt    Sample
	random *rand.Rand
	staff  []sampleAuthor
	ticket int
	team   int // of the repository being made: every third of the staff
}

// A sampleAuthor is a person at work.
type sampleAuthor struct {
	signatures []string // of which the first is used most
	noon       float64  // the middle of his day, hour in UTC
	weight     float64
	from, to   time.Time
}

const month = 30 * 24 * time.Hour

// hire makes the authors: few do most, some came late, some have left.
func (m *sampler) hire() {
	for i, p := range samplePeople {
		mail := p.handle + "@" + m.opt.Workspace + ".example"
		a := sampleAuthor{
			signatures: []string{p.name + " <" + mail + ">"},
			noon:       13 - []float64{0, 1, 1, 2, 5.5, 9, -5, -8}[m.random.IntN(8)],
			weight:     1 / math.Pow(float64(i+2), 0.7),
			from:       m.opt.Now.Add(-25 * month), to: m.opt.Now,
		}
		if i%3 == 2 {
			a.from = m.opt.Now.Add(-time.Duration(2+m.random.IntN(18)) * month)
		}
		if i%7 == 5 {
			a.to = m.opt.Now.Add(-time.Duration(1+m.random.IntN(9)) * month)
		}
		m.sign(&a, i, p, mail)
		m.staff = append(m.staff, a)
	}
	pipelines := "pipelines@" + m.opt.Workspace + ".example"
	m.w.s.accounts[pipelines] = &User{Name: "Pipelines", Type: "app_user"}
}

// sign gives a person the other ways he signs, and the account his addresses are linked to.
func (m *sampler) sign(a *sampleAuthor, i int, p samplePerson, mail string) {
	account := &User{Name: p.name}
	if i%4 != 3 {
		m.w.s.accounts[mail] = account
	}
	if p.variant != "" {
		a.signatures = append(a.signatures, p.variant+" <"+mail+">")
	}
	if i%5 < 2 {
		private := p.handle + strings.Repeat("x", i%3) + "@home.example"
		a.signatures = append(a.signatures, p.name+" <"+private+">")
		if i%2 == 0 {
			m.w.s.accounts[private] = account
		}
	}
	if i == 10 {
		a.signatures = append(a.signatures, p.variant) // a name and no more
	}
	if i == 20 {
		a.signatures = append(a.signatures, p.name+" <>")
	}
}

// build makes the repositories: those with a history of their own, then a fork, a copy and an
// empty one.
func (m *sampler) build() {
	plan := m.plan()
	total := 0.0
	for _, x := range plan {
		total += x.weight
	}
	forks := m.opt.Commits / 50
	for _, x := range plan {
		n := int(float64(m.opt.Commits-2*forks) * x.weight / total)
		m.fill(m.add(x), x, max(n, 1))
	}
	m.fork(m.w.find(plan[min(1, len(plan)-1)].slug), forks)
	m.copy(m.w.find(plan[0].slug))
	m.add(sampleRepository{slug: "blank-page", name: "blank page", project: "LAB", months: 1})
	if m.opt.OddDates {
		m.oddDates()
	}
}

func (m *sampler) plan() []sampleRepository {
	n := m.opt.Repositories - 3
	plan := slices.Clone(sampleRepositories[:min(n, len(sampleRepositories))])
	for i := len(plan); i < n; i++ {
		slug := sampleExtra[i%len(sampleExtra)]
		if i >= len(sampleExtra) {
			slug = fmt.Sprintf("%s-%d", slug, i/len(sampleExtra)+1)
		}
		keys := []string{"PLAT", "SHOP", "DATA", "MOB", "LAB"}
		plan = append(plan, sampleRepository{slug, slug, keys[i%5], 0.5 + float64(i%4), 3 + i%21, 0})
	}
	return plan
}

func (m *sampler) add(x sampleRepository) *Repository {
	r := m.w.add(x.slug, newGraph(0))
	r.name, r.project = x.name, x.project
	r.created = m.opt.Now.Add(-time.Duration(x.months) * month)
	r.updated = r.created.Add(450 * time.Millisecond)
	return r
}

// fork makes a fork that shares what was there two months before and goes its own way since.
func (m *sampler) fork(of *Repository, commits int) {
	x := sampleRepository{project: "LAB", months: 2}
	x.slug, x.name = of.slug+"-experiments", of.slug+" experiments"
	r := m.add(x)
	r.parent, r.graph = of, of.graph.clone()
	if at, ok := m.before(of, r.created); ok {
		r.branches[r.main] = at
		r.collect()
	}
	m.fill(r, x, commits)
}

// copy makes a repository that was pushed under another name and never touched again: nobody
// says that it is a fork.
func (m *sampler) copy(of *Repository) {
	x := sampleRepository{project: "LAB", months: 12}
	x.slug, x.name = of.slug+"-before", of.slug+" (moved)"
	r := m.add(x)
	r.graph = of.graph.clone()
	if at, ok := m.before(of, of.created.Add(5*month)); ok {
		r.branches[r.main] = at
		r.collect()
	}
}

// before returns the newest commit on the default branch's first parents that is older than t.
func (m *sampler) before(r *Repository, t time.Time) (int32, bool) {
	n, ok := r.branches[r.main]
	for ok && r.graph.dates[n] >= t.Unix() {
		n = r.graph.first[n]
		ok = n >= 0
	}
	return n, ok
}

func (m *sampler) oddDates() {
	r := m.add(sampleRepository{slug: "time-machine", name: "time machine", project: "LAB", months: 3})
	dates := []time.Time{
		time.Unix(0, 0), m.opt.Now.Add(-month), time.Unix(86399, 0),
		m.opt.Now.AddDate(94, 0, 0), m.opt.Now,
	}
	for _, date := range dates {
		r.branches[r.main] = r.commit(r.main, Change{Author: m.staff[0].signatures[0], Date: date})
	}
}
