package render

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"trunkstat/report"
)

func TestFooter(t *testing.T) {
	tests := []struct {
		name   string
		change func(*report.Result)
		want   string
	}{
		{"whole days", func(*report.Result) {},
			"2025-01-01 to 2025-03-31 · Europe/Berlin · committer dates · " +
				"data as of 2026-11-23 10:00; 2 of 300 repositories incomplete\n"},
		{"one day", func(r *report.Result) { r.Until = day("2025-01-01 23:59:59") },
			"2025-01-01 · Europe/Berlin · "},
		{"part of a day", func(r *report.Result) { r.Since = day("2025-01-01 08:30:00") },
			"2025-01-01 08:30:00 to 2025-03-31 23:59:59 · "},
		{"open end", func(r *report.Result) { r.Until = time.Time{} }, "since 2025-01-01 · "},
		{"open beginning", func(r *report.Result) { r.Since = time.Time{} }, "until 2025-03-31 · "},
		{"open", func(r *report.Result) { r.Since, r.Until = time.Time{}, time.Time{} },
			"all commits, 2025-01-02 to 2025-03-31 · "},
		{"complete", func(r *report.Result) { r.Coverage.Incomplete = 0 },
			"10:00; 300 repositories, all complete\n"},
		{"one repository", func(r *report.Result) { r.Coverage.Repositories, r.Coverage.Incomplete = 1, 1 },
			"10:00; 1 of 1 repository incomplete\n"},
		{"never synced", func(r *report.Result) { r.Coverage.OldestSync = time.Time{} },
			"not every repository was synced; 2 of 300 repositories incomplete\n"},
		{"no repository", func(r *report.Result) { r.Coverage = report.Coverage{} },
			"committer dates · no repository\n"},
		{"notes", func(r *report.Result) { r.Notes = []string{"one \x1b[31mnote", "another"} },
			"incomplete\none note\nanother\n"},
		{"empty", func(r *report.Result) { r.Total = report.Counts{} },
			"incomplete\nno commits match the range and the filters\n"},
		{"gone", func(r *report.Result) {
			r.Coverage.Incomplete, r.Coverage.Gone = 0, 3
			r.Coverage.GoneSync = day("2026-11-02 08:00:00")
		}, "10:00; 297 of 300 repositories complete\n" +
			"3 repositories are no longer listed (data as of 2026-11-02)\n"},
		{"one is gone", func(r *report.Result) { r.Coverage.Gone, r.Coverage.GoneSync = 1, day("2026-11-02 08:00:00") },
			"2 of 300 repositories incomplete\n1 repository is no longer listed (data as of 2026-11-02)\n"},
		{"gone, never synced", func(r *report.Result) { r.Coverage.Gone = 1 },
			"1 repository is no longer listed\n"},
		{"listing incomplete", func(r *report.Result) {
			r.Coverage.Incomplete, r.Coverage.IncompleteListings = 0, []string{"acme"}
		}, "10:00; 300 repositories\nthe last listing of acme was incomplete\n"},
		{"names", func(r *report.Result) { r.Incomplete = []string{"api", "w\x1b[31meb"} },
			"2 of 300 repositories incomplete\nincomplete: api, web\n"},
		{"many names", func(r *report.Result) {
			r.Coverage.Incomplete, r.Incomplete = 13, strings.Split("a b c d e f g h i j k l m", " ")
		}, "incomplete: a, b, c, d, e, f, g, h, i, j and 3 more\n"},
		{"not over", func(r *report.Result) { r.Partial = []report.Partial{{Period: "2026-11", NotOver: true}} },
			"incomplete\n2026-11 is not over\n"},
		{"cut", func(r *report.Result) {
			r.Partial = []report.Partial{{Period: "2026-Q1"}, {Period: "2026-Q4", NotOver: true}}
			r.Notes = []string{"one note"}
		}, "incomplete\n2026-Q4 is not over\n2026-Q1 is cut by the range\none note\n"},
		{"both ends", func(r *report.Result) {
			r.Partial = []report.Partial{{Period: "2025-12-30"}, {Period: "2026-02-02"}}
		}, "incomplete\n2025-12-30 and 2026-02-02 are cut by the range\n"},
		{"four periods", func(r *report.Result) {
			r.Partial = []report.Partial{{Period: "2025"}, {Period: "2025-Q2"}, {Period: "2025-05"}, {Period: "2025-W20"}}
		}, "incomplete\n2025, 2025-Q2, 2025-05 and 2025-W20 are cut by the range\n"},
		{"many periods", func(r *report.Result) {
			for i := range 1234 {
				r.Partial = append(r.Partial, report.Partial{Period: fmt.Sprint(2026 + i), NotOver: true})
			}
		}, "incomplete\n2026 and 1,233 more periods are not over\n"},
		{"freshness in the zone", func(r *report.Result) { r.Zone = time.UTC },
			"data as of 2026-11-23 09:00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res := blankReport(report.Repository)
			res.Total = counts(5, 0, 1)
			tt.change(res)
			if got := Footer(res); !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q in it", got, tt.want)
			}
		})
	}
}
