package reportcmd

import (
	"context"
	"fmt"
	"strings"

	"trunkstat/report"
	"trunkstat/report/people"
	"trunkstat/store"
	"trunkstat/store/command"
)

// A commitReader reads the commits of an export in order, some at a time. Between two reads it
// holds nothing of the database: whoever takes the rows may be as slow as he likes, and a sync
// goes on meanwhile. So each read sees the database as it is then. The repositories and their names
// are those of the beginning; a commit that a sync drops before it was read is
// left out, one that a sync adds to a repository which was read already is not seen.
type commitReader struct {
	db    *store.DB
	query report.Query
	group func(instant) int64 // the partition of a date; nil: none
	limits

	scope   *report.Scope
	repos   []store.Repository
	picks   picks
	queue   []pick // picked and not read yet
	next    int    // the repository to look through next
	last    bool   // nothing is left behind the queue
	rows    []commitRow
	scanned int // commits looked through in this read
	bytes   int // in rows
}

// Limits bound what a commitReader holds, and for how long a read keeps a sync from writing.
type limits struct {
	picks int // places of commits, 40 bytes each, twice
	scan  int // commits to look through in a read; a repository is looked through at once
	rows  int // rows of a read
	bytes int // in the rows of a read, about
}

var exportLimits = limits{picks: 150_000, scan: 500_000, rows: 20_000, bytes: 8 << 20}

func newCommitReader(db *store.DB, scope *report.Scope, q report.Query, l limits) *commitReader {
	return &commitReader{
		db: db, query: q, scope: scope, repos: scope.Repositories,
		limits: l, picks: picks{limit: l.picks},
	}
}

// done reports whether everything was read.
func (r *commitReader) done() bool { return r.last && len(r.queue) == 0 }

// read reads the next rows. There may be none although there are more. They are overwritten by
// the next read.
func (r *commitReader) read(ctx context.Context) ([]commitRow, error) {
	r.rows, r.scanned, r.bytes = r.rows[:0], 0, 0
	err := r.db.View(ctx, r.fill)
	return r.rows, err
}

func (r *commitReader) fill(tx *store.Tx) error {
	for !r.done() && r.scanned < r.limits.scan {
		if len(r.queue) == 0 {
			if err := r.pick(tx); err != nil {
				return err
			}
			continue
		}
		if len(r.rows) >= r.limits.rows || r.bytes >= r.limits.bytes {
			break
		}
		if err := r.take(tx, r.queue[0]); err != nil {
			return err
		}
		r.queue = r.queue[1:]
	}
	return nil
}

// pick looks through one more repository. After the last one that can matter, the queue is what
// was picked.
func (r *commitReader) pick(tx *store.Tx) error {
	if r.next < len(r.repos) {
		if err := r.scan(tx, r.next); err != nil {
			return fmt.Errorf("look through %s: %w", r.repos[r.next].Slug, err)
		}
		r.next++
	}
	// Without partitions the repositories come one after the other: those behind this one have
	// nothing that comes first.
	enough := r.group == nil && r.picks.full()
	if r.next < len(r.repos) && !enough {
		return nil
	}
	r.last = r.next == len(r.repos) && !r.picks.full()
	r.queue = r.picks.take()
	r.next = 0
	if r.group == nil && len(r.queue) > 0 {
		r.next = r.queue[len(r.queue)-1].repo
	}
	return nil
}

// scan adds the commits of a repository that the filters keep to the picks.
func (r *commitReader) scan(tx *store.Tx, repo int) error {
	uuid := r.repos[repo].UUID
	extent, err := tx.Extent(uuid)
	if err != nil || extent.Commits == 0 || !r.matters(extent) {
		return err
	}
	r.scanned += extent.Commits
	fresh := false
	for fact, err := range tx.MergedCommits([]store.UUID{uuid}) {
		if err != nil {
			return err
		}
		if _, known := r.scope.People.Index(fact.Author); !known && !fresh {
			if err := r.resolve(tx); err != nil {
				return err
			}
			fresh = true
		}
		if !r.scope.Keeps(fact.Date, fact.Author, fact.Merge) {
			continue
		}
		r.picks.add(pick{r.groupOf(fact.Date), repo, fact.Date, fact.Hash})
	}
	return nil
}

// resolve finds out anew who is who, after a sync has stored an author whom the scope does not
// know. The repositories stay those of the beginning: the order depends on them.
func (r *commitReader) resolve(tx *store.Tx) error {
	scope, err := report.NewScope(tx, r.query)
	if err == nil {
		r.scope = scope
	}
	return err
}

// matters reports whether commits between those dates can be among the picks.
func (r *commitReader) matters(e store.Extent) bool {
	since, until := r.scope.Range()
	if e.Last < since || until < e.First {
		return false
	}
	after, bound := r.picks.after, r.picks.bound
	return (after == nil || r.groupOf(e.Last) >= after.group) &&
		(bound == nil || r.groupOf(e.First) <= bound.group)
}

func (r *commitReader) groupOf(date int64) int64 {
	if r.group == nil {
		return 0
	}
	return r.group(instant(date * 1000))
}

// take reads one commit into a row, if it is still there.
func (r *commitReader) take(tx *store.Tx, p pick) error {
	repo := &r.repos[p.repo]
	c, ok, err := tx.Commit(repo.UUID, p.hash)
	if err != nil {
		return fmt.Errorf("read commit %s of %s: %w", p.hash, repo.Slug, err)
	}
	if !ok || c.Boundary {
		return nil
	}
	row := newCommitRow(repo, c, r.query.Mailmap)
	r.bytes += row.size()
	r.rows = append(r.rows, row)
	return nil
}

// newCommitRow makes a commit's row. Name and e-mail are the commit's own, or what the mailmap
// makes of them; that one account goes by several names is a matter of reports.
func newCommitRow(repo *store.Repository, c store.Commit, m *people.Mailmap) commitRow {
	name, email := people.ParseAuthor(c.Author.Raw)
	name, email, _ = m.Map(name, email)
	hash := c.Hash.String()
	parents := make([]string, len(c.Parents))
	for i, p := range c.Parents {
		parents[i] = p.String()
	}
	return commitRow{repo.Workspace, repo.Slug, commitFields{
		RepositoryUUID: string(repo.UUID),
		Hash:           hash,
		Date:           instant(c.Date * 1000),
		AuthorName:     name,
		AuthorEmail:    email,
		AuthorUUID:     command.NullString(c.Author.UUID),
		AuthorRaw:      c.Author.Raw,
		IsMerge:        c.IsMerge(),
		Parents:        strings.Join(parents, " "),
		Subject:        subject(c.Message),
		Message:        c.Message,
		SourceURL: "https://bitbucket.org/" + repo.Workspace + "/" + repo.Slug +
			"/commits/" + hash,
	}}
}

// subject is the first line of a message that is not blank.
func subject(message string) string {
	for line := range strings.Lines(message) {
		if line = strings.TrimSpace(line); line != "" {
			return line
		}
	}
	return ""
}
