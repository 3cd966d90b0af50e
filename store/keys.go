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

// numberKey is the key of an author or a block. Big-endian keys are in the order of their numbers.
func numberKey(number uint32) []byte { return binary.BigEndian.AppendUint32(nil, number) }

// parseNumber reads the key of an author or a block.
func parseNumber(key []byte) (number uint32, ok bool) {
	if len(key) != 4 {
		return 0, false
	}
	return binary.BigEndian.Uint32(key), true
}

// authorNumberKey is the digest under which the number of an author's value is found. The value itself may be
// longer than a key of bbolt can be. 20 bytes, as git's own hashes have, rule out that two authors share one.
func authorNumberKey(value []byte) []byte {
	sum := sha256.Sum256(value)
	return sum[:20]
}

// nested returns commits/<uuid> or columns/<uuid>; nil where nothing was stored.
func nested(tx *bbolt.Tx, name []byte, uuid UUID) *bbolt.Bucket {
	return tx.Bucket(name).Bucket([]byte(uuid))
}

// buckets returns both buckets of a repository, nil where nothing is stored. They exist together or not at
// all: with ErrDamaged, it returns the one that is there.
func (tx *Tx) buckets(uuid UUID) (commits, columns *bbolt.Bucket, err error) {
	commits, columns = nested(tx.bolt, commitsName, uuid), nested(tx.bolt, columnsName, uuid)
	if (commits == nil) != (columns == nil) {
		err = tx.damaged("commits or columns of %s are missing", uuid)
	}
	return commits, columns, err
}

// createNested returns both buckets of a repository, new ones where nothing is stored.
func createNested(tx *bbolt.Tx, uuid UUID) (commits, columns *bbolt.Bucket, err error) {
	if commits, err = tx.Bucket(commitsName).CreateBucketIfNotExists([]byte(uuid)); err != nil {
		return nil, nil, err
	}
	columns, err = tx.Bucket(columnsName).CreateBucketIfNotExists([]byte(uuid))
	return commits, columns, err
}
