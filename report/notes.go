package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// noteAll writes the sentences of the footer, the most important first.
func (b *builder) noteAll() {
	b.noteToDate()
	b.notes = append(b.notes, b.scope.Unmatched...)
	b.noteShared()
	b.noteMerges()
	b.noteBots()
	b.noteSeveral()
	b.noteAssistants()
	b.noteFloors()
	b.noteEnds()
	b.noteFuture()
	b.notes = append(b.notes, b.q.FileNotes()...)
	b.noteHints()
}

// FileNotes are sentences about the files of a query.
func (q Query) FileNotes() (notes []string) {
	if q.MailmapFile != "" {
		notes = append(notes, "names and e-mails are mapped by "+q.MailmapFile)
	}
	if q.Teams != nil {
		notes = append(notes, "teams are those of "+q.Teams.path+", on the day of each commit")
	}
	if q.Groups != nil {
		notes = append(notes, "groups are those of "+q.Groups.path)
	}
	return notes
}

// noteSeveral tells why a commit may be in several rows although one repository has it.
func (b *builder) noteSeveral() {
	if b.q.asks(Team) && b.scope.teams.several {
		b.note("some people are in several teams at once; the total counts each commit once")
	}
	several := func(groups []int32) bool { return len(groups) > 1 }
	if b.q.asks(Group) && slices.ContainsFunc(b.scope.groupsOf, several) {
		b.note("some repositories are in several groups; the total counts each commit once")
	}
	if b.q.CoAuthors {
		b.note("co-authors count as authors; the total counts each commit once")
	}
}

// noteAssistants tells what the names of assistants are worth.
func (b *builder) noteAssistants() {
	if b.q.asks(Assistant) {
		b.note("assistants are those that commits name in trailers or footers; " +
			"more commits may be written with one")
	}
}

// noteShared tells why rows may add up to more than the total. Shared commits are a reason only where rows or
// columns are of repositories; other rows count them once, as the total does.
func (b *builder) noteShared() {
	n := b.now.shared
	if n == 0 {
		return
	}
	where := "each is counted once"
	if b.q.Pivot.isOfRepository() || slices.ContainsFunc(b.q.By, Dimension.isOfRepository) {
		where = "the total counts each once"
	}
	b.note("%s in several repositories; %s", NumberOf(n, "commit is", "commits are"), where)
}

// noteMerges tells what --merges leaves out.
func (b *builder) noteMerges() {
	switch b.q.Filter.Merges {
	case Exclude:
		b.noteLeftOut("merge commits are left out")
	case Only:
		b.noteLeftOut("commits other than merges are left out")
	}
}

// noteBots tells how many commits of bots are included, or excluded.
func (b *builder) noteBots() {
	v, what := included, "included"
	switch b.q.Filter.Bots {
	case Exclude:
		v, what = excludedByKind, "left out"
	case Only:
		return
	}
	if commits, bots := b.scope.byBots(b.now.used, v); bots > 0 {
		note := b.note
		if b.q.Filter.Bots == Exclude {
			note = b.noteLeftOut
		}
		note("bots: %s by %s %s", NumberOf(commits, "commit", "commits"), NumberOf(bots, "bot", "bots"), what)
	}
}

// noteFloors tells that histories begin where their first sync was told to begin, if the range begins
// before. Else a reader would take the missing years for years without work.
func (b *builder) noteFloors() {
	var names []string
	var floors []int64
	for i, l := range b.scope.repositoryLabels() {
		if floor := b.scope.Repositories[i].Floor; floor != 0 && b.scope.since < floor {
			names, floors = append(names, l.text), append(floors, floor)
		}
	}
	if len(names) == 0 {
		return
	}
	lowest := slices.Min(floors)
	date := time.Unix(lowest, 0).In(b.q.Zone).Format(time.DateOnly)
	if slices.Max(floors) != lowest {
		date += " or later"
	}
	b.note("%s at %s (sync --since): %s",
		NumberOf(len(names), "repository begins", "repositories begin"), date, Listed(names))
	if slices.Contains(b.q.Columns, NewAuthors) {
		b.note("new_authors may count people whose earlier commits were not synced")
	}
}

// noteEnds tells of histories that lead to commits which Bitbucket does not have.
func (b *builder) noteEnds() {
	var names []string
	commits := 0
	for i, l := range b.scope.repositoryLabels() {
		if ends := b.scope.Repositories[i].Ends(); len(ends) > 0 {
			names, commits = append(names, l.text), commits+len(ends)
		}
	}
	if len(names) > 0 {
		b.note("the history of %s ends at %s that Bitbucket does not have", Listed(names),
			NumberOf(commits, "commit", "commits"))
	}
}

// noteFuture tells of dates that cannot be right. A day is allowed for clocks that are off.
func (b *builder) noteFuture() {
	all := b.now.total.cells[0]
	if last := time.Unix(all.last, 0); all.commits > 0 && last.After(b.q.Now.Add(24*time.Hour)) {
		b.note("the latest commit is dated %s, which is in the future",
			last.In(b.q.Zone).Format(time.DateOnly))
	}
}

// mostNames is how many names stand in a sentence.
const mostNames = 10

// Listed writes names with commas between them: the first ten, and how many more there are.
func Listed(names []string) string {
	text := strings.Join(names[:min(len(names), mostNames)], ", ")
	if more := len(names) - mostNames; more > 0 {
		text += " and " + Grouped(more) + " more"
	}
	return text
}

func (b *builder) note(format string, args ...any) {
	b.notes = append(b.notes, fmt.Sprintf(format, args...))
}

// noteLeftOut adds a note that tells what the report leaves out.
func (b *builder) noteLeftOut(format string, args ...any) {
	b.note(format, args...)
	b.leftOut = append(b.leftOut, b.notes[len(b.notes)-1])
}

// Grouped writes a number with thousands separators: 1,234,567.
func Grouped(n int) string {
	digits := strconv.Itoa(n)
	first := 0 // the first digit, after a sign
	if n < 0 {
		first = 1
	}
	for at := len(digits) - 3; at > first; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// NumberOf writes how many there are of something: 1 commit, 1,234 commits.
func NumberOf(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Grouped(n) + " " + many
}
