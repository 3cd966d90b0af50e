package reportcmd

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"trunkstat/report"
	"trunkstat/report/people"
	"trunkstat/store"
)

// A sampleWorld is a database, and what an export of all its commits must be, put together
// without the code under test: the values of each row under the names of the contract.
type sampleWorld struct {
	db    *store.DB
	repos []store.Repository
	want  []sampleRow
}

type sampleRow struct {
	repo store.Repository
	c    store.Commit
	v    map[string]string
}

const contractColumns = "workspace,repository,repository_uuid,hash,date,author_name,author_email," +
	"author_uuid,author_raw,is_merge,parents,subject,message,source_url"

var sampleAuthors = []struct{ name, email, uuid, raw string }{
	{"Ann Example", "ann@example.com", "{aaaa}", "Ann Example <ann@example.com>"},
	{"Ann Example", "ann@home.example", "", "Ann Example <ann@home.example>"},
	{"=cmd|' /C calc'!A0", "evil@example.com", "", "=cmd|' /C calc'!A0 <evil@example.com>"},
	{"小林, 太郎", "taro@example.jp", "{bbbb}", "小林, 太郎 <taro@example.jp>"},
	{"ci-bot", "", "", "ci-bot"},
	{"", "+only@example.com", "", "<+only@example.com>"},
}

var sampleMessages = []struct{ subject, message string }{
	{"fix", "fix"},
	{"one", "one\n\ntwo \"quoted\", and a comma\n"},
	{"crlf", "crlf\r\nsecond\rthird\n"},
	{"", ""},
	{"later", "\n  \n  later  \nrest"},
	{"-dash", "-dash"},
	{"@at\tß 🚀 end", "@at\tß 🚀 end"},
	{"+plus", "+plus"},
	{"tab", "\ttab"},
	{"cr", "\rcr"},
	{"=1+1", "=1+1"},
	{"<b>&amp;</b>\u2028x\\", "<b>&amp;</b>\u2028x\\"},
}

// newSampleWorld stores n commits in each of the repositories, and a boundary in each, in
// batches that do not follow the dates.
func newSampleWorld(t testing.TB, n int, fullNames ...string) *sampleWorld {
	t.Helper()
	w := &sampleWorld{db: store.Open(filepath.Join(t.TempDir(), "t.db"))}
	rng := rand.New(rand.NewPCG(1, uint64(n)))
	for i, name := range fullNames {
		ws, slug, _ := strings.Cut(name, "/")
		w.repos = append(w.repos, store.Repository{
			UUID: store.UUID(fmt.Sprintf("{%04d}", i)), Workspace: ws, Slug: slug, MainBranch: "main",
			Head: store.Hash{1}, LastSync: time.Unix(1_700_000_000, 0).UTC(),
		})
		w.fill(t, w.repos[i], n, rng)
	}
	slices.SortFunc(w.want, func(a, b sampleRow) int {
		return cmp.Or(cmp.Compare(a.repo.Workspace, b.repo.Workspace),
			cmp.Compare(a.repo.Slug, b.repo.Slug), cmp.Compare(a.repo.UUID, b.repo.UUID),
			cmp.Compare(a.c.Date, b.c.Date), bytes.Compare(a.c.Hash[:], b.c.Hash[:]))
	})
	return w
}

func (w *sampleWorld) fill(t testing.TB, repo store.Repository, n int, rng *rand.Rand) {
	t.Helper()
	var batch []store.Commit
	for range n {
		row := sampleCommit(repo, rng)
		w.want = append(w.want, row)
		batch = append(batch, row.c)
	}
	batch = append(batch, store.Commit{Hash: sampleHash(rng), Date: 1_600_000_000, Boundary: true})
	w.update(t, func(tx *store.Tx) error {
		if err := tx.PutRepository(repo); err != nil {
			return err
		}
		_, err := tx.PutCommits(repo.UUID, batch)
		return err
	})
}

