package report

import (
	"fmt"
	"slices"
	"time"
)

// noteAll writes the sentences of the footer, the most important first.
func (b *builder) noteAll() {
	b.notes = append(b.notes, b.scope.Unmatched...)
	if len(b.scope.Unmatched) == 0 && b.scope.known > 0 && len(b.scope.Repositories) == 0 {
		b.note("no repository matches all filters; %s known",
			numberOf(b.scope.known, "repository is", "repositories are"))
	}
	b.noteShared()
	b.noteBots()
	b.noteFloors()
	b.noteFuture()
	b.noteHints()
}

// noteShared tells why rows may add up to more than the total.
func (b *builder) noteShared() {
	n := b.now.shared
	if n == 0 {
		return
	}
	where := "each is counted once"
	if b.q.Pivot.isPlace() || slices.ContainsFunc(b.q.By, Dimension.isPlace) {
		where = "the total counts each once"
	}
	b.note("%s in several repositories; %s", numberOf(n, "commit is", "commits are"), where)
}

// noteBots tells how many commits of bots are included, or excluded.
func (b *builder) noteBots() {
	v, what := included, "included"
	switch b.q.Filter.Bots {
	case Exclude:
		v, what = excludedBot, "left out"
	case Only:
		return
	}
	if commits, bots := b.now.byBots(b.scope, v); bots > 0 {
		b.note("bots: %s by %s %s", numberOf(commits, "commit", "commits"),
			numberOf(bots, "bot", "bots"), what)
	}
}

// noteFloors tells that histories begin where their first sync was told to begin, if the range begins
// before.
func (b *builder) noteFloors() {
	var n int
	var lowest int64
	several := false
	for _, repo := range b.scope.Repositories {
		if repo.Floor == 0 || b.now.since >= repo.Floor {
			continue
		}
		if n > 0 && repo.Floor != lowest {
			several = true
		}
		if n++; n == 1 || repo.Floor < lowest {
			lowest = repo.Floor
		}
	}
	if n == 0 {
		return
	}
	date := time.Unix(lowest, 0).In(b.q.Zone).Format(time.DateOnly)
	if several {
		date += " or later"
	}
	b.note("%s at %s (sync --since)",
		numberOf(n, "repository begins", "repositories begin"), date)
}

// noteFuture tells of dates that cannot be right. A day is allowed for clocks that are off.
func (b *builder) noteFuture() {
	all := b.now.total.cells[0]
	if last := time.Unix(all.last, 0); all.commits > 0 && last.After(b.q.Now.Add(24*time.Hour)) {
		b.note("the latest commit is dated %s, which is in the future",
			last.In(b.q.Zone).Format(time.DateOnly))
	}
}

func (b *builder) note(format string, args ...any) {
	b.notes = append(b.notes, fmt.Sprintf(format, args...))
}
