// Sqlite is the yardstick SQLite: "fill COMMITS FILE bare|keyed" writes the sample as a database,
// "ask FILE SQL" prints what it answers as CSV. The table is called commits.
package main

import (
	"database/sql"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"strconv"

	_ "github.com/mattn/go-sqlite3"

	"trunkstat/report/yardstick/sample"
)

// The table has the columns that trunkstat stores, hashes as raw bytes,
// repositories as numbers. Bare, it is the smallest
// that SQLite can make of them, and finds nothing by hash. Keyed, it keeps each commit of a
// repository once, as trunkstat does, and has an index that answers reports without the messages.
var schemas = map[string][2]string{
	"bare": {`CREATE TABLE commits (repository INTEGER, hash BLOB, parents BLOB, date INTEGER,
		author TEXT, message TEXT, is_merge AS (length(parents) > 20))`, ``},
	"keyed": {`CREATE TABLE commits (repository INTEGER, hash BLOB, parents BLOB, date INTEGER,
		author TEXT, message TEXT, is_merge AS (length(parents) > 20),
		PRIMARY KEY (repository, hash)) WITHOUT ROWID`,
		`CREATE INDEX counting ON commits (repository, date, author, is_merge)`},
}

func main() {
	var err error
	switch os.Args[1] {
	case "fill":
		err = fill(os.Args[2], os.Args[3], schemas[os.Args[4]])
	case "ask":
		err = ask(os.Args[2], os.Args[3])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "sqlite:", err)
		os.Exit(1)
	}
}

func fill(total, file string, schema [2]string) error {
	n, err := strconv.Atoi(total)
	if err != nil {
		return err
	}
	db, err := sql.Open("sqlite3", "file:"+file+"?_sync=0&_journal=OFF")
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.Exec(schema[0]); err != nil {
		return err
	}
	if err := insert(db, n); err != nil {
		return err
	}
	_, err = db.Exec(schema[1] + "; ANALYZE; VACUUM")
	return err
}

func insert(db *sql.DB, n int) error {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	put, err := tx.Prepare(`INSERT INTO commits VALUES (?, ?, ?, ?, ?, ?)`)
	if err != nil {
		return err
	}
	number := -1
	for _, commits := range sample.Workspace(n) {
		number++
		for _, c := range commits {
			var parents []byte
			for _, parent := range c.Parents {
				parents = append(parents, parent[:]...)
			}
			if _, err := put.Exec(number, c.Hash[:], parents, c.Date, c.Author.Raw, c.Message); err != nil {
				return err
			}
		}
	}
	return tx.Commit()
}

func ask(file, query string) error {
	db, err := sql.Open("sqlite3", "file:"+file+"?mode=ro&_query_only=1")
	if err != nil {
		return err
	}
	rows, err := db.Query(query)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	out := csv.NewWriter(os.Stdout)
	if err := out.Write(columns); err != nil {
		return err
	}
	values, into := make([]sql.RawBytes, len(columns)), make([]any, len(columns))
	texts := make([]string, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for i := range values {
			texts[i] = string(values[i])
		}
		if err := out.Write(texts); err != nil {
			return err
		}
	}
	out.Flush()
	return errors.Join(rows.Err(), out.Error())
}
