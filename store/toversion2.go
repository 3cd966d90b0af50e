package store

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"
)

// Version 1 kept each record under its hash, with a checksum of its own; version 2 keeps them in packs,
// and their places beside them. This is how it was, and how it became: nothing here may change.

// toVersion2 packs the records of every repository, the newest first, as a sync stores them.
func toVersion2(tx *bbolt.Tx) error {
	places, err := tx.CreateBucketIfNotExists([]byte("places"))
	if err != nil {
		return err
	}
	commits := tx.Bucket([]byte("commits"))
	var uuids [][]byte
	err = commits.ForEachBucket(func(uuid []byte) error {
		uuids = append(uuids, slices.Clone(uuid))
		return nil
	})
	if err != nil {
		return err
	}
	for _, uuid := range uuids {
		if err := repositoryToVersion2(commits, places, uuid); err != nil {
			return fmt.Errorf("commits of %s: %w", uuid, err)
		}
	}
	return nil
}

func repositoryToVersion2(commits, places *bbolt.Bucket, uuid []byte) error {
	type dated struct {
		date         int64
		hash, record []byte
	}
	var records []dated
	err := commits.Bucket(uuid).ForEach(func(hash, value []byte) error {
		record, err := unseal(hash, value)
		if err != nil || len(hash) != 20 {
			return fmt.Errorf("commit %x: %w", hash, cmp.Or(err, errForm))
		}
		c := cursor{rest: record}
		c.uvarint() // parents and boundary
		records = append(records, dated{c.varint(), slices.Clone(hash), slices.Clone(record)})
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortStableFunc(records, func(a, b dated) int { return cmp.Compare(b.date, a.date) })
	if err := commits.DeleteBucket(uuid); err != nil {
		return err
	}
	packs, err := commits.CreateBucket(uuid)
	if err != nil {
		return err
	}
	var pack []byte
	var entries [][]byte
	number := uint32(0)
	for i, r := range records {
		entry := binary.BigEndian.AppendUint32(slices.Clone(r.hash), number)
		entries = append(entries, binary.BigEndian.AppendUint16(entry, uint16(len(pack))))
		pack = binary.AppendUvarint(pack, uint64(len(r.record))<<1)
		pack = append(append(pack, r.hash...), r.record...)
		if len(pack) >= 32<<10 || i == len(records)-1 {
			key := binary.BigEndian.AppendUint32(nil, number)
			if err := packs.Put(key, seal(key, pack)); err != nil {
				return err
			}
			number, pack = number+1, nil
		}
	}
	if err := packs.SetSequence(uint64(len(records))); err != nil {
		return err
	}
	return placesToVersion2(places, uuid, entries)
}

func placesToVersion2(places *bbolt.Bucket, uuid []byte, entries [][]byte) error {
	b, err := places.CreateBucket(uuid)
	if err != nil {
		return err
	}
	slices.SortFunc(entries, slices.Compare)
	for i := 0; i < len(entries); i += 512 {
		part := entries[i:min(i+512, len(entries))]
		key := append([]byte{1}, part[len(part)-1][:20]...)
		if i+512 >= len(entries) {
			key = append([]byte{1}, slices.Repeat([]byte{0xff}, 20)...)
		}
		if err := b.Put(key, seal(key, slices.Concat(part...))); err != nil {
			return err
		}
	}
	return nil
}
