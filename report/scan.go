package report

import (
	"context"
	"fmt"
	"slices"

	"trunkstat/store"
)

// A commit is what dimensions and counts see of a commit and one of its authors. A commit that has several
// authors (Query.CoAuthors) stands in a batch once for each of them.
type commit struct {
	date   int64
	person int32 // index into Scope.People
	merge  bool
	again  bool // it is the same commit as the one before
}

// A batch is some commits that are included, each once but for its co-authors, and all repositories of the
// scope that have these commits.
type batch struct {
	commits []commit
	facts   []facts // of each of the commits; nil unless the report asks for any
	holders []int   // indexes into Scope.Repositories
	again   bool    // whether any of the commits has several authors
}

// A scan is one pass over the commits of a scope between two dates. It calls visit with some commits at a
// time, which are good until visit returns.
//
// Repositories that share no commits are read from the columns of the store. Families are read from its
// records, which is ten times slower, and so is everything if messages are asked for.
type scan struct {
	scope        *Scope
	tx           *store.Tx
	families     []family
	since, until int64     // both included
	messages     *messages // what is asked of messages beside the filter; nil: nothing
	visit        func(*batch)

	batch   batch                // for visit, used again
	holders []int                // of the batch, used again
	records []store.SharedCommit // used again, and so are their messages
	used    []int64              // by number of an author: commits that are included but for the author
	shared  int                  // included commits that several repositories of the scope have
}

func (s *scan) run(ctx context.Context) error {
	s.used = make([]int64, len(s.scope.verdicts))
	for _, members := range s.families {
		read := s.readColumns
		if len(members) > 1 || s.messages != nil || s.scope.needsMessages() {
			read = s.readRecords
		}
		if err := read(ctx, members); err != nil {
			return fmt.Errorf("count commits of %s: %w", s.scope.Repositories[members[0]].Slug, err)
		}
	}
	return nil
}

// readColumns visits the commits of a repository that is a family of its own.
func (s *scan) readColumns(ctx context.Context, members family) error {
	s.batch.holders = members
	uuid := s.scope.Repositories[members[0]].UUID
	for block, err := range s.tx.Blocks(uuid) {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil && len(block.Authors) > 0 {
			err = s.scope.checkAuthor(slices.Max(block.Authors))
		}
		if err != nil {
			return err
		}
		s.sift(block)
		s.visit(&s.batch)
	}
	return nil
}

// sift makes a batch of the commits of a block that are included.
func (s *scan) sift(block *store.Block) {
	scope, persons := s.scope, s.scope.People.Indexes()
	commits := slices.Grow(s.batch.commits[:0], len(block.Dates))
	for i, date := range block.Dates {
		author, merge := block.Authors[i], block.Merges[i]
		if !s.inRange(date, merge) || scope.teams != nil && !scope.teams.includes(persons[author], date) {
			continue
		}
		s.used[author]++
		if scope.verdicts[author] == included {
			commits = append(commits, commit{date: date, person: persons[author], merge: merge})
		}
	}
	s.batch.commits = commits
}

// inRange reports whether a commit is included, before its author and its message are looked at.
func (s *scan) inRange(date int64, merge bool) bool {
	return s.since <= date && date <= s.until && s.scope.merges.includes(merge)
}

// fullBatch is about as long as a block of the store.
const fullBatch = 2048

// readRecords visits the distinct commits of a family, in the order of their hashes. Of a commit that
// several members have, the first member's author counts: it may have been linked to an account in one copy
// and not yet in another.
func (s *scan) readRecords(ctx context.Context, members family) error {
	uuids := make([]store.UUID, len(members))
	for i, member := range members {
		uuids[i] = s.scope.Repositories[member].UUID
	}
	if s.records == nil {
		s.records = make([]store.SharedCommit, 0, fullBatch)
	}
	records := s.records[:0]
	for shared, err := range s.tx.MergedCommits(uuids) {
		if err == nil {
			err = s.scope.checkAuthor(shared.Author)
		}
		if err == nil && len(records) == fullBatch {
			s.visitRecords(records, members)
			records, err = records[:0], ctx.Err()
		}
		if err != nil {
			return err
		}
		if s.inRange(shared.Date, shared.Merge) {
			records = appendCopy(records, shared)
		}
	}
	s.visitRecords(records, members)
	return nil
}

// appendCopy appends a commit that is good until the next one. It uses the memory behind the records.
func appendCopy(records []store.SharedCommit, shared *store.SharedCommit) []store.SharedCommit {
	last := &records[:len(records)+1][len(records)]
	message, in := append(last.Message[:0], shared.Message...), append(last.In[:0], shared.In...)
	*last = *shared
	last.Message, last.In = message, in
	return records[:len(records)+1]
}

// visitRecords visits the records that are included: in one batch if they are of one repository, and else
// each with the members that have it.
func (s *scan) visitRecords(records []store.SharedCommit, members family) {
	s.begin(members)
	included := s.scope.includeMessages(records)
	for i := range records {
		if !included[i] {
			continue
		}
		s.add(&records[i])
		if len(members) > 1 && len(s.batch.commits) > 0 {
			s.batch.holders = s.holdersOf(&records[i], members)
			s.visit(&s.batch)
			s.begin(members)
		}
	}
	if len(s.batch.commits) > 0 {
		s.visit(&s.batch)
	}
}

// begin empties the batch.
func (s *scan) begin(holders []int) {
	s.batch = batch{commits: s.batch.commits[:0], facts: s.batch.facts[:0], holders: holders}
}

// holdersOf returns the members that have a commit. They are good until the next call.
func (s *scan) holdersOf(shared *store.SharedCommit, members family) []int {
	s.holders = s.holders[:0]
	for _, i := range shared.In {
		s.holders = append(s.holders, members[i])
	}
	if len(s.holders) > 1 {
		s.shared++
	}
	return s.holders
}

// add adds a commit to the batch, once for each of its authors who is included.
func (s *scan) add(shared *store.SharedCommit) {
	first := len(s.batch.commits)
	for _, author := range s.scope.authorsOf(shared) {
		person := s.scope.People.Indexes()[author]
		if s.scope.teams != nil && !s.scope.teams.includes(person, shared.Date) {
			continue
		}
		s.used[author]++
		isKnown := slices.ContainsFunc(s.batch.commits[first:], func(c commit) bool { return c.person == person })
		if s.scope.verdicts[author] != included || isKnown {
			continue
		}
		again := len(s.batch.commits) > first
		s.batch.commits = append(s.batch.commits, commit{shared.Date, person, shared.Merge, again})
		s.batch.again = s.batch.again || again
		if s.messages != nil {
			s.batch.facts = append(s.batch.facts, s.messages.facts(shared))
		}
	}
}
