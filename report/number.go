package report

import "strconv"

// Grouped writes a number with thousands separators: 1,234,567.
func Grouped(n int) string {
	digits := strconv.Itoa(n)
	first := 0 // the first digit, after a sign
	if n < 0 {
		first = 1
	}
	for at := len(digits) - 3; at > first; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// NumberOf writes how many there are of something: 1 commit, 1,234 commits.
func NumberOf(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Grouped(n) + " " + many
}
