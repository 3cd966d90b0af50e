// Package bitbucket asks Bitbucket Cloud's REST API 2.0 for the repositories of a workspace and
// the commits of a branch. It uses these resources and no others:
//
//	GET       /repositories/{workspace}                            Repositories, Verify
//	GET, POST /repositories/{workspace}/{repository}/commits       Commits
//	GET       /repositories/{workspace}/{repository}/refs/branches/{name}  Head
//
// # Terms
//
//   - A page is one answer with up to a hundred values and, but for the last, a next link.
//   - A listing is the pages of a workspace's repositories.
//   - A range is the commits that some hashes reach and others do not; it comes in pages.
//   - A walk follows the next links of a listing or a range.
//   - An exchange is one request and its answer, if one came; retries are exchanges of their own.
//   - The budget is the number of requests that may be sent within a rolling hour. Requests pass
//     it one by one, and after a 429 it holds all of them back.
//   - A permit is the budget's leave to send one request.
//   - An envelope is the JSON in which Bitbucket sends an error.
//
// # The way of a request
//
// Repositories, Commits, Head and Verify make a request, which carries the function that decodes
// its answer (client.go, repository.go, commit.go). Walks follow the next links (page.go). do sends
// a request until it is answered, refused, or has failed too often; each attempt passes the budget,
// goes over the transport, and comes back as an answer (exchange.go, permit.go, transport.go). The
// answer becomes a page or an Error, whose texts are scrubbed first (answer.go, envelope.go,
// scrub.go).
//
// # Guarantees
//
// A walk ends without an error only where Bitbucket sent a page without a next link. A page that
// is cut, is not JSON, has no values, has more than a thousand, or holds a commit without a hash,
// is an error on whatever page it comes. A row of a listing that is unusable is left out, a commit
// without a date gets one of a neighbour, and both are counted.
//
// The credential is sent to the configured base URL only. A next link or a redirect that leads
// elsewhere is an error, and nothing is sent there. Plain http is for this machine: it uses no
// proxy, and connects to no other address. No error and no Exchange holds twelve characters of
// the token or more, in any of the usual encodings, not even when the server sends it back.
//
// What another server, a proxy or a sign-on page says is never taken for Bitbucket's word:
// IsUnauthorized, IsForbidden, IsNotFound and IsGone are about answers of Bitbucket Cloud alone.
//
// Faults that may pass are waited out: broken connections, cut or foreign bodies, 408 and 5xx are
// tried again a few times, with pauses in between, and fewer times while everything fails. All
// walkers share a Budget, and 429 makes them wait together. Every wait ends with its context.
//
// A body takes 64 MiB at most, decompressed.
//
// The proxies of the environment are used as net/http does, and named in errors by host and port
// alone. Probe finds out, without a credential, whether anything answers.
//
// # Caveats
//
// A 429 is waited for as long as it lasts; only the context, or BudgetConfig.NoWait, ends that.
// Bitbucket filters what a credential may not see instead of refusing it, so an empty listing
// is no proof of an empty workspace. A 404 on a next page is both IsNextLink and IsNotFound: ask
// for IsNextLink first, and for the range anew.
package bitbucket
