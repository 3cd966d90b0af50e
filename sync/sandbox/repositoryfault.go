package sandbox

// What is wrong with how a repository or one of its commits is served, until it is taken back.

// BrokenCommit makes every page that holds the commit answer 500, whatever is asked. Smaller pages
// without it are served.
func (r *Repository) BrokenCommit(hash string) {
	r.s.change(func() { r.broken[r.number(hash)] = true })
}

// WithholdRow leaves the commit out of every page, whose other rows and next link stay as they are. As a
// parent it is named, and it resolves.
func (r *Repository) WithholdRow(hash string) {
	r.s.change(func() { r.withheld[r.number(hash)] = true })
}

// Shallow makes the repository one that was pushed from a shallow clone: the commit names its parents,
// and those, with all that only they reach, are unknown to Bitbucket. A range that includes one of them
// answers 404 and names it.
func (r *Repository) Shallow(hash string) {
	r.s.change(func() {
		n := r.number(hash)
		behind := r.graph.reach(r.graph.parents(n))
		r.graph.shallow[n] = true
		for i, reached := range r.graph.reach(r.heads()) {
			if behind[i] && !reached {
				r.graph.gone[int32(i)] = true
			}
		}
	})
}

// Mend takes back all of that for the commit. If it was shallow, its parents and their histories are known
// again.
func (r *Repository) Mend(hash string) {
	r.s.change(func() {
		n := r.number(hash)
		delete(r.broken, n)
		delete(r.withheld, n)
		delete(r.graph.shallow, n)
		for n, reached := range r.graph.reach(r.heads()) {
			if reached {
				delete(r.graph.gone, int32(n))
			}
		}
	})
}

// Forbid answers everything about the repository but its row in the listing with a status, 403 or 404; 0
// takes it back.
func (r *Repository) Forbid(status int) { r.s.change(func() { r.forbidden = status }) }
