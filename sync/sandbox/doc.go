// Package sandbox is a Bitbucket Cloud for tests and for the demonstration: it serves over real HTTP,
// on a loopback port, the part of the REST API 2.0 that a sync of commits uses, and fetches by git.
//
// Terms:
//
//   - A kind says what a request asks for: a listing of repositories, a page of commits, or a branch.
//   - A range is the commits that its includes reach and its excludes do not.
//   - A fault is a wrong answer that a test switches on. FailNext and Faults put one in the place of
//     answers; methods like [Repository.BrokenCommit] and [Repository.Shallow] change what is served until
//     they are taken back. What is wrong in one page alone, a next link or a row, is for a proxy of a test.
//   - An unexpected request has a method, an address, a parameter or a field name that no sync sends.
//     It is answered with an error and kept in [Server.Unexpected]; a test ends with a look at it.
//
// Everything is deterministic: identifiers follow from the order in which things are made, hashes from
// contents and order. Every method may be called while requests are served, and a request sees the world
// before a change or after it. Methods that are given a branch or a hash that does not exist panic, because
// that is a mistake in the test.
//
// A request is read and checked (receive, in request.go), then answer decides between a refusal, a fault
// and what was asked for (serveListing, serveCommits, serveBranch). Those build all members that a sync may
// ask for, of which the fields of the request pick. send writes the answer, or breaks the connection.
//
// What is imitated, and how surely it is known. Documented or recorded from the live service:
//
//   - the addresses, their parameters, and fields=, which drops next and size unless it names them;
//   - the pages of commits, without size, in topological order, whose next is opaque; the counted
//     pages of a listing; the default and maximum pagelen; 400 "Invalid pagelen" and "Invalid page";
//   - 404 "Commit not found" for a whole request, which names some of the unknown hashes;
//   - listings that are filtered by what the credential reaches instead of refused;
//   - the kinds of credentials, the headers about them, and the bodies of 401, 403 and 404;
//   - the rolling hour, and 429 as 46 bytes of text without a header;
//   - fetches by git, filtered ones too, with the user that each kind of token needs.
//
// Reported by users or taken from the code of other programs: the POST form, mainbranch.target in
// listings (see [Server.ListTargets]), commits that are dropped by a forced push and resolve for a
// while, pages that fail because of one commit.
//
// # What the program assumes of the service
//
// No document promises what follows, so the code tests each assumption while it syncs, and goes another way
// if it does not hold. trunkstat doctor --verbose prints what holds at a workspace, of those with a star.
// The functions and tests are those of the packages sync, bitbucket and githistory.
//
//	assumption, and what happens if it does not hold       tested in                  held by
//
//	* A listing names heads (mainbranch.target).           upToDate, findHead         TestListingWithoutTargets
//	    Else updated_on tells what changed, and each head costs a request; once a week all are asked for.
//	  Listings take pagelen=100.                           listingOf                  TestRepositories
//	    Else the sync ends with Bitbucket's answer.
//	  A listing sorted by created_on has each repository   list                       TestShiftedListing,
//	  once, and size counts them.                                                     TestIncompleteListing
//	    Else it is read once more, then called incomplete: exit code 3, and nothing is marked as gone.
//	  A listing leaves out what a credential may not see.  absent                     TestAccessLost
//	    If most of it is missing, access was lost: exit code 3, and nothing is marked as gone.
//	  An empty repository has no default branch, a null    listingOf, aboutBranch     TestMissingBranch
//	  target, or 404 for the branch.
//	    Else the repository fails, with Bitbucket's answer.
//	* Paths take {uuid} for the slug.                      withPath                   TestUUIDsAreRefused
//	    Else, on 404, the slug is tried, and used for the rest of the run.
//	  Commits take pagelen=100.                            IsPageLength, pageLengths  TestPagelen
//	    Else half of it is tried, down to 1.
//	* Commits come newest first, children before parents.  storePage, noteAsked       TestOddRanges
//	    Else it takes more requests: the state is what is wanted, not the order.
//	  A range leaves out what its excludes reach.          fetchRange                 TestExcludesAreIgnored
//	    Else the range ends when nothing is wanted any more, or after a page without anything new.
//	  A range too long for a URL may be sent with POST.    rangeRequest               TestWide
//	    Else the repository fails, with Bitbucket's answer; ranges of some 30 hashes are still sent with GET.
//	  The next link carries the range, and stays within    nextLinks, IsNextLink      TestNextLinks,
//	  the API.                                                                        TestStaleNext
//	    Else it is not followed, and what is wanted is asked for anew.
//	  404 for a range names hashes that are not known.     leaveOutUnknown            TestForgottenWithoutAWord
//	    Else each hash is asked for by itself.
//	  A page with one broken commit fails as a whole.      leaveOutFailing            TestBrokenCommit
//	    Pages get shorter until that commit is alone; the rest is stored.
//	  The date is the committer's, in RFC 3339.            parseDate, fillDates       TestUndated
//	    Else the date of a neighbour is stored, and a notice says of how many.
//	* X-RateLimit-Limit tells an access token's hour.      grant, hourlyLimit         TestGrantedLimit
//	    Else it is 1,000 requests. After a 429, everything waits: Retry-After, X-RateLimit-Reset, or backoff.
//	* git offers filters, over protocol 2.                 OffersFilter               TestFetchFails
//	    Else, as with any other error of git, the API is asked for everything.
package sandbox
