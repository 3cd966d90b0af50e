package report

import (
	"strconv"
	"strings"
)

// Separated puts thousands separators into the digits of a whole number: 1,234,567. Any other
// text is returned as it is.
func Separated(s string) string {
	sign, digits := "", s
	if strings.HasPrefix(s, "-") || strings.HasPrefix(s, "+") {
		sign, digits = s[:1], s[1:]
	}
	if len(digits) <= 3 || strings.Trim(digits, "0123456789") != "" {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + len(digits)/3)
	b.WriteString(sign)
	for i, d := range []byte(digits) {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(d)
	}
	return b.String()
}

// grouped writes a number with its separators.
func grouped(n int) string { return Separated(strconv.Itoa(n)) }

// numberOf writes how many there are of something.
func numberOf(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(n) + " " + many
}
