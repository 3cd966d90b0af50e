// Yardstick compares trunkstat with DuckDB over Parquet and with SQLite, on the same made-up commits and
// with the same questions, in one run:
//
//	cd report/yardstick && go run . [-commits 1000000] [-runs 5] [-keep DIR]
//
// Each measurement is a whole process, from its start to its end: wall time, CPU time, and the most memory
// that was resident. All three print CSV to a file, and the sums of their answers must be equal. It prints
// Markdown: medians of all runs; a ratio is the median of those within one round, by wall time. The runs
// are interleaved, so that a busy machine is busy for all.
//
// Measured on two cores in three runs, wall ms and MB, the ratio being trunkstat ÷ DuckDB:
//
//	--by                rows  trunkstat     DuckDB  ratio     SQLite
//	workspace              1    37,  36    43,  60   0.89   532,  24
//	project               12    37,  36    46,  64   0.80   550,  24
//	repository           200    38,  37    54,  66   0.69   284,  22
//	author              2000    40,  37    49,  62   0.90   525,  25
//	year                  10    53,  36    53,  65   1.01   817,  24
//	quarter               40    55,  37    71,  67   0.76   963,  24
//	month                120    50,  37    79,  79   0.64   919,  24
//	week                 523    52,  37   101, 108   0.51   752,  24
//	day                 3651    49,  39   136, 142   0.35   724,  24
//	weekday                7    44,  36    49,  62   0.90   627,  24
//	hour                  24    39,  36    56,  66   0.70   613,  24
//	author,month      210718   320,  64   255, 160   1.22  1321,  31
//	repository,day    485636   722, 175   405, 244   1.76  1262,  32
//	author,day        841746  1293, 204   698, 374   1.81  2007,  32
//
// The files are 184 MB after db compact, 190 MB with SQLite, and 76 MB in Parquet (zstd).
//
// It is a module of its own: DuckDB and SQLite need cgo, trunkstat does not.
package main

import (
	"database/sql"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"
	_ "github.com/mattn/go-sqlite3"
)

func main() {
	commits := flag.Int("commits", 1_000_000, "how many `commits` to make up")
	runs := flag.Int("runs", 5, "how often each question is asked")
	keep := flag.String("keep", "", "make the data in `DIR`, or find it there")
	flag.Parse()
	var err error
	switch flag.Arg(0) {
	case "": // the others are for the processes that are started below
		err = run(*commits, *runs, *keep)
	case "fill":
		err = fill(flag.Arg(1), *commits)
	case "duckdb":
		err = askDuckDB(flag.Arg(1), flag.Arg(2))
	case "sqlite":
		err = askSQLite(flag.Arg(1), flag.Arg(2))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "yardstick:", err)
		os.Exit(1)
	}
}

// The files in the folder of the data.
const (
	database = "trunkstat.db"
	parquet  = "commits.parquet"
	sqlite   = "commits.sqlite"
)

