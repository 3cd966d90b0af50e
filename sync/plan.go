package sync

import "trunkstat/sync/bitbucket"

// A Plan is what a run would ask for, as far as the listing tells.
type Plan struct {
	Repositories int     `json:"repositories"` // that changed, or are unfinished
	First        int     `json:"first"`        // of those, never finished: a request per 100 of their commits
	Requests     int     `json:"requests"`     // at least; how long a history is Bitbucket does not tell
	Hours        float64 `json:"hours"`        // that this takes at least, at the known limit
}

func newPlan(jobs []job, budget *bitbucket.Budget) *Plan {
	p := &Plan{Repositories: len(jobs)}
	for _, j := range jobs {
		if j.repo.Head.IsZero() {
			p.First++
		}
		p.Requests++
		if j.head.IsZero() {
			p.Requests++ // the head must be asked for
		}
	}
	if budget != nil {
		if left, limited := budget.Left(); limited {
			p.Hours = float64(max(p.Requests-left, 0)) / float64(max(budget.Limit(), 1))
		}
	}
	return p
}
