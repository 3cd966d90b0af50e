package store

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Workspaces, repositories, walks and budgets are few. They are kept as JSON documents, a key each. A field
// that this version does not know is lost when it writes the document again.

// Repositories returns all repositories, ordered by workspace, slug and UUID.
func (tx *Tx) Repositories() ([]Repository, error) {
	all, err := readAll[UUID, Repository](tx, repositoriesName)
	return slices.SortedFunc(maps.Values(all), func(a, b Repository) int {
		return cmp.Or(cmp.Compare(a.Workspace, b.Workspace), cmp.Compare(a.Slug, b.Slug),
			cmp.Compare(a.UUID, b.UUID))
	}), err
}

// Repository returns one repository, if it is stored. A document under the key of another is damage: its
// commits would be counted for the wrong one.
func (tx *Tx) Repository(uuid UUID) (r Repository, ok bool, err error) {
	ok, err = tx.read(repositoriesName, string(uuid), &r)
	if ok && r.UUID != uuid { // documents have no checksum
		return r, false, tx.damaged("repositories/%s has the uuid %q", uuid, r.UUID)
	}
	return r, ok, err
}

// PutRepository stores a repository in place of what was stored of it. Its commits stay.
func (tx *Tx) PutRepository(r Repository) error {
	return tx.write(repositoriesName, string(r.UUID), r)
}

// DeleteRepository drops a repository with its commits and its walk; it need not exist.
func (tx *Tx) DeleteRepository(uuid UUID) error {
	for _, bucket := range [][]byte{repositoriesName, walksName} {
		if err := tx.delete(bucket, string(uuid)); err != nil {
			return err
		}
	}
	for _, bucket := range [][]byte{commitsName, columnsName} {
		if nested(tx.bolt, bucket, uuid) == nil {
			continue
		}
		if err := tx.bolt.Bucket(bucket).DeleteBucket([]byte(uuid)); err != nil {
			return fmt.Errorf("delete %s/%s: %w", bucket, uuid, err)
		}
	}
	return nil
}

// Workspaces returns all workspaces, ordered by slug.
func (tx *Tx) Workspaces() ([]Workspace, error) {
	all, err := readAll[string, Workspace](tx, workspacesName)
	return slices.SortedFunc(maps.Values(all), func(a, b Workspace) int {
		return cmp.Compare(a.Slug, b.Slug)
	}), err
}

// Workspace returns one workspace, if it is stored.
func (tx *Tx) Workspace(slug string) (w Workspace, ok bool, err error) {
	ok, err = tx.read(workspacesName, slug, &w)
	return w, ok, err
}

// PutWorkspace stores a workspace in place of what was stored of it.
func (tx *Tx) PutWorkspace(w Workspace) error { return tx.write(workspacesName, w.Slug, w) }

// DeleteWorkspace drops a workspace, but none of its repositories; it need not exist.
func (tx *Tx) DeleteWorkspace(slug string) error { return tx.delete(workspacesName, slug) }

// Walk returns the unfinished walk of a repository, if there is one.
func (tx *Tx) Walk(uuid UUID) (w Walk, ok bool, err error) {
	ok, err = tx.read(walksName, string(uuid), &w)
	return w, ok, err
}

// Walks returns every unfinished walk.
func (tx *Tx) Walks() (map[UUID]Walk, error) { return readAll[UUID, Walk](tx, walksName) }

// PutWalk stores the unfinished walk of a repository in place of the one before.
func (tx *Tx) PutWalk(uuid UUID, w Walk) error { return tx.write(walksName, string(uuid), w) }

// DeleteWalk ends the walk of a repository; there need not be one.
func (tx *Tx) DeleteWalk(uuid UUID) error { return tx.delete(walksName, string(uuid)) }

// Budget returns the log of requests under a name; empty where none was stored.
func (tx *Tx) Budget(name string) (b Budget, err error) {
	_, err = tx.read(budgetsName, name, &b)
	return b, err
}

// PutBudget stores a log of requests in place of the one before.
func (tx *Tx) PutBudget(name string, b Budget) error { return tx.write(budgetsName, name, b) }

// Budgets returns all logs of requests by their names.
func (tx *Tx) Budgets() (map[string]Budget, error) { return readAll[string, Budget](tx, budgetsName) }

// readAll returns the documents of a bucket by their keys. With an error it returns those before it.
func readAll[K ~string, T any](tx *Tx, bucket []byte) (map[K]T, error) {
	all := map[K]T{}
	for key, value := range each(tx.bolt.Bucket(bucket)) {
		var document T
		if err := json.Unmarshal(value, &document); err != nil {
			return all, tx.damaged("%s/%.40s: %v", bucket, key, err)
		}
		all[K(key)] = document
	}
	return all, nil
}

// read reads one document into v, if it is stored.
func (tx *Tx) read(bucket []byte, key string, v any) (ok bool, err error) {
	value := tx.bolt.Bucket(bucket).Get([]byte(key))
	if value == nil {
		return false, nil
	}
	if err := json.Unmarshal(value, v); err != nil {
		return false, tx.damaged("%s/%s: %v", bucket, key, err)
	}
	return true, nil
}

// write stores one document in place of what was there.
func (tx *Tx) write(bucket []byte, key string, v any) error {
	value, err := encodeJSON(v)
	if err == nil {
		err = tx.bolt.Bucket(bucket).Put([]byte(key), value)
	}
	if err != nil {
		return fmt.Errorf("store %s/%s: %w", bucket, key, err)
	}
	return nil
}

func (tx *Tx) delete(bucket []byte, key string) error {
	if err := tx.bolt.Bucket(bucket).Delete([]byte(key)); err != nil {
		return fmt.Errorf("delete %s/%s: %w", bucket, key, err)
	}
	return nil
}

// encodeJSON leaves < and > as they are, so that authors can be read in the file.
func encodeJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
