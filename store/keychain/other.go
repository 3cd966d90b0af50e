//go:build !linux && !darwin && !windows

package keychain

import "fmt"

// reachable returns nil: the library returns an error for a platform that it does not support.
func reachable(func(string) string, string) error { return nil }

func classifyHere(err error) error { return fmt.Errorf("%w: %w", ErrUnavailable, err) }
