package reportcmd

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"trunkstat/report/render"
	"trunkstat/store"
	"trunkstat/store/command"
)

// outputFlags are the flags that newOutput reads.
func outputFlags(formats []string) []cli.Flag {
	return append([]cli.Flag{
		command.Enum("format", "", "`FORMAT`", formats...),
		&cli.StringFlag{Name: "output", Aliases: []string{"o"}, TakesFile: true,
			Usage: "write to `FILE`, whose ending says the format"},
	}, command.InMore(
		&cli.BoolFlag{Name: "bom", Usage: "begin CSV with a byte order mark, for Excel"},
		&cli.StringFlag{Name: "delimiter", DefaultText: "a comma",
			Usage: "separate cells of CSV with `C`, one character or tab"},
	)...)
}

// An output is where a command writes, and in which format.
type output struct {
	path   string // "": stdout
	format string
	csv    render.CSVOptions
	term   render.Terminal // what stdout is, if it is written to; zero: a pipe or a file
	stdout io.Writer
}

// newOutput reads the flags, and opens nothing: a file is made when there is something to write. The first of
// the formats is the default.
func newOutput(c *cli.Context, getenv func(string) string, formats []string) (output, error) {
	o := output{path: c.String("output"), format: c.String("format"), stdout: c.App.Writer}
	if c.IsSet("output") && o.path == "" {
		return o, command.Misuse("-o needs the name of a file")
	}
	if o.path == "-" { // stdout, as in tar and curl
		o.path = ""
	}
	if o.path == "" {
		o.term = render.TerminalOf(o.stdout, getenv, c.Bool("no-color"))
	}
	if err := o.setFormat(formats); err != nil {
		return o, err
	}
	if info, err := os.Stat(o.path); err == nil && info.IsDir() {
		return o, command.Misuse("-o %s: is a folder; name a file", o.path)
	}
	return o, o.setCSV(c)
}

// endings are the endings of files, each with the format that it says, in the order in which errors list
// them. Any other is refused, as the file would not be what its name says.
var endings = [][2]string{
	{".csv", "csv"}, {".json", "json"}, {".jsonl", "jsonl"}, {".ndjson", "jsonl"}, {".md", "markdown"},
	{".markdown", "markdown"}, {".html", "html"}, {".htm", "html"}, {".parquet", "parquet"},
}

// setFormat takes the format that the file's ending says if --format was not given. A name without an
// ending, and .txt, say none.
func (o *output) setFormat(formats []string) error {
	ending := strings.ToLower(filepath.Ext(o.path))
	if ending == "" || ending == ".txt" {
		if o.format == "" {
			o.format = formats[0]
		}
		return nil
	}
	said, possible := "", []string{}
	for _, e := range endings {
		if slices.Contains(formats, e[1]) {
			possible = append(possible, e[0])
			if e[0] == ending {
				said = e[1]
			}
		}
	}
	if said == "" {
		return command.Misuse("-o %s: cannot write %s files; use %s", o.path, ending, strings.Join(possible, ", "))
	}
	if o.format != "" && o.format != said {
		return command.Misuse("-o %s: the ending %s contradicts --format %s", o.path, ending, o.format)
	}
	o.format = said
	return nil
}

// setCSV reads the flags for CSV, which are refused with other formats: a script that gives them expects CSV.
// Files and pipes get text as it is, a terminal gets it without control characters.
func (o *output) setCSV(c *cli.Context) (err error) {
	for _, flag := range []string{"bom", "delimiter"} {
		if c.IsSet(flag) && o.format != "csv" {
			return command.Misuse("--%s is for csv, not for %s", flag, o.format)
		}
	}
	o.csv = render.CSVOptions{BOM: c.Bool("bom"), Clean: o.term.Width > 0}
	if c.IsSet("delimiter") {
		if o.csv.Delimiter, err = render.ParseDelimiter(c.String("delimiter")); err != nil {
			return command.Misuse("--delimiter: %v", err)
		}
	}
	return nil
}

// write has something written to stdout, or to a file, which is put in place when it is complete. What is
// there and is not a regular file, such as a device or a named pipe, is written to: a file in its place
// would not reach the reader at the other end.
func (o *output) write(write func(io.Writer) error) error {
	if o.path == "" {
		return write(o.stdout)
	}
	if info, err := os.Stat(o.path); err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(o.path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return errors.Join(write(f), f.Close())
	}
	return store.WriteFile(o.path, store.Replace, newFileMode, func(f *os.File) error { return write(f) })
}

// newFileMode is the mode of new files, less the umask, as any program's output has it. Unlike the database,
// they are made to be passed on.
const newFileMode = 0o666
