package sandbox

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A sampleEvent is a commit to be made: when, and by which author; -1 is a bot.
type sampleEvent struct {
	at     time.Time
	author int
}

// fill writes the commits of a repository, from its beginning to its end. Each author works on one branch
// at a time, which is merged sooner or later.
func (m *sampler) fill(r *Repository, x sampleRepository) {
	m.team++
	working := map[int]string{} // author → branch
	for i, e := range m.events(r.created, m.now.Add(-time.Duration(x.silent)*month), x.commits) {
		chance := m.random.Float64()
		head, begun := r.branches[r.main]
		own := working[e.author]
		var by Change
		to, parents, messages := r.main, []int32{head}, sampleMessages
		switch {
		case !begun:
			by, parents = m.authors[0].signatures[0], nil
		case e.author < 0:
			bot := m.random.IntN(len(sampleBots))
			by, messages = sampleBots[bot], sampleBotMessages[bot:bot+1]
		case own != "" && chance < 0.3 && i < x.commits-20:
			by, parents = m.authors[e.author].signatures[0], append(parents, r.branches[own])
			messages = []string{"Merged in " + own + " (pull request #{n})\n\n{verb} {object}\n"}
			delete(working, e.author)
			delete(r.branches, own)
		case own != "":
			by, to, parents = m.signature(e.author), own, []int32{r.branches[own]}
		case chance < 0.25:
			by, to = m.signature(e.author), fmt.Sprintf("feature/%s-%d", r.project, i)
			working[e.author] = to
		default:
			by = m.signature(e.author)
		}
		by.Date, by.Message = e.at, m.text(messages)+m.trailers(e)
		r.made++
		r.branches[to] = r.add(by, parents)
		r.updated = e.at
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

// signature draws how an author signs a commit: mostly in one way, and now and then in another, as from
// another machine.
func (m *sampler) signature(author int) Change {
	list := m.authors[author].signatures
	if len(list) > 1 && m.random.Float64() < 0.2 {
		return list[1+m.random.IntN(len(list)-1)]
	}
	return list[0]
}

// trailers draws what stands below a message. Some commits name a second author. For a year and a half, more
// and more of them name a coding assistant.
func (m *sampler) trailers(e sampleEvent) string {
	if e.author < 0 {
		return ""
	}
	var lines string
	if m.random.Float64() < 0.04 {
		lines += "Co-authored-by: " + m.authors[m.random.IntN(len(m.authors))].signatures[0].Author + "\n"
	}
	share := 0.02 * float64(e.at.Sub(m.now.Add(-18*month))/month)
	if m.random.Float64() < share && e.author%3 > 0 {
		lines += sampleAssistants[e.author%len(sampleAssistants)] + "\n"
	}
	if lines != "" {
		lines = "\n" + lines
	}
	return lines
}

// text draws one of the templates and fills it in.
func (m *sampler) text(templates []string) string {
	draw := func(list []string) string { return list[m.random.IntN(len(list))] }
	return strings.NewReplacer(
		"{verb}", draw(sampleVerbs), "{object}", draw(sampleObjects), "{reason}", draw(sampleReasons),
		"{service}", draw(sampleServices), "{n}", strconv.Itoa(100+m.random.IntN(4000)),
	).Replace(draw(templates))
}
