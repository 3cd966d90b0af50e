package store

import (
	"encoding/binary"
	"fmt"
)

// An author's value is
//
//	byte     flags: 1 the account is an app
//	uvarint  length of the account's UUID
//	the UUID
//	the raw text, to the end
//	CRC-32C (of the value alone: it is looked up by its digest before its number is known)
//
// Numbers are given out from 0 without gaps and never change.

func encodeAuthor(a Author) []byte {
	value := make([]byte, 1, 1+binary.MaxVarintLen64+len(a.UUID)+len(a.Raw)+sumLength)
	if a.App {
		value[0] = 1
	}
	value = binary.AppendUvarint(value, uint64(len(a.UUID)))
	value = append(value, a.UUID...)
	value = append(value, a.Raw...)
	return seal(nil, value)
}

func decodeAuthor(value []byte) (Author, error) {
	body, err := unseal(nil, value)
	if err != nil {
		return Author{}, err
	}
	if len(body) == 0 {
		return Author{}, errShort
	}
	if body[0] > 1 {
		return Author{}, errForm
	}
	c := cursor{rest: body[1:]}
	uuid := c.bytes(c.uvarint())
	if c.bad {
		return Author{}, errShort
	}
	return Author{Raw: string(c.rest), UUID: string(uuid), App: body[0] == 1}, nil
}

// Authors returns all authors: the one with number n is at index n. Some may belong to no
// stored commit any more.
func (tx *Tx) Authors() ([]Author, error) {
	defer watchFaults()()
	var authors []Author
	cursor := tx.bolt.Bucket(authorsName).Cursor()
	for key, value := cursor.First(); key != nil; key, value = cursor.Next() {
		if n, ok := parseNumber(key); !ok || int(n) != len(authors) {
			return nil, tx.damaged("author %x stands where %d should", key, len(authors))
		}
		a, err := decodeAuthor(value)
		if err != nil {
			return nil, tx.damaged("author %d: %v", len(authors), err)
		}
		authors = append(authors, a)
	}
	return authors, nil
}

// author returns one author, which many commits ask for in turn.
func (tx *Tx) author(number uint32) (Author, error) {
	if a, ok := tx.authors[number]; ok {
		return a, nil
	}
	value := tx.bolt.Bucket(authorsName).Get(authorKey(number))
	if value == nil {
		return Author{}, tx.damaged("author %d is missing", number)
	}
	a, err := decodeAuthor(value)
	if err != nil {
		return Author{}, tx.damaged("author %d: %v", number, err)
	}
	tx.authors[number] = a
	return a, nil
}

// numberOf returns the number of an author, who is stored if need be.
func (tx *Tx) numberOf(a Author) (uint32, error) {
	if n, ok := tx.numbers[a]; ok {
		return n, nil
	}
	value := encodeAuthor(a)
	numbers := tx.bolt.Bucket(authorNumbersName)
	key := authorNumberKey(value)
	if found := numbers.Get(key); found != nil {
		n, ok := parseNumber(found)
		if !ok {
			return 0, tx.damaged("number of author %q is unreadable", a.Raw)
		}
		tx.numbers[a] = n
		return n, nil
	}
	n, err := tx.nextNumber()
	if err != nil {
		return 0, err
	}
	if err := tx.bolt.Bucket(authorsName).Put(authorKey(n), value); err != nil {
		return 0, fmt.Errorf("store author %q: %w", a.Raw, err)
	}
	if err := numbers.Put(key, authorKey(n)); err != nil {
		return 0, fmt.Errorf("store author %q: %w", a.Raw, err)
	}
	tx.numbers[a] = n
	tx.next = n + 1
	return n, nil
}

func (tx *Tx) nextNumber() (uint32, error) {
	if tx.next > 0 {
		return tx.next, nil
	}
	key, _ := tx.bolt.Bucket(authorsName).Cursor().Last()
	if key == nil {
		return 0, nil
	}
	n, ok := parseNumber(key)
	if !ok {
		return 0, tx.damaged("number %x of the last author is unreadable", key)
	}
	return n + 1, nil
}
