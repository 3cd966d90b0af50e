package store

import (
	"encoding/binary"
	"fmt"
)

// A walk's value is
//
//	byte     walkForm
//	byte     1 where base was met
//	20 bytes target
//	20 bytes base
//	uvarint  number of wanted hashes
//	20 bytes for each
//	CRC-32C

const walkForm = 1

func encodeWalk(uuid UUID, w Walk) []byte {
	size := 2 + (2+len(w.Wanted))*hashLength + binary.MaxVarintLen64 + sumLength
	value := append(make([]byte, 0, size), walkForm, 0)
	if w.Met {
		value[1] = 1
	}
	value = append(value, w.Target[:]...)
	value = append(value, w.Base[:]...)
	value = binary.AppendUvarint(value, uint64(len(w.Wanted)))
	for i := range w.Wanted {
		value = append(value, w.Wanted[i][:]...)
	}
	return seal(walkKey(uuid), value)
}

func decodeWalk(key, value []byte) (w Walk, err error) {
	body, err := unseal(key, value)
	if err != nil {
		return w, err
	}
	if len(body) < 2 || body[0] != walkForm || body[1] > 1 {
		return w, errForm
	}
	c := cursor{rest: body[2:]}
	w.Met = body[1] == 1
	w.Target, w.Base = c.hash(), c.hash()
	count := c.uvarint()
	if c.bad || len(c.rest)%hashLength != 0 || count != uint64(len(c.rest)/hashLength) {
		return Walk{}, errShort
	}
	for range count {
		w.Wanted = append(w.Wanted, c.hash())
	}
	return w, nil
}

// Walk returns the unfinished walk of a repository, if there is one.
func (tx *Tx) Walk(uuid UUID) (w Walk, ok bool, err error) {
	key := walkKey(uuid)
	value := tx.bolt.Bucket(walksName).Get(key)
	if value == nil {
		return w, false, nil
	}
	if w, err = decodeWalk(key, value); err != nil {
		return w, false, tx.damaged("walk of %s: %v", uuid, err)
	}
	return w, true, nil
}

// Walks returns every unfinished walk.
func (tx *Tx) Walks() (map[UUID]Walk, error) {
	walks := map[UUID]Walk{}
	err := tx.bolt.Bucket(walksName).ForEach(func(key, value []byte) error {
		w, err := decodeWalk(key, value)
		if err != nil {
			return tx.damaged("walk of %s: %v", key, err)
		}
		walks[UUID(key)] = w
		return nil
	})
	return walks, err
}

// PutWalk stores the unfinished walk of a repository in place of the one before.
func (tx *Tx) PutWalk(uuid UUID, w Walk) error {
	if err := tx.bolt.Bucket(walksName).Put(walkKey(uuid), encodeWalk(uuid, w)); err != nil {
		return fmt.Errorf("store walk of %s: %w", uuid, err)
	}
	return nil
}

// DeleteWalk ends the walk of a repository; there need not be one.
func (tx *Tx) DeleteWalk(uuid UUID) error {
	if err := tx.bolt.Bucket(walksName).Delete(walkKey(uuid)); err != nil {
		return fmt.Errorf("delete walk of %s: %w", uuid, err)
	}
	return nil
}
