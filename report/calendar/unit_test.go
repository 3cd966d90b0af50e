package calendar

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestDates holds dates and weeks against package time over a thousand years.
func TestDates(t *testing.T) {
	for date := Date(-200_000); date < 200_000; date++ {
		want := time.Unix(int64(date)*daySeconds, 0).UTC()
		if got := date.UTC(); !got.Equal(want) || DateOf(want.Add(23*time.Hour)) != date {
			t.Fatalf("date %d is %s, want %s", date, got, want)
		}
		year, week := want.ISOWeek()
		if got := Week.Format(Week.Number(date)); got != fmt.Sprintf("%04d-W%02d", year, week) {
			t.Fatalf("%s is in week %s, want %d of %d", want, got, week, year)
		}
	}
}

func TestPeriods(t *testing.T) {
	for unit := Day; unit <= Year; unit++ {
		last := unit.Number(-100_000)
		for day := Date(-100_000); day < 100_000; day++ {
			period := unit.Number(day)
			if period != last && period != last+1 {
				t.Fatalf("%d: day %d is in period %d after %d", unit, day, period, last)
			}
			if first := unit.First(period); period != last && first != day || unit.Number(first) != period {
				t.Fatalf("%d: period %d begins on day %d, want %d", unit, period, first, day)
			}
			last = period
		}
	}
}