func run(commits, runs int, dir string) error {
	if dir == "" {
		temp, err := os.MkdirTemp("", "yardstick")
		if err != nil {
			return err
		}
		defer os.RemoveAll(temp)
		dir = temp
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	program := filepath.Join(dir, "trunkstat")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Dir, build.Env = "../..", append(os.Environ(), "CGO_ENABLED=0")
	if err := command(build); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(dir, sqlite)); errors.Is(err, fs.ErrNotExist) {
		// In a process of its own: what this one has resident is counted for those that it starts.
		err := command(exec.Command(self, "-commits", strconv.Itoa(commits), "fill", dir))
		if err == nil {
			err = command(exec.Command(program, "--db", filepath.Join(dir, database), "db", "compact"))
		}
		if err != nil {
			return err
		}
	}
	for _, name := range []string{database, sqlite, parquet} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		fmt.Printf("%s: %.1f MB\n", name, float64(info.Size())/1e6)
	}
	fmt.Printf("%d commits, %d runs, %s/%s, %d CPUs\n\n| report | rows | trunkstat: wall ms, CPU ms, MB | "+
		"DuckDB | trunkstat ÷ DuckDB | SQLite | trunkstat ÷ SQLite |\n|---|--:|--:|--:|--:|--:|--:|\n",
		commits, runs, runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	for _, by := range []string{"workspace", "project", "repository", "author", "year", "quarter", "month",
		"week", "day", "weekday", "hour", "author,month", "repository,day", "author,day"} {
		err := compare(by, runs, [][]string{
			{program, "--quiet", "--db", filepath.Join(dir, database), "report", "--tz", "UTC", "--format", "csv",
				"--by", by},
			{self, "duckdb", filepath.Join(dir, parquet), query(by, duckdbDims)},
			{self, "sqlite", filepath.Join(dir, sqlite), query(by, sqliteDims)},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// command runs a command whose output is for the user.
func command(cmd *exec.Cmd) error {
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("run %v: %w", cmd.Args, err)
	}
	return nil
}

// What the dimensions are in SQL: the cheapest expressions that give the same groups.
var duckdbDims = map[string]string{
	"year": "year(date)", "quarter": "date_trunc('quarter', date)", "month": "date_trunc('month', date)",
	"week": "date_trunc('week', date)", "day": "date::DATE", "weekday": "isodow(date)", "hour": "hour(date)",
}

var sqliteDims = map[string]string{
	"workspace": "'acme'", "project": "repository % 12",
	"year": "strftime('%Y', date, 'unixepoch')", "month": "strftime('%Y-%m', date, 'unixepoch')",
	"quarter": "strftime('%Y', date, 'unixepoch') * 4 + (strftime('%m', date, 'unixepoch') - 1) / 3",
	"week":    "(date / 86400 + 3) / 7", "day": "date / 86400", "weekday": "(date / 86400 + 3) % 7",
	"hour": "date / 3600 % 24",
}

func query(by string, dims map[string]string) string {
	var columns, numbers []string
	for i, dim := range strings.Split(by, ",") {
		column, ok := dims[dim]
		if !ok {
			column = dim
		}
		columns, numbers = append(columns, column), append(numbers, strconv.Itoa(i+1))
	}
	return "SELECT " + strings.Join(columns, ", ") + `, count(*) AS commits,
		count(*) FILTER (WHERE is_merge) AS merges, count(DISTINCT author) AS authors,
		min(date) AS first_commit, max(date) AS last_commit FROM commits
		GROUP BY ` + strings.Join(numbers, ", ") + " ORDER BY commits DESC"
}

// compare asks all contenders one question, and prints what it took.
func compare(by string, runs int, contenders [][]string) error {
	costs := make([][]cost, len(contenders))
	var first answer
	for round := range runs {
		for i, args := range contenders {
			took, a, err := measure(args)
			if err != nil {
				return err
			}
			if round == 0 && i == 0 {
				first = a
			}
			if a != first {
				return fmt.Errorf("by %s: %s answers %+v, %s %+v", by, contenders[0][0], first, args[1], a)
			}
			costs[i] = append(costs[i], took)
		}
	}
	fmt.Printf("| `--by %s` | %d |", by, first.rows)
	for i, all := range costs {
		fmt.Printf(" %.0f, %.0f, %.0f |", median(all, func(_ int, c cost) float64 { return c.wall }),
			median(all, func(_ int, c cost) float64 { return c.cpu }),
			median(all, func(_ int, c cost) float64 { return c.memory }))
		if i > 0 {
			fmt.Printf(" %.2f |",
				median(all, func(round int, c cost) float64 { return costs[0][round].wall / c.wall }))
		}
	}
	fmt.Println()
	return nil
}

func median(costs []cost, of func(round int, c cost) float64) float64 {
	var numbers []float64
	for round, c := range costs {
		numbers = append(numbers, of(round, c))
	}
	slices.Sort(numbers)
	return numbers[len(numbers)/2]
}

// A cost is what one process took, in milliseconds and MB.
type cost struct{ wall, cpu, memory float64 }

// An answer is what is compared of the CSV that a process printed: sums over all rows with commits.
type answer struct{ rows, commits, merges, authors int }

func measure(args []string) (cost, answer, error) {
	out, err := os.CreateTemp("", "yardstick-*.csv")
	if err != nil {
		return cost{}, answer{}, err
	}
	defer os.Remove(out.Name())
	defer out.Close()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdout, cmd.Stderr = out, os.Stderr
	begin := time.Now()
	if err := cmd.Run(); err != nil {
		return cost{}, answer{}, fmt.Errorf("run %v: %w", args, err)
	}
	c := cost{wall: time.Since(begin).Seconds() * 1e3}
	c.cpu = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds() * 1e3
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		c.memory = float64(usage.Maxrss) / 1e3 // Linux counts in KB
	}
	if _, err := out.Seek(0, io.SeekStart); err != nil {
		return c, answer{}, err
	}
	a, err := sum(csv.NewReader(out))
	return c, a, err
}

func sum(rows *csv.Reader) (a answer, err error) {
	rows.ReuseRecord = true
	header, err := rows.Read()
	if err != nil {
		return a, err
	}
	at := slices.Index(header, "commits") // merges and authors follow
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return a, nil
		}
		if err != nil {
			return a, err
		}
		var n [3]int
		for i := range n {
			if n[i], err = strconv.Atoi(row[at+i]); err != nil {
				return a, err
			}
		}
		a = answer{a.rows + min(n[0], 1), a.commits + n[0], a.merges + n[1], a.authors + n[2]}
	}
}

func askDuckDB(file, query string) error {
	db, err := sql.Open("duckdb", "")
	if err == nil {
		_, err = db.Exec(fmt.Sprintf(`CREATE VIEW commits AS FROM read_parquet('%s');
			COPY (%s) TO '/dev/stdout' (FORMAT csv)`, file, query))
	}
	return err
}

func askSQLite(file, query string) error {
	db, err := sql.Open("sqlite3", "file:"+file+"?mode=ro")
	if err != nil {
		return err
	}
	rows, err := db.Query(query)
	if err != nil {
		return err
	}
	defer rows.Close()
	texts, err := rows.Columns()
	if err != nil {
		return err
	}
	out := csv.NewWriter(os.Stdout)
	values, into := make([]sql.RawBytes, len(texts)), make([]any, len(texts))
	for i := range values {
		into[i] = &values[i]
	}
	for err := out.Write(texts); rows.Next(); err = out.Write(texts) {
		if err = errors.Join(err, rows.Scan(into...)); err != nil {
			return err
		}
		for i := range values {
			texts[i] = string(values[i])
		}
	}
	out.Flush()
	return errors.Join(rows.Err(), out.Error())
}
