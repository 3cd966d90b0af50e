package store

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// Repositories and workspaces are few, and are kept as JSON.

// Repositories returns all repositories, ordered by workspace, slug and UUID.
func (tx *Tx) Repositories() ([]Repository, error) {
	all, err := readAll[Repository](tx, repositoriesName)
	slices.SortFunc(all, func(a, b Repository) int {
		return cmp.Or(cmp.Compare(a.Workspace, b.Workspace), cmp.Compare(a.Slug, b.Slug),
			cmp.Compare(a.UUID, b.UUID))
	})
	return all, err
}

// Repository returns one repository, if it is known.
func (tx *Tx) Repository(uuid UUID) (r Repository, ok bool, err error) {
	ok, err = tx.readJSON(repositoriesName, repositoryKey(uuid), &r)
	return r, ok, err
}

// PutRepository stores a repository in place of what was known of it.
func (tx *Tx) PutRepository(r Repository) error {
	if r.UUID == "" {
		return fmt.Errorf("store repository %s/%s: it has no uuid", r.Workspace, r.Slug)
	}
	if err := tx.writeJSON(repositoriesName, repositoryKey(r.UUID), r); err != nil {
		return fmt.Errorf("store repository %s: %w", r.UUID, err)
	}
	return nil
}

// Workspaces returns all workspaces, ordered by slug.
func (tx *Tx) Workspaces() ([]Workspace, error) {
	return readAll[Workspace](tx, workspacesName)
}

// Workspace returns one workspace, if it is known.
func (tx *Tx) Workspace(slug string) (w Workspace, ok bool, err error) {
	ok, err = tx.readJSON(workspacesName, workspaceKey(slug), &w)
	return w, ok, err
}

// PutWorkspace stores a workspace in place of what was known of it.
func (tx *Tx) PutWorkspace(w Workspace) error {
	if w.Slug == "" {
		return errors.New("store workspace: it has no slug")
	}
	if err := tx.writeJSON(workspacesName, workspaceKey(w.Slug), w); err != nil {
		return fmt.Errorf("store workspace %s: %w", w.Slug, err)
	}
	return nil
}

// DeleteWorkspace forgets a workspace, but none of its repositories and commits.
func (tx *Tx) DeleteWorkspace(slug string) error {
	if err := tx.bolt.Bucket(workspacesName).Delete(workspaceKey(slug)); err != nil {
		return fmt.Errorf("delete workspace %s: %w", slug, err)
	}
	return nil
}

func readAll[T any](tx *Tx, bucket []byte) ([]T, error) {
	var all []T
	err := tx.bolt.Bucket(bucket).ForEach(func(key, value []byte) error {
		var v T
		if err := json.Unmarshal(value, &v); err != nil {
			return tx.damaged("%s/%s: %v", bucket, key, err)
		}
		all = append(all, v)
		return nil
	})
	return all, err
}

func (tx *Tx) readJSON(bucket, key []byte, v any) (bool, error) {
	value := tx.bolt.Bucket(bucket).Get(key)
	if value == nil {
		return false, nil
	}
	if err := json.Unmarshal(value, v); err != nil {
		return false, tx.damaged("%s/%s: %v", bucket, key, err)
	}
	return true, nil
}

func (tx *Tx) writeJSON(bucket, key []byte, v any) error {
	value, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return tx.bolt.Bucket(bucket).Put(key, value)
}
