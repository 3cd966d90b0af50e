package synccmd

import (
	"slices"
	"time"

	engine "trunkstat/sync"
	"trunkstat/sync/bitbucket"
)

// A status is how far a run has come.
type status struct {
	workspace string
	began     time.Time

	listed, total, done, commits int
	planned                      bool         // the listing is complete
	walks                        []activeWalk // in the order in which they began

	requests, left, limit int // left is -1 and limit 0 if there is no limit
	wait                  bitbucket.Wait
	waitBegan             time.Time
	waited                time.Duration
	trouble               string // why no usable answer comes, "" if one does
}

// An activeWalk is a repository that is being walked.
type activeWalk struct {
	slug    string
	commits int // by this run
}

// event counts an event. A repository is done when it is settled, and only then: it may finish several walks
// before, if its head moves.
func (s *status) event(e engine.Event) {
	switch e.Kind {
	case engine.Listing:
		s.listed = e.Repositories
	case engine.Planned:
		s.planned, s.total = true, e.Repositories
	case engine.Started:
		s.walks = append(s.walks, activeWalk{slug: e.Repository})
	case engine.Stored:
		s.commits += e.Commits
		for i := range s.walks {
			if s.walks[i].slug == e.Repository {
				s.walks[i].commits += e.Commits
			}
		}
	case engine.Settled:
		s.walks = slices.DeleteFunc(s.walks, func(w activeWalk) bool { return w.slug == e.Repository })
		s.done++
	}
}

// endWait adds the wait that is over, if there was one, to the time waited.
func (s *status) endWait(now time.Time) {
	if !s.waitBegan.IsZero() {
		s.waited += now.Sub(s.waitBegan)
	}
	s.wait, s.waitBegan = bitbucket.Wait{}, time.Time{}
}

// count takes over the counts of the budget.
func (s *status) count(b *bitbucket.Budget) {
	s.left = -1
	if b == nil {
		return
	}
	s.requests, s.limit = b.Requests(), b.Limit()
	if left, limited := b.Left(); limited {
		s.left = left
	}
}

// timeLeft estimates the rest of the run from the repositories that are done. It makes no estimate from a
// few of them, nor for the last ones, which are mostly the longest. If the requests of the hour do not
// suffice for the rest, it adds the time until they come back.
func (s *status) timeLeft(now time.Time) (time.Duration, bool) {
	active := now.Sub(s.began) - s.waited
	if !s.waitBegan.IsZero() {
		active -= now.Sub(s.waitBegan)
	}
	rest := s.total - s.done
	if s.done < 3 || s.done*20 < s.total || rest <= len(s.walks) || active < 3*time.Second {
		return 0, false
	}
	left := active / time.Duration(s.done) * time.Duration(rest)
	if missing := s.requests*rest/s.done - s.left; s.limit > 0 && s.left >= 0 && missing > 0 {
		left += time.Duration(missing) * time.Hour / time.Duration(s.limit)
	}
	return left, true
}
