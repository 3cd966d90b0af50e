package render

import "trunkstat/store"

// Clean makes text that others wrote safe to print on a terminal, on one line, as store.Clean does.
func Clean(s string) string {
	if isPlain(s) {
		return s
	}
	return store.Clean(s)
}

// isPlain reports whether s is printable ASCII throughout, as nearly every name is.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