func (w *sampleWorld) update(t testing.TB, f func(*store.Tx) error) {
	t.Helper()
	if err := w.db.Update(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

func sampleHash(rng *rand.Rand) (h store.Hash) {
	for i := 0; i < 16; i += 8 {
		binary.BigEndian.PutUint64(h[i:], rng.Uint64())
	}
	return h
}

// sampleCommit makes a commit with one of few dates, so that many dates are equal.
func sampleCommit(repo store.Repository, rng *rand.Rand) sampleRow {
	a := sampleAuthors[rng.IntN(len(sampleAuthors))]
	m := sampleMessages[rng.IntN(len(sampleMessages))]
	c := store.Commit{
		Hash:    sampleHash(rng),
		Date:    1_600_000_000 + int64(rng.IntN(2_000))*40_000,
		Author:  store.Author{Raw: a.raw, UUID: a.uuid},
		Message: m.message,
	}
	var parents []string
	for range rng.IntN(4) {
		p := sampleHash(rng)
		c.Parents = append(c.Parents, p)
		parents = append(parents, fmt.Sprintf("%x", p[:]))
	}
	hash := fmt.Sprintf("%x", c.Hash[:])
	return sampleRow{repo, c, map[string]string{
		"workspace": repo.Workspace, "repository": repo.Slug, "repository_uuid": string(repo.UUID),
		"hash": hash, "date": time.Unix(c.Date, 0).UTC().Format("2006-01-02T15:04:05Z"),
		"author_name": a.name, "author_email": a.email, "author_uuid": a.uuid, "author_raw": a.raw,
		"is_merge": fmt.Sprint(len(parents) > 1), "parents": strings.Join(parents, " "),
		"subject": m.subject, "message": m.message,
		"source_url": fmt.Sprintf("https://bitbucket.org/%s/%s/commits/%s", repo.Workspace,
			repo.Slug, hash),
	}}
}

// export exports the world's commits to memory, or to path.
func (w *sampleWorld) export(t testing.TB, e export) []byte {
	t.Helper()
	var b bytes.Buffer
	e.stdout = &b
	e.db = w.db
	if e.limits == (limits{}) {
		e.limits = exportLimits
	}
	if err := exportCommits(t.Context(), &e); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// reader begins an export of all commits.
func (w *sampleWorld) reader(t testing.TB, l limits) *commitExport {
	t.Helper()
	r := &commitExport{export: &export{db: w.db, limits: l}}
	err := w.db.View(t.Context(), func(tx *store.Tx) (err error) {
		r.scope, err = report.NewScope(tx, r.query)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	r.repos = r.scope.Repositories
	return r
}

// copyTo writes all commits to a table.
func (r *commitExport) copyTo(t testing.TB, to table[commitRow]) {
	t.Helper()
	if err := r.writeAll(t.Context(), to); err != nil {
		t.Fatal(err)
	}
}

// A tableFunc is called with the rows of each read.
type tableFunc func(rows []commitRow) error

func (f tableFunc) Write(rows []commitRow) error { return f(rows) }
func (tableFunc) Close() error                   { return nil }

// wantRows compares rows with what is wanted, and tells the first difference only.
func wantRows(t *testing.T, got []map[string]string, want []sampleRow) {
	t.Helper()
	for i := range min(len(got), len(want)) {
		for _, column := range strings.Split(contractColumns, ",") {
			if g, w := got[i][column], want[i].v[column]; g != w {
				t.Fatalf("row %d: %s is %q, want %q", i, column, g, w)
			}
		}
	}
	if len(got) != len(want) {
		t.Fatalf("got %d rows, want %d", len(got), len(want))
	}
}

// kept is the wanted rows that f keeps.
func kept(rows []sampleRow, f func(sampleRow) bool) []sampleRow {
	return slices.DeleteFunc(slices.Clone(rows), func(r sampleRow) bool { return !f(r) })
}

func mustMailmap(t *testing.T, s string) *people.Mailmap {
	t.Helper()
	m, err := people.ParseMailmap(strings.NewReader(s))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// A failingWriter takes so many bytes, then fails.
type failingWriter struct {
	left int
	err  error
}

func (w *failingWriter) Write(p []byte) (int, error) {
	if len(p) > w.left {
		return 0, w.err
	}
	w.left -= len(p)
	return len(p), nil
}

var _ io.Writer = (*failingWriter)(nil)
