// Duckdb is the yardstick DuckDB: "fill COMMITS FILE" writes the sample as Parquet, "ask FILE SQL"
// prints what it answers as CSV. The table is called commits.
package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"

	"trunkstat/report/yardstick/sample"
)

func main() {
	var err error
	switch os.Args[1] {
	case "fill":
		err = fill(os.Args[2], os.Args[3])
	case "ask":
		err = ask(os.Args[2], os.Args[3])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "duckdb:", err)
		os.Exit(1)
	}
}

func ask(file, query string) error {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return err
	}
	_, err = db.Exec(fmt.Sprintf(`CREATE VIEW commits AS FROM read_parquet('%s');
		COPY (%s) TO '/dev/stdout' (FORMAT csv)`, file, query))
	return err
}

func fill(total, file string) error {
	n, err := strconv.Atoi(total)
	if err != nil {
		return err
	}
	defer os.Remove(file + ".duckdb")
	connector, err := duckdb.NewConnector(file+".duckdb", nil)
	if err != nil {
		return err
	}
	defer connector.Close()
	db := sql.OpenDB(connector)
	defer db.Close()
	if _, err := db.Exec(`CREATE TABLE commits (workspace VARCHAR, project VARCHAR, repository VARCHAR,
		hash VARCHAR, parents VARCHAR, is_merge BOOLEAN, date TIMESTAMP, author VARCHAR,
		message VARCHAR)`); err != nil {
		return err
	}
	if err := insert(connector, n); err != nil {
		return err
	}
	_, err = db.Exec(fmt.Sprintf(
		`COPY commits TO '%s' (FORMAT parquet, COMPRESSION zstd)`, file))
	return err
}

func insert(connector driver.Connector, n int) error {
	connection, err := connector.Connect(context.Background())
	if err != nil {
		return err
	}
	defer connection.Close()
	appender, err := duckdb.NewAppenderFromConn(connection, "", "commits")
	if err != nil {
		return err
	}
	for repo, commits := range sample.Workspace(n) {
		for _, c := range commits {
			parents := make([]string, len(c.Parents))
			for i, parent := range c.Parents {
				parents[i] = parent.String()
			}
			if err := appender.AppendRow(repo.Workspace, repo.Project, repo.Slug, c.Hash.String(),
				strings.Join(parents, " "), c.IsMerge(), time.Unix(c.Date, 0).UTC(), c.Author.Raw,
				c.Message); err != nil {
				return err
			}
		}
	}
	return appender.Close()
}
