//go:build !windows

package render

// understandsColor takes every terminal that does not call itself dumb to know colours.
func understandsColor(uintptr) bool { return true }
