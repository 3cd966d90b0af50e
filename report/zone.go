package report

import (
	"os"
	"strings"
	"time"
	_ "time/tzdata" // zones on machines without a zone database, Windows first
)

// LoadZone finds a time zone: "local", or a name of the IANA database such as Europe/Berlin or
// UTC. The second result is the name to show, which for the local zone is its own, where the
// system tells it.
func LoadZone(name string) (*time.Location, string, error) {
	if strings.EqualFold(name, "local") {
		return time.Local, zoneName(time.Local, time.Now()), nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" {
		return nil, "", misuse("unknown time zone %q: give local, UTC or a name such as "+
			"Europe/Berlin", name)
	}
	return zone, zone.String(), nil
}

// zoneName is a zone's name. The local zone mostly calls itself "Local", which tells the reader
// of a forwarded report nothing, so its real name is looked for.
func zoneName(zone *time.Location, now time.Time) string {
	if name := zone.String(); name != "Local" {
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
