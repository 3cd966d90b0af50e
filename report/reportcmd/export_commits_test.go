package reportcmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"trunkstat/report"
	"trunkstat/store"
)

// TestManyCommits exports more commits than one read has, so that reads end within repositories, within
// days and within one second.
func TestManyCommits(t *testing.T) {
	n := 100_000
	if testing.Short() {
		n = 5_000
	}
	w := newSampleWorld(t, n, "acme/api", "acme/empty", "acme/web")
	want := w.want
	w.reader(t, limits{commits: 700, rows: 997, bytes: 1 << 20}).copyTo(t, tableFunc(func(rows []commitRow) error {
		if len(rows) > 997 {
			return fmt.Errorf("%d rows at once", len(rows))
		}
		for _, r := range rows {
			date, _ := r.Date.MarshalText()
			if len(want) == 0 || r.Hash != want[0].v["hash"] ||
				string(date) != want[0].v["date"] || r.Repository != want[0].v["repository"] {
				return fmt.Errorf("row %v is not the next that is wanted", r)
			}
			want = want[1:]
		}
		return nil
	}))
	if len(want) > 0 {
		t.Errorf("%d rows are missing at the end", len(want))
	}
}

func TestReadsAreBoundedByBytes(t *testing.T) {
	w := &sampleWorld{db: store.Open(t.TempDir() + "/t.db")}
	rng := rand.New(rand.NewPCG(2, 2))
	repo := store.Repository{UUID: "{r}", Workspace: "acme", Slug: "web"}
	long := string(bytes.Repeat([]byte("long "), 20_000))
	var commits []store.Commit
	for i := range 100 {
		commits = append(commits, store.Commit{Hash: sampleHash(rng), Date: int64(i), Message: long})
	}
	w.update(t, func(tx *store.Tx) error {
		if err := tx.PutRepository(repo); err != nil {
			return err
		}
		_, err := tx.PutCommits(repo.UUID, commits)
		return err
	})
	total := 0
	w.reader(t, limits{commits: 700, rows: 1000, bytes: 1 << 20}).copyTo(t, tableFunc(func(rows []commitRow) error {
		if len(rows) > 11 {
			t.Errorf("%d rows of 100 KB in one read", len(rows))
		}
		total += len(rows)
		return nil
	}))
	if total != 100 {
		t.Errorf("%d rows, want 100", total)
	}
}

func TestExportFilters(t *testing.T) {
	w := newSampleWorld(t, 2_000, "acme/api", "acme/web", "zeta/api")
	day := time.Date(2021, 6, 1, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name   string
		filter report.Filter
		keeps  func(sampleRow) bool
	}{
		{"workspace", report.Filter{Workspace: "zeta"},
			func(r sampleRow) bool { return r.repo.Workspace == "zeta" }},
		{"range", report.Filter{Since: day, Until: day.AddDate(0, 2, 0)}, func(r sampleRow) bool {
			d := time.Unix(r.c.Date, 0)
			return !d.Before(day) && !d.After(day.AddDate(0, 2, 0))
		}},
		{"before all", report.Filter{Until: time.Unix(1000, 0)},
			func(sampleRow) bool { return false }},
		{"repository", report.Filter{Repos: []string{"w*"}},
			func(r sampleRow) bool { return r.repo.Slug == "web" }},
		{"merges", report.Filter{Merges: report.Only},
			func(r sampleRow) bool { return len(r.c.Parents) > 1 }},
		{"author", report.Filter{Authors: []string{"taro@example.jp"}},
			func(r sampleRow) bool { return r.v["author_email"] == "taro@example.jp" }},
	} {
		t.Run(test.name, func(t *testing.T) {
			data := w.export(t, export{output: output{format: "csv"}, query: report.Query{Filter: test.filter}})
			wantRows(t, rowsOfCSV(t, data), kept(w.want, test.keeps))
		})
	}
}

func TestExportMailmap(t *testing.T) {
	w := newSampleWorld(t, 200, "acme/web")
	m := mustMailmap(t, "Ann Proper <ann@example.com> <ann@home.example>\nBot <ci-bot>\n")
	for _, r := range w.want {
		if r.v["author_email"] == "ann@home.example" {
			r.v["author_name"], r.v["author_email"] = "Ann Proper", "ann@example.com"
		}
	}
	data := w.export(t, export{output: output{format: "csv"}, query: report.Query{Mailmap: m}})
	wantRows(t, rowsOfCSV(t, data), w.want)
}

