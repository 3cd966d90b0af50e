// Package githistory reads commits out of git repositories, with the git that is installed.
//
// Terms:
//
//   - A git directory is a repository on the disk: a clone of the user's, or a fetched one.
//   - A fetched repository is bare, lies in a temporary folder, and holds the commits of one branch.
//   - Treeless means without trees and blobs, which hold the names and contents of files.
//
// A [Commit] is the record that Bitbucket's API gives for the same hash, but for the account of the
// author. It is read from the commit object itself, which git rev-list names and git cat-file prints,
// because git log changes messages and looks for a mailmap. Each object is compared with its hash, so
// that no damaged clone, replaced object or graft can alter a history. A shallow clone gives the
// commits that it has, with their true parents.
//
// [Git.Clones] finds clones (clones.go), and [Git.Fetch] makes a git directory (remote.go, fetch.go);
// [Git.Commits] reads either (commits.go, commit.go). All of them run git as git.go says.
//
// Nothing in a git directory is changed, no program that its configuration names is run, and commands
// that read reach no network. A fetch reads no source code: it asks for a treeless pack, after the server
// said that it makes such packs ([OffersFilter]); one that does not would send all files. The credential
// is passed to git in its environment, and appears in no argument, URL, file or error.
package githistory
