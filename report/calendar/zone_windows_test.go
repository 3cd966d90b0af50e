package calendar

import (
	"testing"
	"time"

	"github.com/thlib/go-timezone-local/tzlocal"
)

// TestWindowsZones holds the library's table against the zones that the program carries.
func TestWindowsZones(t *testing.T) {
	for windows, name := range tzlocal.WinTZtoIANA {
		if _, err := time.LoadLocation(name); err != nil {
			t.Errorf("%s: %v", windows, err)
		}
	}
}

// TestSystemZone: the zone of the machine is one that knows the rules of past years, which time.Local does
// not.
func TestSystemZone(t *testing.T) {
	if zone := systemZone(); zone == time.Local {
		t.Error("the zone that Windows is set to was not found")
	}
	istanbul, err := time.LoadLocation(tzlocal.WinTZtoIANA["Turkey Standard Time"])
	if err != nil {
		t.Fatal(err)
	}
	for year, want := range map[int]int{2015: 2 * 3600, 2017: 3 * 3600} {
		if _, offset := time.Date(year, 1, 15, 12, 0, 0, 0, istanbul).Zone(); offset != want {
			t.Errorf("in January %d the offset is %d", year, offset)
		}
	}
}
