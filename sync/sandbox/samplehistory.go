package sandbox

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// A sampleBranch is a line of work that is not merged yet.
type sampleBranch struct {
	name     string
	head     int32
	author   int
	commits  int
	patience int // how many more commits of the repository it waits
}

func (b sampleBranch) ripe() bool { return b.patience <= 0 && b.commits > 1 }

// A sampleEvent is a commit to be: when and by whom, -1 for a bot.
type sampleEvent struct {
	at     time.Time
	author int
}

// fill writes n commits into a repository, from its beginning to its end.
func (m *sampler) fill(r *Repository, x sampleRepository, n int) {
	end := m.opt.Now.Add(-time.Duration(x.silent) * month)
	var open []sampleBranch
	m.team++
	events := m.events(r.created, end, n)
	for i, e := range events {
		for j := range open {
			open[j].patience--
		}
		ripe := slices.IndexFunc(open, sampleBranch.ripe)
		last := len(events) - i
		switch {
		case ripe >= 0 && last > 20:
			m.merge(r, e, open[ripe])
			open = slices.Delete(open, ripe, ripe+1)
		case e.author >= 0 && len(r.branches) > 0 && m.random.Float64() < 0.45:
			open = m.branch(r, e, open)
		default:
			m.direct(r, e, n)
		}
	}
	for _, b := range open {
		r.branches[b.name] = b.head
	}
	if len(events) > 0 {
		r.updated = events[len(events)-1].at.Add(1200 * time.Millisecond)
	}
	m.specials(r, n)
}

// events draws when commits are made, in order: workdays more than weekends, more towards the
// end, a pause at the turn of the year.
func (m *sampler) events(from, to time.Time, n int) []sampleEvent {
	list := make([]sampleEvent, 0, n)
	span := to.Sub(from)
	for len(list) < n {
		part := math.Pow(m.random.Float64(), 0.85)
		day := from.Add(time.Duration(part * float64(span))).Truncate(24 * time.Hour)
		if m.random.Float64() > busyness(day) {
			continue
		}
		e := sampleEvent{author: m.pick(day)}
		noon, width := 4.0, 0.3 // bots work at night
		if e.author >= 0 {
			noon, width = m.staff[e.author].noon, 2.6
		}
		hour := noon + m.random.NormFloat64()*width
		e.at = day.Add(time.Duration(hour * float64(time.Hour))).Truncate(time.Second)
		if e.at.After(from) && e.at.Before(to) {
			list = append(list, e)
		}
	}
	slices.SortFunc(list, func(a, b sampleEvent) int { return a.at.Compare(b.at) })
	return list
}

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

// pick draws who commits that day: somebody of the team, seldom somebody else.
func (m *sampler) pick(day time.Time) int {
	if m.random.Float64() < 0.07 {
		return -1
	}
	for {
		i := m.random.IntN(len(m.staff))
		a := m.staff[i]
		weight := 2 * a.weight
		if (i+m.team)%3 > 0 {
			weight *= 0.02
		}
		if m.random.Float64() < weight && day.After(a.from) && day.Before(a.to) {
			return i
		}
	}
}

// commit adds a commit without moving a ref.
func (m *sampler) commit(
	r *Repository, e sampleEvent, author, message string, parents ...int32,
) int32 {
	r.made++
	x := entry{date: e.at.Unix(), author: person{raw: author}, message: message, parents: parents}
	x.hash = r.hashOf(x)
	return r.graph.add(x)
}

func (m *sampler) signature(author int) string {
	list := m.staff[author].signatures
	if len(list) > 1 && m.random.Float64() < 0.2 {
		return list[1+m.random.IntN(len(list)-1)]
	}
	return list[0]
}

func (m *sampler) direct(r *Repository, e sampleEvent, size int) {
	author, message := "", ""
	if e.author < 0 {
		author, message = m.bot(size)
	} else {
		author, message = m.signature(e.author), m.message()
	}
	var parents []int32
	if head, ok := r.branches[r.main]; ok {
		parents = []int32{head}
	}
	r.branches[r.main] = m.commit(r, e, author, message, parents...)
}

// branch adds a commit to a line of work of the author, or begins one.
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
	by := m.staff[b.author].signatures[0]
	message := fmt.Sprintf("Merged in %s (pull request #%d)\n\n%s\n\nApproved-by: %s\n",
		b.name, m.ticket, strings.TrimSpace(m.subject()), m.staff[0].signatures[0])
	r.branches[r.main] = m.commit(r, e, by, message, r.branches[r.main], b.head)
}

// bot returns one of the bots with what it has to say.
func (m *sampler) bot(size int) (author, message string) {
	version := fmt.Sprintf("%d.%d.%d", 1+m.random.IntN(4), m.random.IntN(20), m.random.IntN(9))
	library := sampleExtra[m.random.IntN(len(sampleExtra))]
	switch x := m.random.Float64(); {
	case x < 0.5:
		return "renovate[bot] <renovate-bot@updates.example>",
			"chore(deps): update dependency " + library + " to v" + version + "\n"
	case x < 0.75 && size > 300:
		return "dependabot[bot] <support@updates.example>",
			"Bump " + library + " from 0.9.1 to " + version + "\n\nBumps `" + library + "`.\n\n" +
				"---\nupdated-dependencies:\n- dependency-name: " + library + "\n...\n"
	}
	return "Pipelines <pipelines@" + m.opt.Workspace + ".example>", "[skip ci] release " + version + "\n"
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
		return fmt.Sprintf("fix(%s): %s\n", sampleExtra[m.random.IntN(len(sampleExtra))], subject)
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

// specials adds what one repository has once: a message of a hundred kilobytes.
func (m *sampler) specials(r *Repository, n int) {
	head, ok := r.branches[r.main]
	if !ok || r.slug != sampleRepositories[0].slug || n < 10 {
		return
	}
	line := "imported from the old tracker, with everything that was written there\n"
	e := sampleEvent{at: r.updated.Truncate(time.Second)}
	r.branches[r.main] = m.commit(r, e, m.staff[1].signatures[0],
		"Import the old change log\n\n"+strings.Repeat(line, 100_000/len(line)+1), head)
}
