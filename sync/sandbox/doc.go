// Package sandbox is a Bitbucket Cloud for tests and for the demonstration: it serves over real HTTP,
// on a loopback port, the part of the REST API 2.0 that a sync of commits uses.
//
// Terms:
//
//   - A kind says what a request asks for: a listing of repositories, a page of commits, or a branch.
//   - A range is the commits that its includes reach and its excludes do not.
//   - A fault is a wrong answer that a test switches on. FailNext and Faults put one in the place of
//     answers; methods like [Server.Outage], [Repository.BrokenCommit] and [Repository.Shallow]
//     change what is served until they are taken back.
//   - An unexpected request has a method, an address, a parameter or a field name that no sync sends.
//     It is answered with an error and kept in [Server.Unexpected]; a test ends with a look at it.
//
// Everything is deterministic: identifiers follow from names, hashes from contents and order. Every
// method may be called while requests are served, and a request sees the world before a change or
// after it. Methods that are given a branch or a hash that does not exist panic, because that is a
// mistake in the test.
//
// What is imitated, and how surely it is known. Documented or recorded from the live service:
//
//   - the addresses, their parameters, and fields=, which drops next and size unless it names them;
//   - the pages of commits, without size, in topological order, whose next is opaque; the counted
//     pages of a listing; the default and maximum pagelen; 400 "Invalid pagelen" and "Invalid page";
//   - 404 "Commit not found" for a whole request, which names some of the unknown hashes;
//   - listings that are filtered by what the credential reaches instead of refused;
//   - the kinds of credentials, the headers about them, and the bodies of 401, 403, 404 and 410;
//   - the rolling hour, and 429 as 46 bytes of text without a header.
//
// Reported by users or taken from the code of other programs: the POST form, mainbranch.target in
// listings (see [Server.ListTargets]), commits that are dropped by a forced push and resolve for a
// while, listings that repeat or miss repositories, branches that are named and do not exist, pages
// that fail because of one commit, next links to other hosts, other forms of 429. Guessed: the words
// of a 403 that names an IP allow list or two-step verification, and refused UUIDs in paths.
package sandbox
