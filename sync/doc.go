// Package sync brings a store up to date with the default branches of a Bitbucket workspace.
//
// # Terms
//
//   - A walk is the fetching of one repository's history, over one run or several.
//   - target is the head that a walk goes to; base is the repository's head when the walk began.
//   - A commit is wanted if it is to be fetched: the target and the parents of stored commits, as far
//     as they are not stored themselves.
//   - A range is one question to Bitbucket: what include reaches and exclude does not, in pages.
//   - A filling range asks for what is wanted without excluding base.
//   - A boundary is a commit older than the floor (--since): its parents are not wanted.
//   - An end is a commit that Bitbucket, asked in two runs, does not have (see Shallow histories).
//   - A sweep drops the stored commits that the head does not reach.
//
// # Why nothing is lost
//
// The state of a repository is git's own: wants and haves. Of head and of the walk these hold after every
// transaction:
//
//	(H) Everything that head reaches is stored, up to boundaries and ends.
//	(W) Everything that target reaches and base does not is stored, or wanted, or reached by
//	    something wanted, up to boundaries and ends.
//
// Begin: wanted = {target}, so (W) holds. Where the target is stored already (a rewind, a switch to a
// merged branch), nothing is wanted, and the finish finds by marking what is missing.
//
// Pages: a page is stored in one transaction with the walk. A commit that is stored leaves wanted, and its
// parents become wanted unless they are stored: (W) still holds. Stopped before the transaction, nothing
// happened; stopped after it, the next run asks for what is wanted then, and for nothing that is stored.
//
// New head: when an unfinished walk finds another head listed, that becomes the target and is wanted too,
// so (W) holds for it. There is one walk a run, to the newest head: a commit that cannot be had keeps no
// new commits out. What only the former target reached may now be stored in vain, so the walk is swept.
//
// Finish: when nothing is wanted, (W) says that what target reaches beyond base is stored, and (H) that
// what base reaches is. So head = target keeps (H); the walk is deleted in the same transaction. Where that
// is not certain, or commits may be stored in vain (NeedsSweep: the target was replaced, Bitbucket did not
// know some commits, a floor was lowered, ends are asked for again, a sweep was stopped), the finish first
// marks what the target reaches through the stored parents; what is missing becomes wanted, and the walk
// goes on.
//
// Rewritten branches: if a commit of the walk has base as a parent, base is an ancestor of the target, and
// everything stored is still reached. If base is not an ancestor, there is no such commit. Conversely, the
// commit before base on a path from target to base is not reachable from base (there would be a cycle), so
// it is in the range that excludes base and was seen. So where base was not seen, the finish marks, and
// sweeps after it moved head. A sweep takes several transactions; the repository needs a sweep until the
// last of them, so a run that is stopped in between leaves the rest to the next one.
//
// # Why a walk ends
//
// A range ends at its last page, when nothing is wanted, or after a page that brought nothing new; earlier
// where git or another length of pages is tried next. After a range that brought something, what is then
// wanted is asked for anew. What a range did not bring is asked for once more without excluding base, and
// then not again in this run: the repository is partial, and the next run asks for it with one request. So
// each range stores something, or leaves less to ask for, or has shorter pages (see pageLengths).
//
// A walk does not end at a date (a branch that is merged late has old dates), nor at the first known hash
// (an interrupted first run would leave a hole for ever), nor because Bitbucket sends no further page.
//
// # Floors
//
// A commit older than the floor is stored as a boundary. Of a range that excludes base everything is
// stored, old or not: it is new on the branch, and one commit whose date is far off must not hide the rest.
// Until such ranges are over, the parents of boundaries are wanted too, apart from the others
// (Walk.Hidden); then they are dropped. A lowered floor leaves its boundaries as they are and makes the
// repository need a sweep: the marking looks behind those that are not older than the floor any more, and
// they become ordinary commits when nothing is missing behind them. So (H) holds meanwhile.
//
// # Shallow histories
//
// A repository that was pushed from a shallow clone leads to commits that Bitbucket does not have. When it
// names one as unknown in two runs, while it has the target, the commit is an end: the walk finishes
// without it. Ends are asked for again with --audit and once a week, so that a passing answer loses
// nothing.
//
// # Commits out of git
//
// After the first page of a walk, which brings the accounts of authors, commits may come out of a clone on
// the disk or a treeless fetch (package githistory). They are stored as pages are, so nothing above
// depends on where a commit came from; what git does not have stays wanted, and the API is asked for it.
//
// # The way of a run
//
// Run lists the workspace (listing.go), stores what the listing says in one transaction, and makes jobs of
// the repositories that may have changed (reconcile.go, absent.go). A walker works on each job: it finds the
// head and opens the walk, asks for ranges of what is wanted (walk.go, range.go), decides how to go on after
// each (result.go, pagelength.go, git.go), and finishes the walk (finish.go). Each change to the database is
// a step of one transaction (step.go), which the writer applies (writer.go).
//
// # How it runs
//
// A bounded number of walkers talk to Bitbucket, and one writer opens the database for a batch of changes
// and closes it, so that reports are answered meanwhile. A walker may be some pages ahead of the writer:
// those are fetched again after a crash. An interrupted run stores what it has fetched.
//
// An error that concerns one repository is told with it, and the others go on. A credential that is
// refused, an outage, a spent budget, the end of the context and an error of the database end the run: each
// would meet every repository in turn. The engine emits events and prints nothing.
package sync
