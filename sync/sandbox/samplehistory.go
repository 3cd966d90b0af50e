package sandbox

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// A sampleBranch is a branch that is not merged yet.
type sampleBranch struct {
	name     string
	head     int32
	author   int
	commits  int
	patience int // how many more commits of the repository it waits for
}

func (b sampleBranch) readyToMerge() bool { return b.patience <= 0 && b.commits > 1 }

// A sampleEvent is a commit to be made: when, and by which author; -1 is a bot.
type sampleEvent struct {
	at     time.Time
	author int
}

// fill writes n commits into a repository, from its beginning to its end.
func (m *sampler) fill(r *Repository, x sampleRepository, n int) {
	m.team++
	var open []sampleBranch
	events := m.events(r.created, m.now.Add(-time.Duration(x.silent)*month), n)
	for i, e := range events {
		for j := range open {
			open[j].patience--
		}
		ready := slices.IndexFunc(open, sampleBranch.readyToMerge)
		head, begun := r.branches[r.main]
		switch {
		case ready >= 0 && len(events)-i > 20:
			m.merge(r, e, open[ready])
			open = slices.Delete(open, ready, ready+1)
		case !begun:
			r.branches[r.main] = m.commit(r, e, m.authors[0].signatures[0], m.message())
		case e.author < 0:
			author, message := m.bot()
			r.branches[r.main] = m.commit(r, e, author, message, head)
		case m.random.Float64() < 0.45:
			open = m.branch(r, e, open)
		default:
			r.branches[r.main] = m.commit(r, e, m.signature(e.author), m.message(), head)
		}
		r.updated = e.at
	}
	for _, b := range open {
		r.branches[b.name] = b.head
	}
}

// events draws when commits are made, in order: on workdays more than on weekends, more towards the end,
// with a pause at the turn of the year.
func (m *sampler) events(from, to time.Time, n int) []sampleEvent {
	var list []sampleEvent
	for len(list) < n {
		part := math.Pow(m.random.Float64(), 0.85)
		day := from.Add(time.Duration(part * float64(to.Sub(from)))).Truncate(24 * time.Hour)
		if m.random.Float64() > busyness(day) {
			continue
		}
		e := sampleEvent{author: m.pick(day)}
		hour, width := 4.0, 0.3 // bots work at night
		if e.author >= 0 {
			hour, width = m.authors[e.author].workHour, 2.6
		}
		hour += m.random.NormFloat64() * width
		e.at = day.Add(time.Duration(hour * float64(time.Hour))).Truncate(time.Second)
		if e.at.After(from) && e.at.Before(to) {
			list = append(list, e)
		}
	}
	slices.SortFunc(list, func(a, b sampleEvent) int { return a.at.Compare(b.at) })
	return list
}

// busyness returns how likely a commit is on a day, compared with a Tuesday.
func busyness(day time.Time) float64 {
	b := []float64{0.04, 0.85, 1, 1, 0.95, 0.7, 0.07}[day.Weekday()]
	switch _, month, date := day.Date(); {
	case month == time.December && date > 22, month == time.January && date < 3:
		b *= 0.1
	case month == time.August:
		b *= 0.6
	}
	return b
}

// pick draws who commits that day: mostly a member of the team.
func (m *sampler) pick(day time.Time) int {
	if m.random.Float64() < 0.07 {
		return -1
	}
	for {
		i := m.random.IntN(len(m.authors))
		a := m.authors[i]
		weight := 2 * a.weight
		if (i+m.team)%3 > 0 {
			weight *= 0.02
		}
		if m.random.Float64() < weight && day.After(a.from) && day.Before(a.to) {
			return i
		}
	}
}

// commit adds a commit without moving a branch.
func (m *sampler) commit(r *Repository, e sampleEvent, by person, message string, parents ...int32) int32 {
	r.made++
	return r.add(Change{Author: by.raw, Account: by.account, Date: e.at, Message: message}, parents)
}

func (m *sampler) signature(author int) person {
	list := m.authors[author].signatures
	if len(list) > 1 && m.random.Float64() < 0.2 {
		return list[1+m.random.IntN(len(list)-1)]
	}
	return list[0]
}

// branch adds a commit to the author's open branch, or begins one.
func (m *sampler) branch(r *Repository, e sampleEvent, open []sampleBranch) []sampleBranch {
	i := slices.IndexFunc(open, func(b sampleBranch) bool { return b.author == e.author })
	if i < 0 {
		m.ticket++
		i = len(open)
		patience := 2 + m.random.IntN(12)
		if m.random.Float64() < 0.1 {
			patience *= 15 // merged late
		}
		name := fmt.Sprintf("feature/%s-%d", r.project, m.ticket)
		open = append(open, sampleBranch{name, r.branches[r.main], e.author, 0, patience})
	}
	b := &open[i]
	b.head = m.commit(r, e, m.signature(e.author), m.message(), b.head)
	b.commits++
	return open
}

func (m *sampler) merge(r *Repository, e sampleEvent, b sampleBranch) {
	message := fmt.Sprintf("Merged in %s (pull request #%d)\n\n%s\n\nApproved-by: %s\n",
		b.name, m.ticket, m.subject(), m.authors[0].signatures[0].raw)
	by := m.authors[b.author].signatures[0]
	r.branches[r.main] = m.commit(r, e, by, message, r.branches[r.main], b.head)
}

// bot returns one of the bots with a message of its kind.
func (m *sampler) bot() (author person, message string) {
	library := sampleServices[m.random.IntN(len(sampleServices))]
	version := fmt.Sprintf("%d.%d.%d", 1+m.random.IntN(4), m.random.IntN(20), m.random.IntN(9))
	switch x := m.random.Float64(); {
	case x < 0.5:
		return person{raw: "renovate[bot] <renovate-bot@updates.example>"},
			"chore(deps): update dependency " + library + " to v" + version + "\n"
	case x < 0.75:
		return person{raw: "dependabot[bot] <support@updates.example>"},
			"Bump " + library + " from 0.9.1 to " + version + "\n\nupdated-dependencies: " + library + "\n"
	}
	return person{"Pipelines <pipelines@" + m.w.slug + ".example>", &User{Name: "Pipelines", Type: "app_user"}},
		"[skip ci] release " + version + "\n"
}

func (m *sampler) subject() string {
	verb := sampleVerbs[m.random.IntN(len(sampleVerbs))]
	return verb + " " + sampleObjects[m.random.IntN(len(sampleObjects))]
}

// message draws a message of one of the shapes that people write.
func (m *sampler) message() string {
	subject := m.subject()
	reason := sampleReasons[m.random.IntN(len(sampleReasons))]
	switch x := m.random.Float64(); {
	case x < 0.30:
		return fmt.Sprintf("LRK-%d: %s\n", 100+m.random.IntN(4000), subject)
	case x < 0.50:
		return fmt.Sprintf("fix(%s): %s\n", sampleServices[m.random.IntN(len(sampleServices))], subject)
	case x < 0.75:
		return strings.ToUpper(subject[:1]) + subject[1:] + "\n"
	case x < 0.88:
		return subject + "\n\n" + reason + "\n"
	case x < 0.93:
		return subject + "\r\n\r\n" + reason + "\r\n- tested, reviewed\r\n"
	case x < 0.96:
		return `"` + subject + `", they said; ` + reason
	case x < 0.97:
		return "=SUM(fixes)+1 // " + subject + "\n"
	case x < 0.985:
		return subject + " 🎉\n"
	}
	return "wip"
}
