package report

import (
	"cmp"
	"context"

	"trunkstat/store"
)

// A burst is many commits of one repository in a row that carry one and the same second. Nobody
// commits so: a rebase or an import gave them that date, and what they say of days is wrong.
// Rows are as they are stored, which is as Bitbucket lists them or by date.

const (
	leastBurst = 50
	burstStep  = leastBurst / 2 // two commits of a burst that are so far apart are looked at
)

// A run is commits in a row with one date.
type run struct {
	date    int64
	commits int
}

// runs finds the longest run of equal dates of a repository, of those that are long enough to
// be bursts; of shorter ones it overlooks most.
type runs struct {
	begin, end run // the first and the last run
	commits    int // in all
	longest    int
}

// add goes over the next dates of the repository.
func (r *runs) add(dates []int64) {
	if len(dates) == 0 {
		return
	}
	if r.commits == 0 {
		r.end.date = dates[0]
	}
	at := 0
	for at < len(dates) && dates[at] == r.end.date {
		at++
	}
	r.note(r.end.date, r.end.commits+at)
	if r.end.commits == r.commits+at { // nothing but one run so far
		r.begin = r.end
	}
	r.commits += len(dates)
	for start := at; start < len(dates); {
		next := min(start+burstStep, len(dates)-1)
		if next > start && dates[next] != dates[start] {
			start = next
			continue
		}
		first, end := start, start+1
		for first > at && dates[first-1] == dates[start] {
			first--
		}
		for end < len(dates) && dates[end] == dates[start] {
			end++
		}
		r.note(dates[start], end-first)
		start = end
	}
}

func (r *runs) note(date int64, commits int) {
	r.end = run{date, commits}
	r.longest = max(r.longest, commits)
}

// join adds the runs of what comes next.
func (r *runs) join(next runs) {
	if r.commits == 0 || next.commits == 0 {
		if r.commits == 0 {
			*r = next
		}
		return
	}
	at := 0
	if next.begin.date == r.end.date {
		at = next.begin.commits
	}
	r.note(r.end.date, r.end.commits+at)
	if r.end.commits == r.commits+at {
		r.begin = r.end
	}
	if at < next.commits {
		r.note(next.end.date, next.end.commits)
	}
	r.commits += next.commits
	r.longest = max(r.longest, next.longest)
}

// findBursts puts the runs of sections together.
func (w *counter) findBursts() {
	for i := 0; i < len(w.parts); {
		var r runs
		repo := w.parts[i].family[0]
		for ; i < len(w.parts) && w.parts[i].family[0] == repo; i++ {
			r.join(w.parts[i].runs)
		}
		w.noteBurst(repo, r)
	}
}

// watch finds the bursts of a family's members among the commits that are kept, of which it has
// seen no column so far.
func (w *counter) watch(ctx context.Context, tx *store.Tx, members family) error {
	since, until := w.scope.Range()
	for _, repo := range members {
		var r runs
		for facts, err := range tx.Facts(w.scope.Repositories[repo].UUID, since, until) {
			if err = cmp.Or(err, ctx.Err()); err != nil {
				return err
			}
			w.batch.reset()
			for i, date := range facts.Dates {
				if w.scope.Keeps(date, facts.Authors[i], facts.Merges[i]) {
					w.batch.dates = append(w.batch.dates, date)
				}
			}
			r.add(w.batch.dates)
		}
		w.noteBurst(repo, r)
	}
	return nil
}

func (w *counter) noteBurst(repo int, r runs) {
	if r.longest >= leastBurst {
		w.bursts[repo] = r.longest
	}
}
