package sandbox

import (
	"fmt"
	"maps"
	"slices"
)

// refresh looks again at the git directories whose change the request could tell.
func (s *Server) refresh(q *request) {
	for _, r := range s.concerned(q) {
		r.refresh()
	}
}

func (s *Server) concerned(q *request) []*Repository {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if q.kind == Listing {
		w := s.workspace(q.at(1))
		if w == nil {
			return nil
		}
		byHand := func(r *Repository) bool { return r.git == nil }
		return slices.DeleteFunc(slices.Clone(w.repositories), byHand)
	}
	if !q.begins("repositories", "*", "*") {
		return nil
	}
	r, _ := s.resolve(q.at(1), q.at(2))
	if r == nil || r.git == nil || q.kind == CommitsKind && r.settled(q) {
		return nil
	}
	return []*Repository{r}
}

// settled reports whether a list of commits follows from known hashes alone: then no push to
// the git directory changes it.
func (r *Repository) settled(q *request) bool {
	if q.query.Get("ctx") != "" {
		return true
	}
	names := slices.Concat(q.query["include"], q.query["exclude"])
	if revision := q.rest(4); revision != "" {
		names = append(names, revision)
	} else if len(q.query["include"]) == 0 {
		return false
	}
	return !slices.ContainsFunc(names, func(name string) bool {
		h, full := parseHash(name)
		_, known := r.graph.byHash[h]
		return !full || !known
	})
}

func (r *Repository) refresh() {
	r.git.mu.Lock()
	defer r.git.mu.Unlock()
	before := r.git.state
	seen, err := r.git.look()
	if err == nil && seen.state != before {
		r.s.change(func() {
			if err = r.adopt(seen); err == nil {
				r.touch()
			}
		})
	}
	r.git.err = err
}

// adopt takes over what a look found.
func (r *Repository) adopt(seen *gitState) error {
	for _, c := range seen.commits {
		e := entry{hash: c.hash, date: c.date, author: person{raw: c.author}, message: c.message}
		for _, p := range c.parents {
			n, ok := r.graph.byHash[p]
			if !ok {
				return fmt.Errorf("commit %s: parent %s is missing", c.hash, p)
			}
			e.parents = append(e.parents, n)
		}
		r.graph.add(e)
	}
	r.branches, r.tags = r.targets(seen.branches), r.targets(seen.tags)
	r.graph.revive(r.tips())
	r.main = seen.main
	if _, ok := r.branches[r.main]; !ok {
		r.main = likelyMain(r.branches)
	}
	r.git.state, r.git.known = seen.state, r.heads()
	return nil
}

// targets turns hashes into numbers. A tag of something that is no commit is dropped.
func (r *Repository) targets(refs map[string]hash) map[string]int32 {
	numbers := map[string]int32{}
	for name, h := range refs {
		if n, ok := r.graph.byHash[h]; ok {
			numbers[name] = n
		}
	}
	return numbers
}

// likelyMain chooses the default branch where HEAD names none that exists, as Bitbucket has to
// when the first branch is pushed.
func likelyMain(branches map[string]int32) string {
	for _, name := range []string{"main", "master"} {
		if _, ok := branches[name]; ok {
			return name
		}
	}
	if names := slices.Sorted(maps.Keys(branches)); len(names) > 0 {
		return names[0]
	}
	return "main"
}

// heads are the commits without children: with them, all commits are known.
func (r *Repository) heads() []hash {
	parent := make(set, (len(r.graph.hashes)+63)/64)
	for n := range r.graph.hashes {
		r.graph.eachParent(int32(n), parent.put)
	}
	var heads []hash
	for n, h := range r.graph.hashes {
		if !parent.has(int32(n)) {
			heads = append(heads, h)
		}
	}
	return heads
}
