// Package sync brings a store up to date with the default branches of a Bitbucket workspace.
//
// Commits form a graph, so the state is git's own: wants and haves. Of each repository the store
// keeps the commits with their parents; head, of which holds
//
//	(H) everything that head reaches is stored, as far as no boundary hides it;
//
// and, while a walk is unfinished, the walk: its target, its base (head when it began) and wanted,
// of which holds
//
//	(W) whatever the target reaches and base does not is stored, or is wanted, or is
//	    reached by something wanted.
//
// A walk begins with wanted = {target}: (W) is trivial. A page of commits is stored in one
// transaction with the walk: a commit that was wanted and is now stored leaves wanted, and its
// parents come in as far as they are not stored; (W) still holds. Stopped before that transaction,
// nothing has happened; stopped after it, the next run asks for wanted, and for nothing that is
// stored. The walk ends when nothing is wanted: then (W) says that all of target's history outside
// of base's is stored, (H) says that base's is, so head = target keeps (H). Where a walk was
// abandoned before (the repository is dirty), a stored parent may hide a hole, so (W) is not
// trusted: the finish marks from the target through the stored parents first, and what it
// misses becomes wanted. A walk is abandoned when Bitbucket no longer knows its target, or something
// wanted while another head is listed.
//
// A range may also answer less than was asked: its last page comes too early, or a row is missing
// from one. What is wanted then stays wanted, and is asked for in further ranges, without base
// excluded, until one brings nothing that was wanted: then Bitbucket does not have it, the run says
// "partial", and the next one asks again. So each range but the first stores something or is the
// last, and a walk ends. Ranges of that kind stop at the page after which nothing is wanted: they may
// go on through all that is stored.
//
// Floors: a commit older than the floor of its repository is a boundary. What is only reached through
// boundaries is not asked for, and (H) and (W) speak of the rest. Of a range that excludes base
// nothing is left out, old or not: it is new on the branch, and a commit with a wild date must not cut
// the branch off from its base. Only what is still wanted when that range is over, and lies behind
// boundaries alone, is let go. A floor that is lowered leaves its boundaries as they are and makes the
// repository dirty; marking then looks behind those that are no longer older than the floor, and the
// finish, when nothing is missing any more, makes ordinary commits of them. So (H) holds meanwhile.
//
// The walk does not end at a date (a branch merged late has old dates), nor at the first known hash
// (an interrupted first run would leave a hole for ever), nor because Bitbucket sends no further
// page.
//
// Rewritten history: if some commit of the walk has base as a parent, base is an ancestor of the
// target, and nothing that was stored has been lost from the branch. If base reaches the target
// or neither reaches the other, there is no such commit: the commit before base on any path
// from the target is not reachable from base (or there would be a cycle), so it lies in the range
// that was asked for, and would have been seen. Then, and only then, the finish marks what the target
// reaches and drops the rest, in the transaction that moves head: a crash before it repeats it.
//
// The engine is a bounded number of walkers, which talk to Bitbucket, and one writer, which opens
// the database for a batch of pages and closes it, so that reports are answered meanwhile. Where pages
// come fast a walker may be 64 of them ahead of the writer, otherwise one or two: those are fetched
// again after a crash. A run that is interrupted stores what it has fetched. The engine emits events
// and prints nothing.
package sync
