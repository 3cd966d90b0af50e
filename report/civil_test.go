package report

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// TestCivil holds the calendar against package time over a thousand years.
func TestCivil(t *testing.T) {
	for day := int64(-200_000); day < 200_000; day++ {
		date := time.Unix(day*daySeconds, 0).UTC()
		year, month, dayOfMonth := dateOf(day)
		if int(year) != date.Year() || int(month) != int(date.Month()) || int(dayOfMonth) != date.Day() {
			t.Fatalf("day %d is %d-%d-%d, want %s", day, year, month, dayOfMonth, date)
		}
		if back := dayOf(year, month, dayOfMonth); back != day {
			t.Fatalf("%s is day %d, want %d", date, back, day)
		}
		isoYear, isoNumber := date.ISOWeek()
		if y, n := isoWeek(weekOf(day)); int(y) != isoYear || int(n) != isoNumber {
			t.Fatalf("%s is in week %d of %d, want %d of %d", date, n, y, isoNumber, isoYear)
		}
		if weekday := weekdayOf(day); time.Weekday((weekday+1)%7) != date.Weekday() {
			t.Fatalf("%s is weekday %d, want %s", date, weekday, date.Weekday())
		}
	}
}

func TestPeriods(t *testing.T) {
	for _, dim := range []Dimension{Day, Week, Month, Quarter, Year} {
		last := dim.periodOf(-100_000)
		for day := int64(-100_000); day < 100_000; day++ {
			period := dim.periodOf(day)
			if period != last && period != last+1 {
				t.Fatalf("%s: day %d is in period %d after %d", dim, day, period, last)
			}
			if first := dim.firstDay(period); period != last && first != day || dim.periodOf(first) != period {
				t.Fatalf("%s: period %d begins on day %d, want %d", dim, period, first, day)
			}
			last = period
		}
	}
}

func TestPeriodTexts(t *testing.T) {
	tests := []struct {
		date                             string
		year, quarter, month, week, wday string
	}{
		{"2025-03-31", "2025", "2025-Q1", "2025-03", "2025-W14", "Monday"},
		{"2024-12-30", "2024", "2024-Q4", "2024-12", "2025-W01", "Monday"},
		{"2023-12-31", "2023", "2023-Q4", "2023-12", "2023-W52", "Sunday"},
		{"2021-01-03", "2021", "2021-Q1", "2021-01", "2020-W53", "Sunday"},
		{"1969-12-31", "1969", "1969-Q4", "1969-12", "1970-W01", "Wednesday"},
		{"0044-03-15", "0044", "0044-Q1", "0044-03", "0044-W11", "Tuesday"},
	}
	for _, test := range tests {
		date, err := time.Parse(time.DateOnly, test.date)
		if err != nil {
			t.Fatal(err)
		}
		day := civilDay(date, time.UTC)
		got := ""
		for _, dim := range []Dimension{Day, Year, Quarter, Month, Week, Weekday} {
			got += dim.write(dim.periodOf(day)) + " "
		}
		want := fmt.Sprintln(test.date, test.year, test.quarter, test.month, test.week, test.wday)
		if got != want[:len(want)-1]+" " {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got := Day.write(dayOf(-44, 3, 15)); got != "-0044-03-15" {
		t.Errorf("44 BC is %q", got)
	}
	if got := Day.write(dayOf(12345, 12, 1)); got != "12345-12-01" {
		t.Errorf("the year 12345 is %q", got)
	}
	if got := Hour.write(7); got != "07" {
		t.Errorf("7 o'clock is %q", got)
	}
}

func TestMonthsBefore(t *testing.T) {
	tests := []struct {
		date   string
		months int64
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
		if got := Day.write(monthsBefore(civilDay(date, time.UTC), test.months)); got != test.want {
			t.Errorf("%d months before %s: got %s, want %s", test.months, test.date, got, test.want)
		}
	}
}

// TestAppendTime holds times as they are written against package time.
func TestAppendTime(t *testing.T) {
	rng := rand.New(rand.NewPCG(23, 23))
	for _, name := range append(testZones, "America/Toronto", "Asia/Manila", "Africa/Monrovia") {
		zone := mustZone(t, name)
		c := newClock(zone)
		dates := []int64{-1 << 62, 1 << 62, -62167219201, -62167219200, 253402300799, 253402300800}
		for range 20_000 {
			dates = append(dates, rng.Int64N(1<<(1+rng.IntN(40)))-rng.Int64N(1<<(1+rng.IntN(38))))
		}
		for _, date := range dates {
			want := time.Unix(date, 0).In(zone).Format(time.RFC3339)
			if got := string(c.appendTime(nil, date)); got != want {
				t.Fatalf("%s: %d is %s, want %s", name, date, got, want)
			}
		}
	}
}
