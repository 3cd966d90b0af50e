package report

import (
	"context"
	"fmt"
	"slices"

	"trunkstat/store"
)

// A commit is what dimensions and counts see of a commit. It is small, because a million of them are written
// to batches and read from there.
type commit struct {
	date   int64 // seconds since 1970
	person int32 // the author: an index into Scope.People.Persons
	merge  bool
	facts  *facts // nil if the report asks for none, and for no co-authors of it
}

// persons appends the author and the co-authors to a list, whose memory may be used again.
func (c *commit) persons(to []int32) []int32 {
	to = append(to, c.person)
	if c.facts != nil {
		to = append(to, c.facts.coAuthors...)
	}
	return to
}

// A batch is some commits that are included, each once, and all repositories of the scope that have these
// commits.
type batch struct {
	commits   []commit
	holders   []int // indexes into Scope.Repositories
	coAuthors bool  // whether a commit may have several authors
}

// A scan is one pass over the commits that a scope includes. It calls visit with some of them at a time,
// which are good until visit returns.
//
// Repositories that share no commits are read from the columns of the store. Families are read from its
// records, which is ten times slower, and so is everything if messages are asked for.
type scan struct {
	scope    *Scope
	tx       *store.Tx
	families []family
	messages *messages // what is asked of messages beside the filter; nil: nothing
	visit    func(*batch)

	batch batch // for visit, used again
	// Used again: the holders of a batch, the authors of a commit, and records with their messages.
	holders []int
	persons []int32
	records []store.SharedCommit

	used   []int64 // by number of an author: commits that are included but for the author
	shared int     // included commits that several repositories of the scope have
}

// run reads the families one after the other, in one goroutine. Several goroutines would save some 5 ms of a
// million commits, and each would need tables of its own, to be merged at the end.
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

// readColumns visits the commits of a repository that is a family of its own, a block of the store at a time.
// Nearly all commits of most reports take this way, so the loop makes no call that is not inlined, unless
// teams are asked for.
func (s *scan) readColumns(ctx context.Context, members family) error {
	persons := s.scope.People.Indexes
	for block, err := range s.tx.Blocks(s.scope.Repositories[members[0]].UUID) {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil && len(block.Authors) > 0 { // a damaged number would be an index out of range
			err = s.scope.checkAuthor(slices.Max(block.Authors))
		}
		if err != nil {
			return err
		}
		commits := slices.Grow(s.batch.commits[:0], len(block.Dates))
		for i, date := range block.Dates {
			author, merge := block.Authors[i], block.Merges[i]
			if s.scope.inRange(date, merge) && s.scope.teams.includes(persons[author], date) && s.use(author) {
				commits = append(commits, commit{date: date, person: persons[author], merge: merge})
			}
		}
		s.batch = batch{commits: commits, holders: members}
		s.visit(&s.batch)
	}
	return nil
}

// use counts a commit for its author, and reports whether the author's commits are included. It counts those
// that are not as well, so that a note can tell how many commits of bots are left out.
func (s *scan) use(author uint32) bool {
	s.used[author]++
	return s.scope.verdicts[author] == included
}

// fullBatch is how many records are held at a time, for their messages to be matched on all processors. What
// they hold is used again, so that a scan takes no more memory for a large repository than for a small one.
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
		s.records = make([]store.SharedCommit, fullBatch)
	}
	n := 0
	for shared, err := range s.tx.MergedCommits(uuids) {
		if err == nil {
			err = s.scope.checkAuthor(shared.Author)
		}
		if err == nil && n == fullBatch {
			s.visitRecords(s.records, members)
			n, err = 0, ctx.Err()
		}
		if err != nil {
			return err
		}
		if s.scope.inRange(shared.Date, shared.Merge) {
			record := &s.records[n] // shared is good until the next one: its parts are copied
			message, in := append(record.Message[:0], shared.Message...), append(record.In[:0], shared.In...)
			*record = *shared
			record.Message, record.In = message, in
			n++
		}
	}
	s.visitRecords(s.records[:n], members)
	return nil
}

// visitRecords visits those of some records that are included: in one batch if they are of one repository,
// and else each with the members that have it. The first of a commit's persons who is included stands as
// its author, who may be a co-author.
func (s *scan) visitRecords(records []store.SharedCommit, members family) {
	matches := s.scope.matchMessages(records)
	s.batch = batch{commits: s.batch.commits[:0], holders: members, coAuthors: s.scope.assistants != nil}
	for i := range records {
		r := &records[i]
		if !matches[i] {
			continue
		}
		persons := s.persons[:0]
		for _, author := range s.scope.authorsOf(r) {
			person := s.scope.People.Indexes[author]
			if s.scope.teams.includes(person, r.Date) && s.use(author) && !slices.Contains(persons, person) {
				persons = append(persons, person)
			}
		}
		if s.persons = persons; len(persons) == 0 {
			continue
		}
		c := commit{date: r.Date, person: persons[0], merge: r.Merge}
		if s.messages != nil || len(persons) > 1 {
			c.facts = s.messages.facts(r)
			c.facts.coAuthors = slices.Clone(persons[1:]) // persons is used again for the next commit
		}
		s.batch.commits = append(s.batch.commits, c)
		if len(members) > 1 {
			s.visitShared(r.In, members)
		}
	}
	s.visit(&s.batch)
}

// visitShared visits the one commit of the batch with the members that have it, and empties the batch: the
// next commit may be in other members.
func (s *scan) visitShared(in []int, members family) {
	s.holders = s.holders[:0]
	for _, i := range in {
		s.holders = append(s.holders, members[i])
	}
	s.batch.holders = s.holders
	if len(in) > 1 {
		s.shared++
	}
	s.visit(&s.batch)
	s.batch.commits = s.batch.commits[:0]
}
