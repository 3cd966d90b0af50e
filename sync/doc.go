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
// misses becomes wanted.
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
// the database for a batch of pages and closes it, so that reports are answered meanwhile. It emits
// events and prints nothing.
package sync
