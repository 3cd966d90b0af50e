package render

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"trunkstat/report"
)

// TestFarYears has dates in years that four digits cannot hold, in all formats.
func TestFarYears(t *testing.T) {
	first := time.Date(-1, 3, 4, 5, 6, 7, 0, time.UTC)
	last := time.Date(10000, 3, 4, 5, 6, 7, 0, time.UTC)
	res := blankReport(report.Repository)
	res.Zone = time.UTC
	res.Total = report.Counts{Commits: 2, Authors: 1, First: first, Last: last}
	push(res, row(res.Total, "api"))
	res.Since, res.Until, res.GeneratedAt, res.Coverage.OldestSync = first, last, last, last
	for _, format := range Formats {
		var out bytes.Buffer
		if err := Write(&out, res, format, Options{}); err != nil {
			t.Errorf("%s: %v", format, err)
		}
		want := []string{"-0001-03-04T05:06:07Z", "10000-03-04T05:06:07Z"}
		if format != "csv" && format != "json" {
			want = []string{"-0001-03-04", "10000-03-04"}
		}
		for _, date := range want {
			if !strings.Contains(out.String(), date) {
				t.Errorf("%s has no %s:\n%s", format, date, &out)
			}
		}
		if format == "json" && !json.Valid(out.Bytes()) {
			t.Errorf("this is no JSON: %s", &out)
		}
	}
}
