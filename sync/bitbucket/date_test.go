package bitbucket

import (
	"testing"
	"time"
)

func TestParseDate(t *testing.T) {
	tests := []struct {
		text      string
		sec, nsec int64
	}{
		{"1970-01-01T00:00:00+00:00", 0, 0},
		{"2025-03-31T12:00:00+00:00", 1743422400, 0},
		{"2025-03-31T12:00:00Z", 1743422400, 0},
		{"2025-03-31t12:00:00z", 1743422400, 0},
		{"2025-03-31 12:00:00", 1743422400, 0},
		{"2025-03-31T9:00:00Z", 1743422400 - 10800, 0},
		{"2025-03-31T12:00:00.123456+00:00", 1743422400, 123456000},
		{"2025-03-31T12:00:00,5-00:00", 1743422400, 500000000},
		{"2025-03-31T12:00:00.1234567891234Z", 1743422400, 123456789},
		{"2025-03-31T12:00:00+05:30", 1743422400 - 19800, 0},
		{"2025-03-31T12:00:00-0800", 1743422400 + 28800, 0},
		{"2025-03-31T12:00:00+14", 1743422400 - 50400, 0},
		{"1969-12-31T23:59:59.5Z", -1, 500000000},
		{"1900-03-01T00:00:00Z", -2203891200, 0},
		{"0000-01-01T00:00:00Z", -62167219200, 0},
		{"9999-12-31T23:59:59Z", 253402300799, 0},
		{"2024-02-29T00:00:00Z", 1709164800, 0},
	}
	for _, tt := range tests {
		got, ok := parseDate(tt.text)
		if !ok || got.Unix() != tt.sec || int64(got.Nanosecond()) != tt.nsec || got.Location() != time.UTC {
			t.Errorf("%s: got %v, %v; want %d and %d", tt.text, got, ok, tt.sec, tt.nsec)
		}
	}
	for _, text := range []string{"", "2025", "2025-03-31", "2025-03-31T12:00", "2025-13-01T00:00:00Z",
		"2025-00-01T00:00:00Z", "2025-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2025-01-00T00:00:00Z",
		"2025-01-01T24:00:00Z", "2025-01-01T00:60:00Z", "2025-01-01T00:00:61Z", "2025-01-01T00:00:00.Z",
		"2025-01-01T00:00:00+1", "2025-01-01T00:00:00+01:", "2025-01-01T00:00:00ZZ", "2025-01-01T00:00:00 UTC",
		"2025-03-31T12:00:00-99:59", "2016-12-31T23:59:60Z", "-0001-12-31T23:59:59Z", "10000-01-01T00:00:00Z",
		"1234567890-01-01T00:00:00Z", "25-01-01T00:00:00Z", "--2025-01-01T00:00:00Z", "١٢٣٤-01-01T00:00:00Z"} {
		if got, ok := parseDate(text); ok {
			t.Errorf("%q was taken for %v", text, got)
		}
	}
}

// TestParseDateIsTimes holds every day of 800 years against package time.
func TestParseDateIsTimes(t *testing.T) {
	for d := time.Date(1600, 1, 1, 3, 4, 5, 0, time.UTC); d.Year() < 2400; d = d.AddDate(0, 0, 1) {
		if got, ok := parseDate(d.Format(time.RFC3339)); !ok || !got.Equal(d) {
			t.Fatalf("%v: got %v, %v", d, got, ok)
		}
	}
}

func FuzzDate(f *testing.F) {
	for _, s := range []string{"2025-03-31T12:00:00+00:00", "1969-12-31T23:59:59.5-13:30", "12345-06-07T08:09:10Z", "-0001-12-31 23:59:60"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := parseDate(s)
		if want, err := time.Parse(time.RFC3339Nano, s); err == nil && (!ok || !got.Equal(want)) {
			t.Errorf("%q: got %v, %v; want %v", s, got, ok, want)
		}
		if ok && (got.Year() < -1 || got.Year() > 10000) {
			t.Errorf("%q: got %v", s, got)
		}
	})
}