// TestExportDuringSync rewrites a repository again and again while it is exported: the export
// goes on, gives out no commit twice, and all that nobody touched.
func TestExportDuringSync(t *testing.T) {
	w := newSampleWorld(t, 4_000, "acme/web")
	repo := w.repos[0]
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- rewrite(ctx, w.db, repo.UUID) }()
	got := map[string]bool{}
	w.reader(t, limits{commits: 700, rows: 50, bytes: 1 << 20}).copyTo(t, tableFunc(func(rows []commitRow) error {
		for _, row := range rows {
			if got[row.Hash] {
				return fmt.Errorf("%s comes twice", row.Hash)
			}
			got[row.Hash] = true
		}
		return nil
	}))
	cancel()
	if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	for _, row := range w.want {
		if row.c.Hash[0] >= 128 && !got[row.v["hash"]] {
			t.Fatalf("%s was there all the time, but is not in the export", row.v["hash"])
		}
	}
}

// rewrite drops commits whose hash begins with a bit of 0, and adds such of new authors.
func rewrite(ctx context.Context, db *store.DB, uuid store.UUID) error {
	rng := rand.New(rand.NewPCG(3, 3))
	for round := byte(0); ; round++ {
		err := db.Update(ctx, func(tx *store.Tx) error {
			var drop []store.Hash
			for c, err := range tx.Commits(uuid) {
				if err != nil {
					return err
				}
				if c.Hash[0] < 128 && c.Hash[0]%2 != round%2 {
					drop = append(drop, c.Hash)
				}
			}
			_, err := tx.DropCommits(uuid, drop)
			if err != nil {
				return err
			}
			var fresh []store.Commit
			for range 50 {
				h := sampleHash(rng)
				h[0] &= 127
				fresh = append(fresh, store.Commit{Hash: h, Date: 1_600_000_000 + rng.Int64N(80_000_000),
					Author: store.Author{Raw: fmt.Sprintf("New %d <new%d@example.com>", rng.Int(), rng.Int())}})
			}
			_, err = tx.PutCommits(uuid, fresh)
			return err
		})
		if err != nil {
			return err
		}
	}
}

// TestExportOfNewAuthors adds a commit of an author who was unknown when the export began, in a
// repository that it has not come to.
func TestExportOfNewAuthors(t *testing.T) {
	w := newSampleWorld(t, 20, "acme/api", "acme/web")
	hash := store.Hash{7}
	var hashes []string
	w.reader(t, limits{commits: 700, rows: 5, bytes: 1 << 20}).copyTo(t, tableFunc(func(rows []commitRow) error {
		if len(hashes) == 0 {
			w.update(t, func(tx *store.Tx) error {
				_, err := tx.PutCommits(w.repos[1].UUID, []store.Commit{{Hash: hash, Date: 1_650_000_000,
					Author: store.Author{Raw: "Late <late@example.com>"}}})
				return err
			})
		}
		for _, row := range rows {
			hashes = append(hashes, row.Hash)
		}
		return nil
	}))
	if !slices.Contains(hashes, hash.String()) {
		t.Error("the commit of the new author is missing")
	}
}

func TestExportIsInterrupted(t *testing.T) {
	w := newSampleWorld(t, 100, "acme/web")
	ctx, cancel := context.WithCancel(t.Context())
	e := export{db: w.db, output: output{format: "csv", stdout: io.Discard}, limits: exportLimits}
	cancel()
	if err := exportCommits(ctx, &e); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestSubject(t *testing.T) {
	for message, want := range map[string]string{
		"": "", "\n \n": "", "one\ntwo": "one", "\r\n  one \r\ntwo": "one", "one": "one",
	} {
		if got := report.Subject(message); got != want {
			t.Errorf("%q: %q, want %q", message, got, want)
		}
	}
}

// BenchmarkExport writes 100,000 commits in each format; the time of one row is told.
func BenchmarkExport(b *testing.B) {
	w := newSampleWorld(b, 50_000, "acme/api", "acme/web")
	for _, format := range []string{"csv", "jsonl", "parquet"} {
		b.Run(format, func(b *testing.B) {
			e := export{db: w.db, output: output{format: format, stdout: io.Discard}, limits: exportLimits}
			for b.Loop() {
				if err := exportCommits(b.Context(), &e); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(w.want)*b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
