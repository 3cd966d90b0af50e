package calendar

import (
	"time"

	"github.com/thlib/go-timezone-local/tzlocal"
)

// systemZone returns the zone of the IANA database that Windows is set to, such as Europe/Istanbul. In
// time.Local, Go applies the rule of this year to all years there. Where Windows has a zone that the table
// of the library does not know, time.Local has to do.
func systemZone() *time.Location {
	name, err := tzlocal.LocalTZ()
	if err != nil {
		return time.Local
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.Local
	}
	return zone
}
