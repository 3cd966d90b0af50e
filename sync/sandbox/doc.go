// Package sandbox is a Bitbucket Cloud in a box: the part of its REST API 2.0 that a reader of
// commits meets, over real HTTP on a loopback port, for tests and for a demonstration without an
// account.
//
// What it guarantees:
//
//   - A [Server] answers with the status codes, headers, bodies and paging of Bitbucket Cloud,
//     oddities included, and refuses what Bitbucket is not known to have: an unknown address or
//     parameter is answered with an error and kept in [Server.Unexpected], so that a test can
//     fail on a request nobody expects.
//   - Everything is deterministic: identifiers follow from names, hashes from contents and order.
//   - Every method may be called while requests are being served. A request sees the world before
//     a change or after it, never in between.
//
// The methods that change a repository are for tests: told of a branch or a hash that does not
// exist they panic, as that is a mistake in the test.
//
// No files are modelled: the parameter path of a list of commits is accepted and limits nothing.
package sandbox
