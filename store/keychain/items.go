package keychain

import (
	"errors"
	"sync"

	"github.com/zalando/go-keyring"
)

// System is the keychain of the operating system. A call blocks while a dialog waits for the user.
type System struct{}

// service is the name under which the system's keychain lists the items.
const service = "trunkstat"

// Get returns the item of an account.
func (System) Get(account string) (string, error) { return keyring.Get(service, account) }

// Set stores the item of an account.
func (System) Set(account, item string) error { return keyring.Set(service, account, item) }

// Delete removes the item of an account.
func (System) Delete(account string) error { return keyring.Delete(service, account) }

// classify returns the error of this package for an error of the library, or else the error itself.
func classify(err error) error {
	switch {
	case errors.Is(err, keyring.ErrNotFound):
		return ErrNotFound
	case errors.Is(err, keyring.ErrSetDataTooBig):
		return ErrTooBig
	case errors.Is(err, keyring.ErrUnsupportedPlatform):
		return ErrUnavailable
	}
	return classifyHere(err)
}

// A Memory is a keychain in memory, for tests. It is safe for concurrent use. The library's own mock is not, and
// a process has one of it.
type Memory struct {
	items sync.Map // texts by account
}

// Get returns the item of an account.
func (m *Memory) Get(account string) (string, error) {
	item, ok := m.items.Load(account)
	if !ok {
		return "", ErrNotFound
	}
	return item.(string), nil
}

// Set stores the item of an account.
func (m *Memory) Set(account, item string) error {
	m.items.Store(account, item)
	return nil
}

// Delete removes the item of an account.
func (m *Memory) Delete(account string) error {
	if _, ok := m.items.LoadAndDelete(account); !ok {
		return ErrNotFound
	}
	return nil
}
