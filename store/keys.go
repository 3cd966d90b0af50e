package store

import (
	"crypto/sha256"
	"encoding/binary"

	"go.etcd.io/bbolt"
)

// The top buckets, drawn in doc.go. Only this file makes the names of buckets and keys.
var (
	metaName          = []byte("meta")
	workspacesName    = []byte("workspaces")
	repositoriesName  = []byte("repositories")
	walksName         = []byte("walks")
	budgetsName       = []byte("budgets")
	authorsName       = []byte("authors")
	authorNumbersName = []byte("author_numbers")
	commitsName       = []byte("commits")
	placesName        = []byte("places")
	columnsName       = []byte("columns")

	topNames = [][]byte{metaName, workspacesName, repositoriesName, walksName, budgetsName,
		authorsName, authorNumbersName, commitsName, placesName, columnsName}
)

// The keys of meta.
var (
	applicationKey = []byte("application")
	versionKey     = []byte("version")
)

func workspaceKey(slug string) []byte { return []byte(slug) }

func repositoryKey(uuid UUID) []byte { return []byte(uuid) }

func walkKey(uuid UUID) []byte { return []byte(uuid) }

func budgetKey(name string) []byte { return []byte(name) }

func authorKey(number uint32) []byte { return binary.BigEndian.AppendUint32(nil, number) }

func packKey(number uint32) []byte { return binary.BigEndian.AppendUint32(nil, number) }

func blockKey(number uint32) []byte { return binary.BigEndian.AppendUint32(nil, number) }

func chunkKey(g generation, bound Hash) []byte {
	return append(append(make([]byte, 0, 1+hashLength), byte(g)), bound[:]...)
}

// parseChunkKey returns the generation and the bound of a chunk.
func parseChunkKey(key []byte) (g generation, bound Hash, ok bool) {
	if len(key) != 1+hashLength || key[0] > byte(old) {
		return 0, bound, false
	}
	return generation(key[0]), Hash(key[1:]), true
}

// parseNumber reads the key of an author, of a pack or of a block.
func parseNumber(key []byte) (number uint32, ok bool) {
	if len(key) != 4 {
		return 0, false
	}
	return binary.BigEndian.Uint32(key), true
}

// authorNumberKey is the digest under which the number of an author's value is found.
func authorNumberKey(value []byte) []byte {
	sum := sha256.Sum256(value)
	return sum[:20]
}

// The nested paths: commits/<uuid>, places/<uuid> and columns/<uuid>. Nil where nothing was stored.

func nested(tx *bbolt.Tx, name []byte, uuid UUID) *bbolt.Bucket {
	return tx.Bucket(name).Bucket(repositoryKey(uuid))
}

func createNested(tx *bbolt.Tx, name []byte, uuid UUID) (*bbolt.Bucket, error) {
	return tx.Bucket(name).CreateBucketIfNotExists(repositoryKey(uuid))
}

func deleteNested(tx *bbolt.Tx, name []byte, uuid UUID) error {
	return tx.Bucket(name).DeleteBucket(repositoryKey(uuid))
}