func TestPeriodTexts(t *testing.T) {
	tests := []struct {
		date                       string
		year, quarter, month, week string
	}{
		{"2025-03-31", "2025", "2025-Q1", "2025-03", "2025-W14"},
		{"2024-12-30", "2024", "2024-Q4", "2024-12", "2025-W01"},
		{"2023-12-31", "2023", "2023-Q4", "2023-12", "2023-W52"},
		{"2021-01-03", "2021", "2021-Q1", "2021-01", "2020-W53"},
		{"1969-12-31", "1969", "1969-Q4", "1969-12", "1970-W01"},
		{"0044-03-15", "0044", "0044-Q1", "0044-03", "0044-W11"},
	}
	for _, test := range tests {
		date, err := time.Parse(time.DateOnly, test.date)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, unit := range []Unit{Day, Year, Quarter, Month, Week} {
			got += unit.Format(unit.Number(DateOf(date))) + " "
		}
		want := fmt.Sprintln(test.date, test.year, test.quarter, test.month, test.week)
		if got != want[:len(want)-1]+" " {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got := Day.Format(int(newDate(-44, 3, 15))); got != "-0044-03-15" {
		t.Errorf("44 BC is %q", got)
	}
	if got := Day.Format(int(newDate(12345, 12, 1))); got != "12345-12-01" {
		t.Errorf("the year 12345 is %q", got)
	}
}

func TestMonthsBefore(t *testing.T) {
	tests := []struct {
		date   string
		months int
		want   string
	}{
		{"2025-03-31", 1, "2025-02-28"}, {"2024-03-31", 1, "2024-02-29"},
		{"2025-01-15", 1, "2024-12-15"}, {"2024-02-29", 12, "2023-02-28"},
		{"2025-03-31", 0, "2025-03-31"}, {"2025-12-31", 6, "2025-06-30"},
	}
	for _, test := range tests {
		date, err := time.Parse(time.DateOnly, test.date)
		if err != nil {
			t.Fatal(err)
		}
		if got := Day.Format(int(DateOf(date).monthsBefore(test.months))); got != test.want {
			t.Errorf("%d months before %s: got %s, want %s", test.months, test.date, got, test.want)
		}
	}
}

// TestClock holds a clock against package time, for dates in any order.
func TestClock(t *testing.T) {
	rng := rand.New(rand.NewPCG(23, 23))
	for _, name := range append(testZones, "America/Toronto", "Asia/Manila", "Africa/Monrovia") {
		zone := mustZone(t, name)
		c := NewClock(zone)
		seconds := []int64{-62167219201, -62167219200, 253402300799, 253402300800, 0, -1, 1, 2240524800}
		for range 20_000 {
			seconds = append(seconds, rng.Int64N(1<<(1+rng.IntN(40)))-rng.Int64N(1<<(1+rng.IntN(38))))
		}
		for _, at := range seconds {
			want := time.Unix(at, 0).In(zone)
			date, second := c.Local(at)
			hour, minute, sec := want.Clock()
			if date != DateOf(want) || second != hour*3600+minute*60+sec {
				t.Fatalf("%s: %d is second %d of %s, want %s", name, at, second, Day.Format(int(date)), want)
			}
		}
		for _, at := range []int64{-1 << 63, 1<<63 - 1} {
			if date, second := c.Local(at); int64(date) != int64(int32(date)) || second < 0 || second >= daySeconds {
				t.Errorf("%s: %d is second %d of date %d", name, at, second, date)
			}
		}
	}
}

func TestLoadZone(t *testing.T) {
	for text, want := range map[string]string{
		"UTC": "UTC", "Europe/Berlin": "Europe/Berlin", "Asia/Kathmandu": "Asia/Kathmandu",
	} {
		zone, name, err := LoadZone(text, noEnv)
		if err != nil || name != want || zone.String() != want {
			t.Errorf("%q: got %v and %q, error %v", text, zone, name, err)
		}
	}
	zone, name, err := LoadZone("local", noEnv)
	if err != nil || name == "" || name == "Local" || zone != time.Local && runtime.GOOS != "windows" {
		t.Errorf("local: got %v and %q, error %v", zone, name, err)
	}
	if now := time.Now(); !sameOffset(now, now.In(zone)) {
		t.Errorf("local: it is %v, and %v in %v", now, now.In(zone), zone)
	}
	for _, text := range []string{"", "Berlin", "+02:00", "../etc/passwd", "/etc/localtime", "Europe/berlin "} {
		if _, _, err := LoadZone(text, noEnv); err == nil {
			t.Errorf("%q is a zone", text)
		}
	}
}

func sameOffset(a, b time.Time) bool {
	_, offsetA := a.Zone()
	_, offsetB := b.Zone()
	return offsetA == offsetB
}

// TestLoadZoneFile: TZ may be the path of a file.
func TestLoadZoneFile(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a path that begins with / is none there")
	}
	file := filepath.Join(t.TempDir(), "zone")
	data := binary.BigEndian.AppendUint32(nil, 5*3600+45*60)
	data = slices.Concat([]byte("TZif"), make([]byte, 35), []byte{1, 0, 0, 0, 4}, data, []byte("\x00\x00NPT\x00"))
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	zone, name, err := LoadZone("local", func(string) string { return ":" + file })
	if err != nil || name != file {
		t.Fatalf("got %v and %q, error %v", zone, name, err)
	}
	if _, offset := testNow.In(zone).Zone(); offset != 5*3600+45*60 {
		t.Errorf("the offset is %d", offset)
	}
}

// TestLoadZoneTZ: what package time would take for UTC in TZ is an error.
func TestLoadZoneTZ(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "zone")
	if err := os.WriteFile(broken, []byte("no zone"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tz := range []string{
		"CET-1CEST", "EST5EDT4,M3.2.0,M11.1.0", "<+03>-3", "Europe/Berln", "Berlin", "UTC+2", "Local", "local",
		":Europe/Berln", broken, broken + "-not-there", " Europe/Berlin",
	} {
		env := func(string) string { return tz }
		_, _, err := LoadZone("local", env)
		if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%q", tz)) {
			t.Errorf("TZ=%s: error %v", tz, err)
		}
		if _, _, err := LoadZone("Asia/Kolkata", env); err != nil {
			t.Errorf("a zone that was named, with TZ=%s: %v", tz, err)
		}
	}
	for tz, want := range map[string]string{
		"Europe/Berlin": "Europe/Berlin", ":Asia/Kolkata": "Asia/Kolkata", "UTC": "UTC", "EST5EDT": "EST5EDT",
	} {
		zone, name, err := LoadZone("Local", func(string) string { return tz })
		if err != nil || name != want || zone.String() != want {
			t.Errorf("TZ=%s: got %v and %q, error %v", tz, zone, name, err)
		}
	}
}

func TestRangeBefore(t *testing.T) {
	tests := []struct{ zone, since, until, from, to string }{
		{"UTC", "2025-03-10", "2025-03-10", "2025-03-09T00:00:00Z", "2025-03-09T23:59:59Z"},
		{"UTC", "2025-W11", "2025-W11", "2025-03-03T00:00:00Z", "2025-03-09T23:59:59Z"},
		{"UTC", "2025-03", "2025-03", "2025-02-01T00:00:00Z", "2025-02-28T23:59:59Z"},
		{"UTC", "2025-Q1", "2025-03-31", "2024-10-01T00:00:00Z", "2024-12-31T23:59:59Z"},
		{"UTC", "2025", "2025", "2024-01-01T00:00:00Z", "2024-12-31T23:59:59Z"},
		{"UTC", "2025-01", "2025-02", "2024-11-03T00:00:00Z", "2024-12-31T23:59:59Z"},
		{"UTC", "2025-03-10", "2025-03-12", "2025-03-07T00:00:00Z", "2025-03-09T23:59:59Z"},
		{"UTC", "2025-03-04", "2025-03-10", "2025-02-25T00:00:00Z", "2025-03-03T23:59:59Z"},
		{"UTC", "2025-03-10T12:00:00Z", "2025-03-10T17:59:59Z", "2025-03-10T06:00:00Z", "2025-03-10T11:59:59Z"},
		{"Europe/Berlin", "2025-03-30", "2025-03-30", "2025-03-29T00:00:00+01:00", "2025-03-29T23:59:59+01:00"},
		{"Europe/Berlin", "2025-03-29", "2025-03-31", "2025-03-26T00:00:00+01:00", "2025-03-28T23:59:59+01:00"},
		{"America/Sao_Paulo", "2018-11-05", "2018-11-05", "2018-11-04T01:00:00-02:00", "2018-11-04T23:59:59-02:00"},
	}
	for _, test := range tests {
		zone := mustZone(t, test.zone)
		since, _, err := ParseMoment(test.since, zone, testNow)
		if err != nil {
			t.Fatal(err)
		}
		_, until, err := ParseMoment(test.until, zone, testNow)
		if err != nil {
			t.Fatal(err)
		}
		c := Compare(since, until, zone, testNow)
		from, to := c.PreviousSince, c.PreviousUntil
		got := [2]string{from.Format(time.RFC3339), to.Format(time.RFC3339)}
		if want := [2]string{test.from, test.to}; got != want {
			t.Errorf("%s to %s in %s: got %v, want %v", test.since, test.until, test.zone, got, want)
		}
	}
}

func TestWeekday(t *testing.T) {
	for date := Date(-20_000); date < 20_000; date++ {
		if want := int(date.UTC().Weekday()+6) % 7; date.Weekday() != want {
			t.Fatalf("%s is weekday %d, want %d", Day.Format(int(date)), date.Weekday(), want)
		}
	}
}
