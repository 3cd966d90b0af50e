package sync

import (
	"strings"

	"trunkstat/store"
)

// absent looks for stored repositories of the workspace that this credential listed before and no longer
// lists. A credential that reaches few repositories says nothing about those that it never listed.
func (r *reconciliation) absent() error {
	repos, err := r.tx.Repositories()
	if err != nil {
		return err
	}
	var missing []store.Repository
	known := 0
	for _, repo := range repos {
		_, listedBefore := repo.Listings[r.opt.Credential]
		switch {
		case repo.Workspace != r.opt.Workspace:
		case r.listing.seen[string(repo.UUID)]:
			known++
		case repo.Gone():
			r.counts.Gone++
		case listedBefore:
			known++
			missing = append(missing, repo)
		}
	}
	if r.listing.incomplete || len(missing) == 0 {
		return nil
	}
	// Bitbucket leaves out what a credential may not see, and answers 200. Most of a few repositories may
	// well have been deleted at once; most of many have not.
	if known >= 4 && 2*len(missing) > known {
		r.summary.AccessLost = true
		r.add("access to %s was probably lost: %d of %d repositories are no longer listed: %s",
			r.opt.Workspace, len(missing), known, slugs(missing))
		return nil
	}
	return r.markAbsent(missing)
}

// markAbsent counts complete listings without a repository; two in a row make it gone, since one may be a
// mistake of Bitbucket's.
func (r *reconciliation) markAbsent(missing []store.Repository) error {
	var first []store.Repository
	for _, repo := range missing {
		repo.Listings[r.opt.Credential]++
		if repo.Gone() {
			r.counts.Gone++
			r.add("%s is gone; its commits are kept", repo.Slug)
		} else {
			first = append(first, repo)
		}
		if err := r.tx.PutRepository(repo); err != nil {
			return err
		}
	}
	if len(first) > 0 {
		verb := "are"
		if len(first) == 1 {
			verb = "is"
		}
		r.add("%s %s no longer listed: %s", repositories(len(first)), verb, slugs(first))
	}
	return nil
}

func slugs(repos []store.Repository) string {
	names := make([]string, len(repos))
	for i, repo := range repos {
		names[i] = repo.Slug
	}
	return strings.Join(names, ", ")
}
