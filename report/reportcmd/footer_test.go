package reportcmd

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"trunkstat/report/render"
	"trunkstat/store"
)

// TestFooterOnNarrowTerminals breaks the footer at the width of the terminal it goes to, which is
// stdout's for a table there, and else stderr's.
func TestFooterOnNarrowTerminals(t *testing.T) {
	const narrow = 44
	db := store.Open(reportDB(t))
	for name, r := range map[string]*reportRun{
		"stdout": {output: output{format: "table"},
			options: render.Options{Terminal: render.Terminal{Width: narrow}}},
		"stderr": {output: output{format: "csv"}, options: render.Options{FooterWidth: narrow}},
	} {
		var out, errs bytes.Buffer
		r.query.Zone, r.query.ZoneName = time.UTC, "UTC"
		r.db, r.stdout, r.options.Footer = db, &out, &errs
		if err := r.run(context.Background()); err != nil {
			t.Fatal(err)
		}
		footer := errs.String()
		if name == "stdout" {
			footer = out.String()
		}
		const want = " · UTC\ncommitter dates\ndata as of 2026-11-23 09:00; 2 repositories,\nall complete\n"
		if !strings.Contains(footer, want) {
			t.Errorf("on %s: got\n%s\nwant %s", name, footer, want)
		}
	}
}
