//go:build !linux && !darwin && !windows

package keychain

import "fmt"

// reachable leaves it to the library to say that it does not know the platform.
func reachable(func(string) string, string) error { return nil }

func classifyHere(err error) error { return fmt.Errorf("%w: %w", ErrUnavailable, err) }
