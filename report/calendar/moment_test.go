package calendar

import (
	"strings"
	"testing"
	"time"
)

var testNow = time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)

func mustZone(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, _, err := LoadZone(name, noEnv)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func noEnv(string) string { return "" }

var testZones = []string{
	"UTC", "Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe",
	"America/Sao_Paulo", "America/St_Johns", "Pacific/Apia", "America/New_York",
}

func TestParseMoment(t *testing.T) {
	now := time.Date(2025, 3, 31, 22, 30, 0, 0, time.UTC) // April 1 in Berlin
	tests := []struct{ zone, text, since, until string }{
		{"UTC", "2025-03-31", "2025-03-31T00:00:00Z", "2025-03-31T23:59:59Z"},
		{"UTC", "2025-03", "2025-03-01T00:00:00Z", "2025-03-31T23:59:59Z"},
		{"UTC", "2024-02", "2024-02-01T00:00:00Z", "2024-02-29T23:59:59Z"},
		{"UTC", "2025-12", "2025-12-01T00:00:00Z", "2025-12-31T23:59:59Z"},
		{"UTC", "2025", "2025-01-01T00:00:00Z", "2025-12-31T23:59:59Z"},
		{"UTC", "0000", "0000-01-01T00:00:00Z", "0000-12-31T23:59:59Z"},
		{"UTC", "2025-Q1", "2025-01-01T00:00:00Z", "2025-03-31T23:59:59Z"},
		{"UTC", "2025-Q4", "2025-10-01T00:00:00Z", "2025-12-31T23:59:59Z"},
		{"UTC", "2025-W13", "2025-03-24T00:00:00Z", "2025-03-30T23:59:59Z"},
		{"UTC", "2025-W01", "2024-12-30T00:00:00Z", "2025-01-05T23:59:59Z"},
		{"UTC", "2020-W53", "2020-12-28T00:00:00Z", "2021-01-03T23:59:59Z"},
		{"UTC", "2023-W52", "2023-12-25T00:00:00Z", "2023-12-31T23:59:59Z"},
		{"UTC", "2024-02-29", "2024-02-29T00:00:00Z", "2024-02-29T23:59:59Z"},
		{"UTC", "today", "2025-03-31T00:00:00Z", "2025-03-31T23:59:59Z"},
		{"UTC", "yesterday", "2025-03-30T00:00:00Z", "2025-03-30T23:59:59Z"},
		{"UTC", "0d", "2025-03-31T00:00:00Z", "2025-03-31T23:59:59Z"},
		{"UTC", "7d", "2025-03-24T00:00:00Z", "2025-03-24T23:59:59Z"},
		{"UTC", "4w", "2025-03-03T00:00:00Z", "2025-03-03T23:59:59Z"},
		{"UTC", "1mo", "2025-02-28T00:00:00Z", "2025-02-28T23:59:59Z"},
		{"UTC", "6mo", "2024-09-30T00:00:00Z", "2024-09-30T23:59:59Z"},
		{"UTC", "13mo", "2024-02-29T00:00:00Z", "2024-02-29T23:59:59Z"},
		{"UTC", "1y", "2024-03-31T00:00:00Z", "2024-03-31T23:59:59Z"},
		{"UTC", "2025-03-31T14:00:00Z", "2025-03-31T14:00:00Z", "2025-03-31T14:00:00Z"},
		{"UTC", "2025-03-31T14:00:00.75+02:00", "2025-03-31T12:00:00Z", "2025-03-31T12:00:00Z"},

		{"Europe/Berlin", "today", "2025-04-01T00:00:00+02:00", "2025-04-01T23:59:59+02:00"},
		{"Europe/Berlin", "1mo", "2025-03-01T00:00:00+01:00", "2025-03-01T23:59:59+01:00"},
		{"Europe/Berlin", "2025-03-30", "2025-03-30T00:00:00+01:00", "2025-03-30T23:59:59+02:00"},
		{"Europe/Berlin", "2025-10-26", "2025-10-26T00:00:00+02:00", "2025-10-26T23:59:59+01:00"},
		{"Asia/Kathmandu", "2025", "2025-01-01T00:00:00+05:45", "2025-12-31T23:59:59+05:45"},
		// Days without midnight.
		{"America/Sao_Paulo", "2018-11-04", "2018-11-04T01:00:00-02:00", "2018-11-04T23:59:59-02:00"},
		{"America/Sao_Paulo", "2018-11-03", "2018-11-03T00:00:00-03:00", "2018-11-03T23:59:59-03:00"},
		{"Asia/Beirut", "2022-03-27", "2022-03-27T01:00:00+03:00", "2022-03-27T23:59:59+03:00"},
		// Midnight comes twice: the first counts.
		{"America/Sao_Paulo", "2018-02-18", "2018-02-18T00:00:00-03:00", "2018-02-18T23:59:59-03:00"},
		{"America/St_Johns", "2006-10-29", "2006-10-29T00:00:00-02:30", "2006-10-29T23:59:59-03:30"},
		// Samoa skipped December 30.
		{"Pacific/Apia", "2011-12-29", "2011-12-29T00:00:00-10:00", "2011-12-29T23:59:59-10:00"},
		{"Pacific/Apia", "2011-12-30", "2011-12-31T00:00:00+14:00", "2011-12-29T23:59:59-10:00"},
		{"Pacific/Apia", "2011-12-31", "2011-12-31T00:00:00+14:00", "2011-12-31T23:59:59+14:00"},
		// Package time is wrong about the ends of leap years after 2037.
		{"Europe/Berlin", "2040-12-31", "2040-12-31T00:00:00+01:00", "2040-12-31T23:59:59+01:00"},
		{"Europe/Berlin", "2041-01-01", "2041-01-01T00:00:00+01:00", "2041-01-01T23:59:59+01:00"},
	}
	for _, test := range tests {
		since, until, err := ParseMoment(test.text, mustZone(t, test.zone), now)
		if err != nil {
			t.Errorf("%s in %s: %v", test.text, test.zone, err)
			continue
		}
		got := [2]string{since.Format(time.RFC3339), until.Format(time.RFC3339)}
		if want := [2]string{test.since, test.until}; got != want {
			t.Errorf("%s in %s: got %v, want %v", test.text, test.zone, got, want)
		}
	}
}

func TestParseMomentRefuses(t *testing.T) {
	for _, text := range []string{
		"", " ", "garbage", "2026-02-30", "2025-02-29", "2025-13", "2025-00", "2025-01-00",
		"+2025-Q1", "+025-Q1", "-001-Q1", "2025-Q+1", "2025-Q 1", "2025-Q01", "2025-Q1x", "2025-Q1\n",
		"2025-W+1", "2025-W 9", "2025-W013", "2025-W13x", "2025-Q9223372036854775807", "2025-W99999999999999999999",
		"2025-04-31", "2025-W54", "2025-W53", "2025-W00", "2025-W1", "2025-w13", "2025-Q0",
		"2025-Q5", "2025-q1", "2025Q1", "25", "20250331", "2025-3-1", "2025/03/31", "31.03.2025",
		"-2025", "+2025", "02025", "10000", "2025 ", " 2025", "2025-03-31 14:00",
		"2025-03-31T14:00", "2025-03-31T14:00:00", "2025-03-31T1:00:00Z", "2025-03-31T24:00:00Z",
		"2025-03-31T14:00:00,5Z", "2025-03-31T14:00:60Z", "2025-02-30T00:00:00Z",
		"2025-03-31T14:00:00+25:00", "Today", "tomorrow", "now", "d", "7", "-7d", "+7d", "7 d",
		"7D", "7m", "7min", "1.5d", "7d ago", "1y6mo", "9999999d", "99999999999999999999d",
		"999999mo", "2027y", "٢٠٢٥", "２０２５", "2025-03-31\n", "0x7e9",
	} {
		since, until, err := ParseMoment(text, time.UTC, testNow)
		if err == nil {
			t.Errorf("%q: got %v and %v", text, since, until)
		} else if !strings.Contains(err.Error(), "2025-W13") || !strings.Contains(err.Error(), "invalid date") {
			t.Errorf("%q: the error does not list the forms: %v", text, err)
		}
	}
}

// TestDayStart holds the beginnings of days against a walk through every quarter of an hour.
func TestDayStart(t *testing.T) {
	for _, name := range append(testZones, "Asia/Beirut", "America/Havana", "Antarctica/Troll") {
		zone := mustZone(t, name)
		at := time.Date(2005, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
		seen := DateOf(time.Unix(at, 0).In(zone))
		for ; at < 1735689600; at += 15 * 60 {
			day := DateOf(time.Unix(at, 0).In(zone))
			if day <= seen {
				continue
			}
			seen = day
			// Clocks change at 00:01 in places, between two steps.
			if got := day.Start(zone).Unix(); got > at || got <= at-15*60 {
				t.Errorf("%s: day %d begins at %d, want %d", name, day, got, at)
			}
		}
	}
}

// TestWords holds the words against the forms that name the same periods.
func TestWords(t *testing.T) {
	tests := []struct {
		now  string
		want string // the periods of Words, in their order
	}{
		{"2026-11-25T12:00:00Z",
			"2026-11-25 2026-11-24 2026-W48 2026-W47 2026-11 2026-10 2026-Q4 2026-Q3 2026 2025"},
		{"2026-01-01T00:00:00Z",
			"2026-01-01 2025-12-31 2026-W01 2025-W52 2026-01 2025-12 2026-Q1 2025-Q4 2026 2025"},
		{"2024-12-31T23:59:59Z",
			"2024-12-31 2024-12-30 2025-W01 2024-W52 2024-12 2024-11 2024-Q4 2024-Q3 2024 2023"},
		{"2021-01-03T09:00:00Z",
			"2021-01-03 2021-01-02 2020-W53 2020-W52 2021-01 2020-12 2021-Q1 2020-Q4 2021 2020"},
		{"2024-02-29T09:00:00Z",
			"2024-02-29 2024-02-28 2024-W09 2024-W08 2024-02 2024-01 2024-Q1 2023-Q4 2024 2023"},
	}
	for _, test := range tests {
		now, err := time.Parse(time.RFC3339, test.now)
		if err != nil {
			t.Fatal(err)
		}
		for i, form := range strings.Fields(test.want) {
			since, until, err := ParseMoment(Words[i], time.UTC, now)
			from, to, wrong := ParseMoment(form, time.UTC, now)
			if err != nil || wrong != nil || !since.Equal(from) || !until.Equal(to) {
				t.Errorf("%s at %s: %v to %v, error %v; want %s", Words[i], test.now, since, until, err, form)
			}
			since, until, err = ParsePeriod(Words[i], time.UTC, now)
			if err != nil || !since.Equal(from) || !until.Equal(to) {
				t.Errorf("period %s at %s: %v to %v, error %v; want %s", Words[i], test.now, since, until, err, form)
			}
		}
	}
	// In Kiribati it is the next year already.
	now := time.Date(2025, 12, 31, 12, 0, 0, 0, time.UTC)
	if since, _, err := ParsePeriod("this-year", mustZone(t, "Pacific/Kiritimati"), now); err != nil ||
		since.Format(time.RFC3339) != "2026-01-01T00:00:00+14:00" {
		t.Errorf("this year begins at %v, error %v", since, err)
	}
}

func TestParsePeriod(t *testing.T) {
	for _, text := range []string{"2025-03-31", "2025-03", "2025", "2025-Q1", "2025-W13"} {
		since, until, err := ParsePeriod(text, time.UTC, testNow)
		from, to, wrong := ParseMoment(text, time.UTC, testNow)
		if err != nil || wrong != nil || !since.Equal(from) || !until.Equal(to) {
			t.Errorf("%s: %v to %v, error %v", text, since, until, err)
		}
	}
	for _, text := range []string{
		"", "7d", "0d", "4w", "6mo", "1y", "2025-03-31T14:00:00Z", "this-day", "next-week", "last-7d", "quarter",
		"This-Week", "last week", "this_month", "last-", "-week", "lastweek", " this-week", "Q3", "2025-Q5",
		"2025-W53",
	} {
		since, until, err := ParsePeriod(text, time.UTC, testNow)
		if err == nil {
			t.Errorf("%q: got %v to %v", text, since, until)
		} else if !strings.Contains(err.Error(), "invalid period") || !strings.Contains(err.Error(), "2025-Q1") ||
			!strings.Contains(err.Error(), "last-quarter") || strings.Contains(err.Error(), "RFC") {
			t.Errorf("%q: the error does not list the forms: %v", text, err)
		}
	}
}

func TestEndToDate(t *testing.T) {
	tests := []struct{ today, since, want string }{
		// The longest period that begins with the day.
		{"2026-11-25", "2026-10-01", "2026-Q4"},
		{"2026-10-05", "2026-10-01", "2026-Q4"},
		{"2026-10-01", "2026-10-01", "2026-Q4"},
		{"2026-11-25", "2026-11-01", "2026-11"},
		{"2026-11-25", "2026-01-01", "2026"},
		{"2026-01-01", "2026-01-01", "2026"},
		{"2026-06-04", "2026-06-01", "2026-06"}, // a Monday
		{"2024-01-03", "2024-01-01", "2024"},    // a Monday as well
		{"2026-11-25", "2026-11-23", "2026-W48"},
		{"2026-11-25", "2026-11-25", "2026-11-25"},
		// Nothing that begins there goes on.
		{"2026-11-25", "2026-11-24", ""},
		{"2026-11-25", "2026-09-01", ""},
		{"2026-11-25", "2025-01-01", ""},
		{"2026-11-25", "2026-12-01", ""},
		{"2026-11-25", "2027", ""},
		// What is named, if it goes on.
		{"2026-10-05", "2026-10", "2026-10"},
		{"2026-01-05", "2026-Q1", "2026-Q1"},
		{"2024-01-03", "2024-W01", "2024-W01"},
		{"2026-11-25", "2026-10", "2026-Q4"},
		{"2026-11-25", "2026-Q3", ""},
		{"2026-01-05", "this-month", "2026-01"},
		{"2026-01-05", "this-week", "2026-W02"},
		{"2026-06-01", "this-week", "2026-W23"},
		{"2026-10-01", "today", "2026-10-01"},
		// What depends on today never becomes something else.
		{"2026-10-02", "yesterday", ""},
		{"2026-11-25", "last-month", ""},
		{"2026-10-31", "30d", ""},
		{"2026-10-01", "0d", ""},
		{"2026-02-01", "1mo", ""},
		{"2026-11-25", "2026-10-01T00:00:00Z", ""},
		{"2026-11-25", "", ""},
	}
	for _, test := range tests {
		now, err := time.Parse(time.DateOnly, test.today)
		if err != nil {
			t.Fatal(err)
		}
		now = now.Add(9 * time.Hour)
		got, ok := EndToDate(test.since, time.UTC, now)
		want := time.Time{}
		if test.want != "" {
			if _, want, err = ParseMoment(test.want, time.UTC, now); err != nil {
				t.Fatal(err)
			}
		}
		if ok != (test.want != "") || !got.Equal(want) {
			t.Errorf("since %s on %s: got %v, %v; want the end of %s", test.since, test.today, got, ok, test.want)
		}
	}
}

func FuzzParseMoment(f *testing.F) {
	for _, seed := range []string{"2025-W13", "2025-03-31", "6mo", "2025-03-31T14:00:00Z", "2025-Q1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		since, until, err := ParseMoment(text, time.UTC, testNow)
		if err == nil && (until.Before(since) || since.Year() < 0 || since.Year() > 9999) {
			t.Errorf("%q is %v to %v", text, since, until)
		}
	})
}
