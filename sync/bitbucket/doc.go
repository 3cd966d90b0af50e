// Package bitbucket asks Bitbucket Cloud's REST API 2.0 for the repositories of a workspace and
// the commits of a branch. It knows these resources and no others:
//
//	GET       /repositories/{workspace}                            Repositories, Verify
//	GET, POST /repositories/{workspace}/{repository}/commits       Commits
//	GET       /repositories/{workspace}/{repository}/refs/branches/{name}  Head
//
// # What is guaranteed
//
// The end of a walk is the end: a walk over pages ends without an error only where Bitbucket
// sent a page without a next link. A page that is cut, is not JSON, has no values, or holds a
// hash that is none, is an error on whatever page it comes.
//
// The credential stays at home: it is sent to the configured base URL only. A next link or a
// redirect that leads elsewhere is an error, and nothing is sent there. No error and no Exchange
// holds the token, not even when the server sends it back.
//
// Passing trouble is waited out: broken connections, cut or foreign bodies, 408 and 5xx are
// tried again a few times, with pauses in between. All walkers share a Budget, and 429 makes
// them wait together. Every wait ends with its context.
//
// The proxies of the environment are used as net/http does, and named in errors by host and port
// alone. Probe finds out, without a credential, whether anything answers.
//
// # Caveats
//
// A 429 is waited for as long as it lasts; only the context, or BudgetConfig.NoWait, ends that.
// Bitbucket filters what a credential may not see instead of refusing it, so an empty listing
// is no proof of an empty workspace.
package bitbucket
