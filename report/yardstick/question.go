package main

import (
	"fmt"
	"strings"

	"trunkstat/report/yardstick/sample"
)

// A question is one that all three are asked.
type question struct {
	name  string
	args  []string  // of trunkstat report
	by    []string  // dimensions
	pivot string    // a dimension; empty: none
	where [2]string // of DuckDB and of SQLite
	quick bool
}

func questions() []question {
	list := []question{}
	for _, dim := range []string{"workspace", "project", "repository", "author", "year", "quarter",
		"month", "week", "day", "weekday", "hour"} {
		list = append(list, question{name: "by " + dim, by: []string{dim},
			quick: dim == "repository" || dim == "author" || dim == "month"})
	}
	since := sample.End.AddDate(0, 0, -90)
	repo := sample.Slug(20)
	return append(list,
		question{name: "by author, month", by: []string{"author", "month"}, quick: true},
		question{name: "by repository, day", by: []string{"repository", "day"}},
		question{name: "by author, day", by: []string{"author", "day"}},
		question{name: "by author, pivot month", by: []string{"author"}, pivot: "month", quick: true},
		question{name: "by author, of one repository", by: []string{"author"},
			args: []string{"--repo", repo}, quick: true,
			where: [2]string{"repository = '" + repo + "'", "repository = 20"}},
		question{name: "by repository, the last 90 days", by: []string{"repository"},
			args: []string{"--since", since.Format("2006-01-02")}, quick: true,
			where: [2]string{fmt.Sprintf("date >= '%s'", since.Format("2006-01-02")),
				fmt.Sprintf("date >= %d", since.Unix())}},
	)
}

// report is the command line of trunkstat.
func (q question) report(db string) []string {
	args := []string{"--quiet", "--db", db, "report", "--tz", "UTC", "--format", "csv",
		"--by", strings.Join(q.by, ",")}
	if q.pivot != "" {
		args = append(args, "--pivot", q.pivot)
	}
	return append(args, q.args...)
}

// What the dimensions are in SQL. The yardsticks get the cheapest words that give the same groups.
var duckdbDims = map[string]string{
	"workspace": "workspace", "project": "project", "repository": "repository",
	"author": "author", "year": "year(date)", "quarter": "date_trunc('quarter', date)",
	"month": "date_trunc('month', date)", "week": "date_trunc('week', date)",
	"day": "date::DATE", "weekday": "isodow(date)", "hour": "hour(date)",
}

var sqliteDims = map[string]string{
	"workspace": "1", "project": "repository % 12", "repository": "repository", "author": "author",
	"year":    "strftime('%Y', date, 'unixepoch')",
	"quarter": "strftime('%Y', date, 'unixepoch') * 4 + (strftime('%m', date, 'unixepoch') - 1) / 3",
	"month":   "strftime('%Y-%m', date, 'unixepoch')",
	"week":    "(date / 86400 + 3) / 7", "day": "date / 86400", "weekday": "(date / 86400 + 3) % 7",
	"hour": "date / 3600 % 24",
}

const counts = `count(*) AS commits, count(*) FILTER (WHERE is_merge) AS merges,
	count(DISTINCT author) AS authors, min(date) AS first_commit, max(date) AS last_commit`

func (q question) duckdb() string {
	if q.pivot != "" {
		return fmt.Sprintf(`PIVOT (SELECT %s AS line, %s AS head FROM commits)
			ON head USING count(*) GROUP BY line`, duckdbDims[q.by[0]], duckdbDims[q.pivot])
	}
	return q.sql(duckdbDims, q.where[0])
}

// sqlite is empty for a pivot, for which SQLite has no words.
func (q question) sqlite() string {
	if q.pivot != "" {
		return ""
	}
	return q.sql(sqliteDims, q.where[1])
}

func (q question) sql(dims map[string]string, where string) string {
	var columns, numbers []string
	for i, dim := range q.by {
		columns = append(columns, fmt.Sprintf("%s AS by_%s", dims[dim], dim))
		numbers = append(numbers, fmt.Sprint(i+1))
	}
	query := "SELECT " + strings.Join(columns, ", ") + ", " + counts + " FROM commits"
	if where != "" {
		query += " WHERE " + where
	}
	return query + " GROUP BY " + strings.Join(numbers, ", ") + " ORDER BY commits DESC"
}
