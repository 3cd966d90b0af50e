package store

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"
)

// A budget's value is
//
//	byte     budgetForm
//	uvarint  requests an hour that were granted last; 0: nothing is known
//	for each minute, ascending: varint minutes since the one before, uvarint requests
//	CRC-32C

const budgetForm = 1

type budget struct {
	limit int
	spent map[int64]int
}

func encodeBudget(name string, b budget) []byte {
	value := []byte{budgetForm}
	value = binary.AppendUvarint(value, uint64(clamp(b.limit)))
	before := int64(0)
	for _, minute := range slices.Sorted(maps.Keys(b.spent)) {
		value = binary.AppendVarint(value, minute-before)
		value = binary.AppendUvarint(value, uint64(clamp(b.spent[minute])))
		before = minute
	}
	return seal(budgetKey(name), value)
}

func clamp(n int) int { return min(max(n, 0), math.MaxInt32) }

func decodeBudget(key, value []byte) (b budget, err error) {
	body, err := unseal(key, value)
	if err != nil {
		return b, err
	}
	if len(body) == 0 || body[0] != budgetForm {
		return b, errForm
	}
	c := cursor{rest: body[1:]}
	limit := c.uvarint()
	b = budget{limit: int(limit), spent: map[int64]int{}}
	for minute := int64(0); len(c.rest) > 0; {
		minute += c.varint()
		n := c.uvarint()
		b.spent[minute] = int(n)
		c.bad = c.bad || n > math.MaxInt32
	}
	if c.bad || limit > math.MaxInt32 {
		return budget{}, errForm
	}
	return b, nil
}

func (tx *Tx) budget(name string) (budget, error) {
	key := budgetKey(name)
	value := tx.bolt.Bucket(budgetsName).Get(key)
	if value == nil {
		return budget{spent: map[int64]int{}}, nil
	}
	b, err := decodeBudget(key, value)
	if err != nil {
		return b, tx.damaged("budget %s: %v", name, err)
	}
	return b, nil
}

func (tx *Tx) putBudget(name string, b budget) error {
	if err := tx.bolt.Bucket(budgetsName).Put(budgetKey(name), encodeBudget(name, b)); err != nil {
		return fmt.Errorf("store budget %s: %w", name, err)
	}
	return nil
}

// Spent returns how many requests a budget spent in each minute (since 1970) it was stored
// with; empty for a budget that never was.
func (tx *Tx) Spent(name string) (map[int64]int, error) {
	b, err := tx.budget(name)
	return b.spent, err
}

// PutSpent replaces what a budget spent.
func (tx *Tx) PutSpent(name string, spent map[int64]int) error {
	b, err := tx.budget(name)
	if err != nil {
		return err
	}
	b.spent = spent
	return tx.putBudget(name, b)
}

// Limit returns the requests an hour that PutLimit stored, 0 where it never did.
func (tx *Tx) Limit(name string) (int, error) {
	b, err := tx.budget(name)
	return b.limit, err
}

// PutLimit keeps how many requests an hour a budget was last known to have, for db info.
func (tx *Tx) PutLimit(name string, limit int) error {
	b, err := tx.budget(name)
	if err != nil {
		return err
	}
	b.limit = limit
	return tx.putBudget(name, b)
}

// Budgets returns the names of all budgets, ordered.
func (tx *Tx) Budgets() ([]string, error) {
	var names []string
	err := tx.bolt.Bucket(budgetsName).ForEach(func(key, _ []byte) error {
		names = append(names, string(key))
		return nil
	})
	return names, err
}
