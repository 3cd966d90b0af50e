package store

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Authors returns all authors: the one with number n is at index n. Some may belong to no stored
// commit any more.
func (tx *Tx) Authors() ([]Author, error) {
	var authors []Author
	err := tx.bolt.Bucket(authorsName).ForEach(func(key, value []byte) error {
		if n, ok := parseNumber(key); !ok || int(n) != len(authors) {
			return tx.damaged("author %.20x is stored where %d should be", key, len(authors))
		}
		a, err := decodeAuthor(value)
		if err != nil {
			return tx.damaged("author %d: %v", len(authors), err)
		}
		authors = append(authors, a)
		return nil
	})
	return authors, err
}

// decodeAuthor reads the value of an author. It has no checksum, because the key in author_numbers is one.
func decodeAuthor(value []byte) (a Author, err error) {
	err = json.Unmarshal(value, &a)
	return a, err
}

// author returns one author, from memory where an earlier commit of the transaction had the same: thousands
// of commits share one.
func (tx *Tx) author(number uint32) (Author, error) {
	if a, ok := tx.authors[number]; ok {
		return a, nil
	}
	value := tx.bolt.Bucket(authorsName).Get(numberKey(number))
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

// authorNumber returns the number of an author, which is given out where there is none.
func (tx *Tx) authorNumber(a Author) (uint32, error) {
	if n, ok := tx.numbers[a]; ok {
		return n, nil
	}
	// encoding/json would write a byte that is not UTF-8 as an escape, and U+FFFD as it is: an author that
	// is read and stored again would get another digest, and so another number.
	valid := Author{strings.ToValidUTF8(a.Raw, "\uFFFD"), strings.ToValidUTF8(a.UUID, "\uFFFD"), a.App}
	value, err := encodeJSON(valid)
	if err != nil {
		return 0, fmt.Errorf("store author %q: %w", a.Raw, err)
	}
	key := authorNumberKey(value)
	found := tx.bolt.Bucket(authorNumbersName).Get(key)
	n, ok := parseNumber(found)
	switch {
	case found == nil:
		if n, err = tx.addAuthor(key, value); err != nil {
			return 0, fmt.Errorf("store author %q: %w", a.Raw, err)
		}
	case !ok:
		return 0, tx.damaged("the number of author %q is unreadable", a.Raw)
	}
	tx.numbers[a] = n
	return n, nil
}

// addAuthor stores an author under the next free number. Numbers are not given out again: an author whose
// commits were all dropped keeps his own.
func (tx *Tx) addAuthor(key, value []byte) (number uint32, err error) {
	if number, err = tx.countAuthors(); err != nil {
		return 0, err
	}
	if err := tx.bolt.Bucket(authorsName).Put(numberKey(number), value); err != nil {
		return 0, err
	}
	return number, tx.bolt.Bucket(authorNumbersName).Put(key, numberKey(number))
}

// countAuthors returns how many authors there are, which is the next free number.
func (tx *Tx) countAuthors() (uint32, error) {
	key, _ := tx.bolt.Bucket(authorsName).Cursor().Last()
	if key == nil {
		return 0, nil
	}
	n, ok := parseNumber(key)
	if !ok {
		return 0, tx.damaged("the number %.20x of the last author is unreadable", key)
	}
	return n + 1, nil
}
