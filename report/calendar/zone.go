package calendar

import (
	"fmt"
	"os"
	"strings"
	"time"
	_ "time/tzdata" // zones on machines without a zone database, Windows first
)

// LoadZone returns a time zone: "local", or a name of the IANA database such as Europe/Berlin or UTC. The
// second result is the name to show, which for the local zone is its own, where the system tells it.
//
// getenv answers for TZ, which decides what is local. A TZ that is not the name or the file of a zone is an
// error: package time takes it for UTC without a word, and the numbers of each day would be wrong.
func LoadZone(name string, getenv func(string) string) (*time.Location, string, error) {
	if strings.EqualFold(name, "local") {
		return loadLocal(getenv("TZ"))
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" || zone == time.Local {
		return nil, "", fmt.Errorf("unknown time zone %q; use local, UTC or a name such as Europe/Berlin", name)
	}
	return zone, zone.String(), nil
}

// loadLocal reads TZ as package time does. That reads it once, from the environment alone, and tells of no
// error.
func loadLocal(tz string) (*time.Location, string, error) {
	file := strings.TrimPrefix(tz, ":")
	switch {
	case file == "":
		zone := systemZone()
		return zone, ZoneName(zone, time.Now()), nil
	case strings.HasPrefix(file, "/"):
		if data, err := os.ReadFile(file); err == nil {
			if zone, err := time.LoadLocationFromTZData(file, data); err == nil {
				return zone, ZoneName(zone, time.Now()), nil
			}
		}
	default:
		if zone, err := time.LoadLocation(file); err == nil && zone != time.Local {
			return zone, zone.String(), nil
		}
	}
	return nil, "", fmt.Errorf("unknown time zone %q in TZ; use UTC or a name such as Europe/Berlin", tz)
}

// ZoneName returns a zone's name. The local zone mostly calls itself "Local", which tells the reader of a
// forwarded report nothing, so its real name is looked for; else its offset stands for it.
func ZoneName(zone *time.Location, now time.Time) string {
	name := zone.String()
	if strings.HasPrefix(name, "/") { // a file named by TZ
		if _, inside, found := strings.Cut(name, "zoneinfo/"); found {
			return inside
		}
		return name
	}
	if name != "Local" {
		return name
	}
	if target, err := os.Readlink("/etc/localtime"); err == nil {
		if _, name, found := strings.Cut(target, "zoneinfo/"); found && name != "" {
			return name
		}
	}
	abbreviation, _ := now.In(zone).Zone()
	if strings.ContainsAny(abbreviation, "+-") || abbreviation == "UTC" {
		return now.In(zone).Format("UTC-07:00")
	}
	return now.In(zone).Format("MST (UTC-07:00)")
}
