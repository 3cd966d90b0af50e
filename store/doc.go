// Package store keeps what was synced in one bbolt file, and is the only package that knows it.
//
// What it guarantees:
//
//   - A transaction is stored whole or not at all, also when the process is killed. When Update
//     has returned nil it is on the disk.
//   - Nobody holds the file for longer than a transaction. Whoever waits for it is told after a
//     second, can be cancelled, and gets ErrInUse in the end.
//   - Reading never creates a file, and no file that is not ours, or is damaged, is ever
//     written to or replaced.
//   - Bytes that are not what was written are an error (ErrDamaged): a value carries a checksum
//     over its key and itself, a file is held against its size before it is mapped, and a fault
//     while reading it is caught.
//   - What is derived (places, columns, author_numbers) is written in the same transaction as its source,
//     can be made from it anew, and Check compares the two.
//
// # Layout
//
// Numbers in keys are big-endian. A value in braces is binary, in its file's own words:
// pack.go, record.go, chunk.go, block.go, author.go, walk.go, budget.go; each ends in a CRC-32C.
//
//	meta
//	├── "application"        "trunkstat"
//	└── "version"            uint32
//	workspaces
//	└── <slug>               JSON of Workspace
//	repositories
//	└── <uuid>               JSON of Repository
//	walks
//	└── <uuid>               {walk}: only while it is unfinished
//	budgets
//	└── <name>               {budget}: requests spent, by minute
//	authors
//	└── <uint32>             {author}: numbered from 0, without gaps
//	author_numbers
//	└── <digest>             uint32: by the first 20 bytes of the SHA-256 of an author's value
//	commits
//	└── <uuid>               its sequence is the number of records
//	    └── <uint32>         {pack}: records with their hashes, in the order in which they came
//	places
//	└── <uuid>
//	    └── <bound>          {chunk}: the places of hashes, which make a record found by its hash
//	columns
//	└── <uuid>               its sequence is the number of commits in all blocks
//	    └── <uint32>         {block}: 2048 commits each but the last; no boundaries
//
// Files must be on a local disk: locks and mappings are not to be trusted on a network's.
package store
