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
	columnsName       = []byte("columns")

	topNames = [][]byte{metaName, workspacesName, repositoriesName, walksName, budgetsName,
		authorsName, authorNumbersName, commitsName, columnsName}
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

func commitKey(h Hash) []byte { return h[:] }

func authorKey(number uint32) []byte { return binary.BigEndian.AppendUint32(nil, number) }

func blockKey(number uint32) []byte { return binary.BigEndian.AppendUint32(nil, number) }

// parseNumber reads the key of an author or of a block.
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

// The two nested paths: commits/<uuid> and columns/<uuid>. Nil where nothing was stored.

func commitsBucket(tx *bbolt.Tx, uuid UUID) *bbolt.Bucket {
	return tx.Bucket(commitsName).Bucket(repositoryKey(uuid))
}

func columnsBucket(tx *bbolt.Tx, uuid UUID) *bbolt.Bucket {
	return tx.Bucket(columnsName).Bucket(repositoryKey(uuid))
}

func createCommitsBucket(tx *bbolt.Tx, uuid UUID) (*bbolt.Bucket, error) {
	return tx.Bucket(commitsName).CreateBucketIfNotExists(repositoryKey(uuid))
}

func createColumnsBucket(tx *bbolt.Tx, uuid UUID) (*bbolt.Bucket, error) {
	return tx.Bucket(columnsName).CreateBucketIfNotExists(repositoryKey(uuid))
}

func deleteColumnsBucket(tx *bbolt.Tx, uuid UUID) error {
	return tx.Bucket(columnsName).DeleteBucket(repositoryKey(uuid))
}
