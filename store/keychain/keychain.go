// Package keychain keeps one secret for each workspace in the keychain of the operating system: Secret
// Service on Linux, Keychain on macOS, Credential Manager on Windows.
//
// It guarantees that
//   - a call ends after Limit, or when its context ends, whatever the keychain is waiting for;
//   - the secret is written nowhere else: there is no fallback to a file;
//   - no error holds any part of a secret;
//   - a Set that returned nil was read back.
//
// A keychain can wait for its user without a limit, and the library underneath takes no context. So each
// call runs in a goroutine, which is left behind at the limit and ends with the process.
//
// Terms:
//   - secret: all that authenticates against a workspace;
//   - item: the text that a keychain holds of a secret;
//   - account: the name of an item, which is the workspace's slug.
package keychain

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Errors that the methods of Keychain wrap.
var (
	// ErrNotFound is returned when the keychain holds nothing for the workspace.
	ErrNotFound = errors.New("the system keychain has no secret for it")
	// ErrLocked is returned when the keychain is locked and was not unlocked in time.
	ErrLocked = errors.New("the system keychain is locked or was never set up")
	// ErrUnavailable is returned where there is no keychain: a headless Linux, WSL, CI.
	ErrUnavailable = errors.New("there is no system keychain here")
	// ErrTimeout is returned when the keychain did not answer within the limit.
	ErrTimeout = errors.New("the system keychain did not answer in time")
	// ErrTooBig is returned for a secret that some keychain could not hold.
	ErrTooBig = errors.New("the secret is too big for a keychain")
)

// ErrUnusable is wrapped by each error that wraps ErrLocked, ErrUnavailable or ErrTimeout. The end of the
// error's text is that of ErrUnusable, which says what to use instead of a keychain.
var ErrUnusable = errors.New("the other ways are TRUNKSTAT_TOKEN (with TRUNKSTAT_EMAIL for an API token)" +
	" and TRUNKSTAT_TOKEN_COMMAND")

// Items stores a text for each account. A call may block without a limit. Get and Delete return ErrNotFound
// for an account that has no text. Tests use a Memory instead of the System.
type Items interface {
	Get(account string) (string, error)
	Set(account, item string) error
	Delete(account string) error
}

// A Keychain keeps secrets in Items. The zero value keeps them in the keychain of the current user, with a
// limit of 5 seconds.
type Keychain struct {
	// Items has the secrets; nil is System.
	Items Items
	// Getenv looks up the environment, in which Linux says how the keychain is reached.
	Getenv func(string) string
	// Limit is how long a call may take; 0 is 5 seconds.
	Limit time.Duration
	// Waiting is called once, after NoticeAfter, when a call is still waiting; it may be nil.
	Waiting func()
	// NoticeAfter is how long a call waits before Waiting is called; 0 is 2 seconds.
	NoticeAfter time.Duration

	runtimeDir string // where a session bus without an address is; "": /run/user/UID
}

// Get returns the secret of a workspace. The error wraps ErrNotFound if there is none.
func (k *Keychain) Get(ctx context.Context, workspace string) (Secret, error) {
	var secret Secret
	err := k.call(ctx, "read the secret of "+workspace, func() error {
		item, err := k.items().Get(account(workspace))
		if err == nil {
			secret, err = decode(item)
		}
		return err
	})
	if err != nil { // secret is not read: after the limit, the operation may be writing to it
		return Secret{}, err
	}
	return secret, nil
}

// Set stores the secret of a workspace, replacing the one before, and reads it back.
func (k *Keychain) Set(ctx context.Context, workspace string, secret Secret) error {
	item, err := secret.encode()
	if err != nil {
		return fmt.Errorf("store the secret of %s: %w", workspace, err)
	}
	err = k.call(ctx, "store the secret of "+workspace, func() error {
		if err := k.items().Set(account(workspace), item); err != nil {
			return err
		}
		back, err := k.items().Get(account(workspace))
		if err == nil && back != item {
			err = errors.New("the system keychain returned another secret than was stored")
		}
		return err
	})
	// The tools and services below put into their errors what they were given.
	if token := secret.Token(); err != nil && token != "" && strings.Contains(err.Error(), token) {
		return fmt.Errorf("store the secret of %s: the system keychain refused it", workspace)
	}
	return err
}

// Delete removes the secret of a workspace. The error wraps ErrNotFound if there is none.
func (k *Keychain) Delete(ctx context.Context, workspace string) error {
	return k.call(ctx, "remove the secret of "+workspace, func() error {
		return k.items().Delete(account(workspace))
	})
}

// Ping reports why the keychain cannot be used, nil if it can. It asks for an item that does not exist.
func (k *Keychain) Ping(ctx context.Context) error {
	err := k.call(ctx, "use the system keychain", func() error {
		_, err := k.items().Get("?") // no workspace has this slug
		return err
	})
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// items returns where the secrets are kept.
func (k *Keychain) items() Items {
	if k.Items == nil {
		return System{}
	}
	return k.Items
}

// account is the name of a workspace's item. A slug means the same in any case.
func account(workspace string) string { return strings.ToLower(workspace) }

// call runs one operation against the keychain, within the limit, and describes its error. The operation
// must not touch what the caller still reads after an error.
func (k *Keychain) call(ctx context.Context, what string, operation func() error) error {
	if _, ok := k.items().(System); ok {
		if err := reachable(k.Getenv, k.runtimeDir); err != nil {
			return describe(what, err)
		}
	}
	done := make(chan error, 1) // with room for one, so that an operation that is late can end
	go func() { done <- guard(operation) }()
	return describe(what, k.await(ctx, done))
}

// await returns what arrives on done, unless the context or the limit ends first.
func (k *Keychain) await(ctx context.Context, done <-chan error) error {
	limit := time.After(cmp.Or(k.Limit, 5*time.Second))
	notice := time.After(cmp.Or(k.NoticeAfter, 2*time.Second))
	for {
		select {
		case err := <-done:
			return err
		case <-ctx.Done():
			return ctx.Err()
		case <-limit:
			return ErrTimeout
		case <-notice:
			if k.Waiting != nil {
				k.Waiting()
			}
		}
	}
}

// guard turns a panic into an error. When the session bus goes away while a prompt is open, the
// library reads a closed channel and dereferences nil.
func guard(operation func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = fmt.Errorf("%w: the connection was lost", ErrUnavailable)
		}
	}()
	return operation()
}

// describe adds what was being done and, if the keychain cannot be used, what to do instead.
func describe(what string, err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if err = classify(err); errors.Is(err, ErrUnavailable) || errors.Is(err, ErrLocked) || errors.Is(err, ErrTimeout) {
		return fmt.Errorf("%s: %w; %w", what, err, ErrUnusable)
	}
	return fmt.Errorf("%s: %w", what, err)
}
