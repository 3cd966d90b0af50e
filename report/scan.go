package report

import (
	"context"
	"fmt"
	"slices"

	"trunkstat/store"
)

// A commit is what dimensions and counts see of one commit.
type commit struct {
	date   int64
	person int32 // index into Scope.People
	merge  bool
}

// A scan is one pass over the commits of a scope between two dates. It calls visit with some commits that
// are included at a time, each commit once, and with all repositories of the scope that have these commits.
// What visit gets is used again for the next commits.
//
// Repositories that share no commits are read from the columns of the store, families from its records,
// which is ten times slower. Nothing else decides where commits come from: a dimension or filter that needs
// messages is a third way to read, here, and one more field of commit.
type scan struct {
	scope        *Scope
	tx           *store.Tx
	families     []family
	since, until int64 // both included
	visit        func(commits []commit, holders []int)

	commits []commit // for visit, used again
	persons []int32  // by number of an author: index into Scope.People
	used    []int64  // by number of an author: commits in the range and of the choice of merges
	shared  int      // included commits that several repositories of the scope have
}

func (s *scan) run(ctx context.Context) error {
	s.used, s.persons = make([]int64, len(s.scope.verdicts)), s.scope.People.Indexes()
	for _, members := range s.families {
		read := s.readRepository
		if len(members) > 1 {
			read = s.readFamily
		}
		if err := read(ctx, members); err != nil {
			return fmt.Errorf("count commits of %s: %w", s.scope.Repositories[members[0]].Slug, err)
		}
	}
	return nil
}

// readRepository visits the commits of a repository that is a family of its own.
func (s *scan) readRepository(ctx context.Context, members family) error {
	uuid := s.scope.Repositories[members[0]].UUID
	for block, err := range s.tx.Blocks(uuid) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		if err := s.sift(block); err != nil {
			return err
		}
		s.visit(s.commits, members)
	}
	return nil
}

// sift keeps the commits of a block that are included.
func (s *scan) sift(block *store.Block) error {
	if len(block.Authors) > 0 {
		if err := s.checkAuthor(slices.Max(block.Authors)); err != nil {
			return err
		}
	}
	commits := slices.Grow(s.commits[:0], len(block.Dates))
	for i, date := range block.Dates {
		author, merge := block.Authors[i], block.Merges[i]
		if s.inRange(date, merge) {
			s.used[author]++
			if s.scope.verdicts[author] == included {
				commits = append(commits, commit{date, s.persons[author], merge})
			}
		}
	}
	s.commits = commits
	return nil
}

// inRange reports whether a commit is included whoever its author is.
func (s *scan) inRange(date int64, merge bool) bool {
	return s.since <= date && date <= s.until && s.scope.merges.includes(merge)
}

// checkAuthor refuses the number of an author that is not stored.
func (s *scan) checkAuthor(author uint32) error {
	if int64(author) >= int64(len(s.used)) {
		return fmt.Errorf("%w: there is no author %d", store.ErrDamaged, author)
	}
	return nil
}

// readFamily visits the distinct commits of a family, in the order of their hashes. Of a commit that
// several members have, the first member's author counts: it may have been linked to an account in one copy
// and not yet in another.
func (s *scan) readFamily(ctx context.Context, members family) error {
	uuids := make([]store.UUID, len(members))
	for i, member := range members {
		uuids[i] = s.scope.Repositories[member].UUID
	}
	holders := make([]int, 0, len(members))
	n := 0
	for shared, err := range s.tx.MergedCommits(uuids) {
		if n++; err == nil && n%1000 == 0 {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		holders = holders[:0]
		for _, i := range shared.In {
			holders = append(holders, members[i])
		}
		if err := s.visitShared(shared, holders); err != nil {
			return err
		}
	}
	return nil
}

// visitShared visits one commit of a family, if it is included.
func (s *scan) visitShared(c *store.SharedCommit, holders []int) error {
	if err := s.checkAuthor(c.Author); err != nil || !s.inRange(c.Date, c.Merge) {
		return err
	}
	s.used[c.Author]++
	if s.scope.verdicts[c.Author] != included {
		return nil
	}
	if len(holders) > 1 {
		s.shared++
	}
	s.commits = append(s.commits[:0], commit{c.Date, s.persons[c.Author], c.Merge})
	s.visit(s.commits, holders)
	return nil
}
