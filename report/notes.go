package report

import (
	"fmt"
	"time"
)

// noteAll writes the sentences of the footer, the most important first.
func (s *sheet) noteAll() {
	if s.scope.known > 0 && len(s.scope.Repositories) == 0 {
		s.note("no repository matches the filters; %s known",
			numberOf(int64(s.scope.known), "is", "are"))
	}
	s.noteShared()
	s.noteBots(s.q.Filter.Bots)
	s.noteFloors()
	s.noteFuture()
	s.noteHints()
}

// noteShared tells why rows may add up to more than the total.
func (s *sheet) noteShared() {
	n := s.counter.shared
	if n == 0 {
		return
	}
	where := "each is counted once"
	if len(s.tally().layout.places) > 1 || s.q.Pivot.isPlace() {
		where = "the total counts each once"
	}
	s.note("%s in several repositories; %s", numberOf(n, "commit is", "commits are"), where)
}

// noteBots tells how much of the volume is by bots, or how much was left out with them.
func (s *sheet) noteBots(choice Choice) {
	fate, what := kept, "included"
	switch choice {
	case Exclude:
		fate, what = botOut, "left out"
	case Only:
		return
	}
	var commits, bots int64
	for i := range s.scope.People.Len() {
		if n := s.usedBy(s.counter, i, fate); n > 0 && s.scope.People.At(i).Bot {
			commits += n
			bots++
		}
	}
	if bots > 0 {
		s.note("bots: %s by %s %s", numberOf(commits, "commit", "commits"),
			numberOf(bots, "bot", "bots"), what)
	}
}

// noteFloors tells that histories begin where their first sync was told to begin, where the
// range reaches back so far.
func (s *sheet) noteFloors() {
	var n, lowest int64
	several := false
	for _, repo := range s.scope.Repositories {
		if repo.Floor == 0 || s.scope.since >= repo.Floor {
			continue
		}
		if n > 0 && repo.Floor != lowest {
			several = true
		}
		if n++; n == 1 || repo.Floor < lowest {
			lowest = repo.Floor
		}
	}
	if n == 0 {
		return
	}
	date := time.Unix(lowest, 0).In(s.q.Zone).Format(time.DateOnly)
	if several {
		date += " or later"
	}
	s.note("%s at %s (sync --since)",
		numberOf(n, "repository begins", "repositories begin"), date)
}

// noteFuture tells of dates that cannot be right. A day is allowed for clocks that are off.
func (s *sheet) noteFuture() {
	last := s.counter.total.last
	if s.counter.total.commits > 0 && last > s.q.Now.Unix()+daySeconds {
		s.note("the latest commit is dated %s, which is in the future",
			time.Unix(last, 0).In(s.q.Zone).Format(time.DateOnly))
	}
}

func (s *sheet) note(format string, args ...any) {
	s.notes = append(s.notes, fmt.Sprintf(format, args...))
}
