package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

// bigFile is built once: one million commits in 200 repositories.
var bigFile = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "trunkstat-bench")
	return filepath.Join(dir, "trunkstat.db"), err
})

const bigRepositories, bigCommits = 200, 5000

func big(b *testing.B) *DB {
	b.Helper()
	path, err := bigFile()
	if err != nil {
		b.Fatal(err)
	}
	db := Open(path)
	if _, err := os.Stat(path); err != nil {
		fill(b, db, bigRepositories, bigCommits)
	}
	return db
}

// BenchmarkPutCommits stores pages of 100 commits in one repository, some to a transaction.
func BenchmarkPutCommits(b *testing.B) {
	for _, pages := range []int{1, 5, 20, 50} {
		b.Run(fmt.Sprintf("pages=%d", pages), func(b *testing.B) { benchmarkPut(b, pages) })
	}
}

func benchmarkPut(b *testing.B, pages int) {
	db := newDB(b)
	h := newHistory(1, 300)
	b.ReportAllocs()
	n, putting := 0, time.Duration(0)
	for n < b.N {
		b.StopTimer()
		commits := h.take(100 * pages)
		b.StartTimer()
		update(b, db, func(tx *Tx) error {
			for page := range slices.Chunk(commits, 100) {
				begun := time.Now()
				if _, err := tx.PutCommits("{u}", page); err != nil {
					return err
				}
				putting += time.Since(begun)
				n += len(page)
			}
			return nil
		})
	}
	b.ReportMetric(float64(putting.Nanoseconds())/float64(n), "put-ns/op") // the rest is bbolt's commit
}

// BenchmarkBlocks counts one million commits, as a report does; ns/op is for all of them.
func BenchmarkBlocks(b *testing.B) {
	db := big(b)
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		commits, sum := 0, int64(0)
		view(b, db, func(tx *Tx) error {
			for i := range bigRepositories {
				for f, err := range tx.Blocks(uuidOf(i)) {
					if err != nil {
						return err
					}
					commits += len(f.Dates)
					for _, date := range f.Dates {
						sum += date
					}
				}
			}
			return nil
		})
		if commits != bigRepositories*bigCommits || sum == 0 {
			b.Fatalf("%d commits", commits)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1e6, "ns/commit")
}

// BenchmarkOpen opens the file of one million commits and closes it.
func BenchmarkOpen(b *testing.B) {
	db := big(b)
	b.ResetTimer()
	for range b.N {
		if err := db.View(context.Background(), func(*Tx) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCompact rewrites the file of one million commits.
func BenchmarkCompact(b *testing.B) {
	original := big(b)
	for range b.N {
		b.StopTimer()
		db := newDB(b)
		if err := original.Backup(b.Context(), db.Path()); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		before, after, err := db.Compact(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		const commits = bigRepositories * bigCommits
		b.ReportMetric(float64(before)/commits, "B/commit-before")
		b.ReportMetric(float64(after)/commits, "B/commit-after")
	}
}
