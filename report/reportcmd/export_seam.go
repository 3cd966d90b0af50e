package reportcmd

import (
	"github.com/urfave/cli/v2"

	"trunkstat/report"
	"trunkstat/store"
)

// These three stand in for filters.go until it is here; whoever lands it deletes this file.

func filterFlags() []cli.Flag { return nil }

func parseFilters(c *cli.Context) (report.Query, error) {
	return report.Query{Filter: report.Filter{Workspace: c.String("workspace")}}, nil
}

func openDB(c *cli.Context) *store.DB { return store.Open(c.String("db")) }
