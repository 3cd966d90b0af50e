package sandbox

import "encoding/json"

// A commitFault is what is wrong with how one commit is served.
type commitFault struct {
	hidden   bool            // it does not resolve
	broken   bool            // the pages that hold it fail
	withheld bool            // it is left out of pages
	dated    bool            // its date is another one
	date     json.RawMessage // nil: missing
}

// setFault changes what is wrong with a commit.
func (r *Repository) setFault(hash string, change func(*commitFault)) {
	r.s.change(func() {
		n := r.number(hash)
		f := r.faults[n]
		change(&f)
		r.faults[n] = f
	})
}

// HideFromRange makes a commit unknown to ranges that include or exclude it, though the listing may name
// it as a head and pages may hold it: they answer 404 "Commit not found".
func (r *Repository) HideFromRange(hash string) {
	r.setFault(hash, func(f *commitFault) { f.hidden = true })
}

// BrokenCommit makes every page that holds the commit answer 500, whatever is asked. Smaller pages
// without it are served.
func (r *Repository) BrokenCommit(hash string) {
	r.setFault(hash, func(f *commitFault) { f.broken = true })
}

// WithholdRow leaves the commit out of every page, whose other rows and next link stay as they are. As a
// parent it is named, and it resolves.
func (r *Repository) WithholdRow(hash string) {
	r.setFault(hash, func(f *commitFault) { f.withheld = true })
}

// SetRawDate sends another date of the commit: the JSON text that stands for it, such as `null`, `""` or
// `"2025-02-30T00:00:00+00:00"`. Without a text the member date is missing.
func (r *Repository) SetRawDate(hash, text string) {
	r.setFault(hash, func(f *commitFault) {
		f.dated, f.date = true, nil
		if text != "" {
			f.date = json.RawMessage(text)
		}
	})
}

// Shallow makes the repository one that was pushed from a shallow clone: the commit names its parents,
// and those, with all that only they reach, are unknown to Bitbucket. A range that includes one of them
// answers 404 and names it.
func (r *Repository) Shallow(hash string) {
	r.s.change(func() {
		n := r.number(hash)
		before := r.graph.reach(r.graph.parents(n))
		r.graph.shallow[n] = true
		after := r.graph.reach(r.heads())
		for i := range before {
			if before[i] && !after[i] {
				r.graph.gone[int32(i)] = true
			}
		}
		r.ranges.drop()
	})
}

// Mend takes back all of that for the commit. If it was shallow, its parents and their histories are known
// again.
func (r *Repository) Mend(hash string) {
	r.s.change(func() {
		n := r.number(hash)
		delete(r.faults, n)
		delete(r.graph.shallow, n)
		r.graph.revive(r.heads())
		r.ranges.drop()
	})
}

// Forbid answers everything about the repository but its row in the listing with a status, 403 or 404; 0
// takes it back.
func (r *Repository) Forbid(status int) { r.s.change(func() { r.forbidden = status }) }

// LoseAccessExcept takes all repositories but the first k out of every listing, which still answers 200,
// and answers 404 for each of them, as when the credential's access to them ends. The first k are
// regained.
func (w *Workspace) LoseAccessExcept(k int) {
	w.s.change(func() {
		for i, r := range w.repositories {
			r.lost = i >= k
		}
	})
}
