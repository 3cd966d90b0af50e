package main

import (
	"context"
	"database/sql"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"trunkstat/store"
)

const (
	repositories = 200
	people       = 2000
	seconds      = 10 * 365 * 86400
)

// end is when the last commit was made.
var end = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// A filler writes the same commits to a database of trunkstat, a CSV file for DuckDB, and a table of
// SQLite. They are those of a workspace with a long history: the largest repository has a thirteenth of all
// commits, most people are at home in a few repositories, one commit in seven is a merge, and hashes are
// random, as hashes are.
type filler struct {
	db    *store.DB
	table *csv.Writer
	lite  *sql.Tx
	rng   *rand.Rand
}

func fill(dir string, total int) error {
	file, err := os.Create(filepath.Join(dir, "commits.csv"))
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	liteDB, err := sql.Open("sqlite3", "file:"+filepath.Join(dir, "new-"+sqlite)+"?_sync=0&_journal=OFF")
	if err != nil {
		return err
	}
	defer liteDB.Close()
	_, err = liteDB.Exec(`CREATE TABLE commits (repository INTEGER, hash BLOB, parents BLOB, date INTEGER,
		author TEXT, message TEXT, is_merge AS (length(parents) > 20),
		PRIMARY KEY (repository, hash)) WITHOUT ROWID`)
	if err != nil {
		return err
	}
	f := filler{
		db: store.Open(filepath.Join(dir, database)), table: csv.NewWriter(file), rng: rand.New(rand.NewPCG(1, 2)),
	}
	if f.lite, err = liteDB.Begin(); err != nil {
		return err
	}
	for i := range repositories {
		if err := f.repository(i, max(2, int(float64(total)/float64(i+3)/weights))); err != nil {
			return err
		}
	}
	f.table.Flush()
	if err := errors.Join(f.table.Error(), f.lite.Commit()); err != nil {
		return err
	}
	if _, err := liteDB.Exec("VACUUM"); err != nil {
		return err
	}
	duck, err := sql.Open("duckdb", "")
	if err != nil {
		return err
	}
	defer duck.Close()
	_, err = duck.Exec(fmt.Sprintf(`COPY (SELECT * REPLACE (make_timestamp(date * 1000000) AS date,
		is_merge = 1 AS is_merge) FROM read_csv('%s', header = false, names = ['workspace',
		'project', 'repository', 'hash', 'parents', 'is_merge', 'date', 'author', 'message']))
		TO '%s' (FORMAT parquet, COMPRESSION zstd)`, file.Name(), filepath.Join(dir, parquet)))
	return errors.Join(err, os.Rename(filepath.Join(dir, "new-"+sqlite), filepath.Join(dir, sqlite)))
}

// weights is the sum of 1/(i+3) over the repositories.
var weights = func() (sum float64) {
	for i := range repositories {
		sum += 1 / float64(i+3)
	}
	return sum
}()

// repository makes a repository of n commits and writes it everywhere.
func (f *filler) repository(i, n int) error {
	commits := f.history(i, n)
	repo := store.Repository{
		UUID: store.UUID(fmt.Sprintf("{%08x-0000-4000-8000-000000000000}", i)), Workspace: "acme",
		Slug: fmt.Sprintf("service-%03d", i), Project: fmt.Sprintf("P%02d", i%12), MainBranch: "main",
		LastSync: end, Head: commits[0].Hash, Roots: []store.Hash{commits[n-1].Hash},
	}
	for batch := range slices.Chunk(commits, 2_000) { // as a sync stores them
		err := f.db.Update(context.Background(), func(tx *store.Tx) error {
			if err := tx.PutRepository(repo); err != nil {
				return err
			}
			_, err := tx.PutCommits(repo.UUID, batch)
			return err
		})
		if err != nil {
			return err
		}
	}
	for _, c := range commits {
		var parents []byte
		for _, parent := range c.Parents {
			parents = append(parents, parent[:]...)
		}
		_, err := f.lite.Exec("INSERT INTO commits VALUES (?, ?, ?, ?, ?, ?)", i, c.Hash[:], parents, c.Date,
			c.Author.Raw, c.Message)
		if err != nil {
			return err
		}
		err = f.table.Write([]string{repo.Workspace, repo.Project, repo.Slug, c.Hash.String(),
			fmt.Sprint(c.Parents), strconv.Itoa(max(0, len(c.Parents)-1)), strconv.FormatInt(c.Date, 10), c.Author.Raw,
			c.Message})
		if err != nil {
			return err
		}
	}
	return nil
}

// history makes commits from the newest to the oldest.
func (f *filler) history(repo, n int) []store.Commit {
	commits := make([]store.Commit, n)
	for i := range commits {
		for j := 0; j < 20; j += 4 {
			binary.BigEndian.PutUint32(commits[i].Hash[j:], f.rng.Uint32())
		}
	}
	for i := range commits {
		author := (repo*10 + f.rng.IntN(12)) % people
		if f.rng.IntN(8) == 0 {
			author = f.rng.IntN(people)
		}
		c := &commits[i]
		c.Date = end.Unix() - int64(seconds)*int64(i)/int64(n) - 1 - f.rng.Int64N(6*3600)
		c.Author.Raw = fmt.Sprintf("Person %d <person.%d@example.com>", author, author)
		if i+1 < n {
			c.Parents = []store.Hash{commits[i+1].Hash}
		}
		if i+2 < n && f.rng.IntN(7) == 0 {
			c.Parents = append(c.Parents, commits[min(i+2+f.rng.IntN(20), n-1)].Hash)
		}
		for range 3 + f.rng.IntN(25) { // 90 bytes on average
			c.Message += words[f.rng.IntN(len(words))] + " "
		}
	}
	return commits
}

var words = strings.Fields("account add before branch cache check client commit fix for handle in index " +
	"invoice of order payment refactor request retry session test the timeout to update " +
	"upload user when with worker")
