// Package store keeps what was synced in one bbolt file, and is the only package that reads or writes it.
//
// Terms:
//
//   - A record is one commit of one repository, under its hash.
//   - A boundary is a record older than the floor of its repository (sync --since). It is kept so
//     that the graph is closed, its parents are not wanted, and reports do not count it.
//   - A root is a record without parents, or with a parent that is not stored. Repositories that
//     share a root may hold the same commits: they are a family.
//   - Columns are the dates, author numbers and merge flags of all records that are not boundaries,
//     in blocks of 2,048 commits. They are derived from the records, so that counting reads
//     13 bytes a commit instead of its message.
//
// Guarantees:
//
//   - A transaction is stored whole or not at all, also when the process is killed. When Update has
//     returned nil, it is on the disk.
//   - The file is open for the length of one transaction only. A caller that waits for another
//     process is told after a second, can be cancelled, and gets ErrInUse in the end.
//   - Reading never creates a file. A file that is not a trunkstat database is never written to or replaced,
//     and one that is found to be damaged by Repair alone.
//   - Bytes that differ from what was written are ErrDamaged: records and blocks carry a checksum,
//     and a memory fault or a panic of bbolt on a damaged page is caught. Check decodes everything
//     and compares what is derived with its source.
//
// Files must be on a local disk: locks and mappings are not reliable on a network file system.
//
// Where to look:
//
//   - db.go, open.go, guard.go: a transaction, from waiting for the file to closing it; errors.go;
//   - path.go, create.go, file.go: where the file is, how it is made, and how files are put in place;
//   - keys.go, record.go, columns.go: the bytes of the layout below;
//   - repository.go, document.go, author.go, commit.go, commits.go: what is stored, and its queries;
//   - graph.go, merge.go: walks over the commits of one repository, and of several at once;
//   - check.go, repair.go, backup.go: what db check, compact, backup and info do;
//   - pattern.go, clean.go: texts that users and others wrote, which every command treats in one way.
//
// # Layout, version 3
//
// Numbers in keys are big-endian. Everything is JSON but records, blocks and the values of
// author_numbers.
//
//	meta
//	├── "application"        "trunkstat"
//	└── "version"            uint32
//	workspaces
//	└── <slug>               JSON of Workspace
//	repositories
//	└── <uuid>               JSON of Repository
//	walks
//	└── <uuid>               JSON of Walk: only while it is unfinished
//	budgets
//	└── <name>               JSON of Budget
//	authors
//	└── <uint32>             JSON of Author: numbered from 0, without gaps
//	author_numbers
//	└── <digest>             uint32: by the first 20 bytes of the SHA-256 of an author's JSON
//	commits
//	└── <uuid>
//	    └── <hash>           record, by the 20 bytes of the commit's hash
//	columns
//	└── <uuid>               its sequence is the number of commits in all blocks
//	    └── <uint32>         block: numbered from 0, without gaps; all but the last are full
//
// A record:
//
//	varint    date, seconds since 1970 (the sign in the lowest bit, as encoding/binary has it)
//	uvarint   number of the author
//	byte      flags: 1 boundary
//	uvarint   number of parents
//	20 bytes  each parent
//	          the message, up to the checksum
//	4 bytes   CRC-32C of key and value, little-endian
//
// A block of n commits, in no particular order:
//
//	8 bytes   each date, little-endian, n times
//	4 bytes   each author number, little-endian, n times
//	1 byte    each commit's flags, n times: 1 merge
//	4 bytes   CRC-32C of key and value, little-endian
package store
