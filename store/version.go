package store

import (
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"
)

// version is the number of the layout in doc.go.
//
//	1: the first
//	2: records in packs, and their places
const version uint32 = 2

const application = "trunkstat"

// A step changes the layout by one version.
type step func(*bbolt.Tx) error

// steps[i] makes a layout of number i+1 one of number i+2. A step works on buckets and bytes
// as they were in its time and calls nothing that may change later.
var steps = []step{toVersion2}

// newest is the version that steps lead to: of the package's own, version.
func newest(steps []step) uint32 { return uint32(len(steps)) + 1 }

func putVersion(tx *bbolt.Tx, v uint32) error {
	meta := tx.Bucket(metaName)
	if err := meta.Put(applicationKey, []byte(application)); err != nil {
		return err
	}
	return meta.Put(versionKey, binary.BigEndian.AppendUint32(nil, v))
}

// readVersion refuses what is not ours and what is newer than we are.
func readVersion(tx *bbolt.Tx, path string, newest uint32) (uint32, error) {
	meta := tx.Bucket(metaName)
	if meta == nil || string(meta.Get(applicationKey)) != application {
		return 0, fmt.Errorf("%s: %w; give another path", path, ErrForeign)
	}
	v, ok := parseNumber(meta.Get(versionKey))
	if !ok || v == 0 {
		return 0, damaged(path, "its version is unreadable")
	}
	if v > newest {
		return 0, fmt.Errorf("%s: %w of trunkstat: layout %d, known up to %d",
			path, ErrNewer, v, newest)
	}
	return v, nil
}

// migrate brings a layout from version v to the newest. It runs within one transaction: the
// file is as it was, or wholly migrated.
func migrate(tx *bbolt.Tx, v uint32, steps []step) error {
	if v == newest(steps) {
		return nil
	}
	for ; v < newest(steps); v++ {
		if err := steps[v-1](tx); err != nil {
			return fmt.Errorf("migrate the database from layout %d to %d: %w", v, v+1, err)
		}
	}
	return putVersion(tx, newest(steps))
}
