//go:build !windows

package calendar

import "time"

// systemZone returns the zone of the machine.
func systemZone() *time.Location { return time.Local }
