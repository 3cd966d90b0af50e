module trunkstat

go 1.26.0

require (
	github.com/clipperhouse/displaywidth v0.10.0 // cutting text by its width on a terminal, as tablewriter measures it
	github.com/godbus/dbus/v5 v5.2.2 // the keychain's absence on Linux, told from its errors
	github.com/gofrs/flock v0.13.1 // the lock that keeps a second sync out
	github.com/klauspost/compress v1.20.3 // zstd for Parquet
	github.com/olekukonko/tablewriter v1.1.5 // tables on a terminal
	github.com/parquet-go/parquet-go v0.32.0 // the Parquet export
	github.com/rogpeppe/go-internal v1.16.0 // tests: testscript
	github.com/thlib/go-timezone-local v0.0.9 // the local time zone on Windows, of which package time knows this year's rule
	github.com/urfave/cli/v2 v2.27.7 // commands and flags
	github.com/zalando/go-keyring v0.2.8 // the system's keychain
	go.etcd.io/bbolt v1.5.0 // the database
	golang.org/x/sync v0.24.0 // errgroup
	golang.org/x/sys v0.49.0 // colour in the console of Windows; tests: pseudo-terminals
	golang.org/x/term v0.47.0 // hidden input, the width of a terminal
	golang.org/x/text v0.40.0 // names and patterns in any case and Unicode form; mailmaps and commits in other encodings
)

// These are needed by those above, as named. The release leaves out go-md2man and blackfriday, which
// urfave/cli has for manuals that it is not asked for.
require (
	github.com/andybalholm/brotli v1.1.1 // indirect; parquet-go
	github.com/cespare/xxhash/v2 v2.3.0 // indirect; tablewriter
	github.com/clipperhouse/uax29/v2 v2.7.0 // indirect; displaywidth
	github.com/cpuguy83/go-md2man/v2 v2.0.7 // indirect; urfave/cli
	github.com/danieljoos/wincred v1.2.3 // indirect; go-keyring
	github.com/fatih/color v1.18.0 // indirect; tablewriter
	github.com/google/uuid v1.6.0 // indirect; parquet-go
	github.com/mattn/go-colorable v0.1.14 // indirect; tablewriter
	github.com/mattn/go-isatty v0.0.20 // indirect; tablewriter
	github.com/mattn/go-runewidth v0.0.19 // indirect; tablewriter; v0.0.24 and later cost 50 ms at every start
	github.com/olekukonko/cat v0.0.0-20250911104152-50322a0618f6 // indirect; tablewriter
	github.com/olekukonko/errors v1.2.0 // indirect; tablewriter
	github.com/olekukonko/ll v0.1.6 // indirect; tablewriter
	github.com/parquet-go/bitpack v1.0.0 // indirect; parquet-go
	github.com/parquet-go/jsonlite v1.0.0 // indirect; parquet-go
	github.com/pierrec/lz4/v4 v4.1.21 // indirect; parquet-go
	github.com/russross/blackfriday/v2 v2.1.0 // indirect; urfave/cli
	github.com/twpayne/go-geom v1.6.1 // indirect; parquet-go
	github.com/xrash/smetrics v0.0.0-20250705151800-55b8f293f342 // indirect; urfave/cli, for "did you mean"
	golang.org/x/tools v0.47.0 // indirect; go-internal
	google.golang.org/protobuf v1.36.12 // indirect; parquet-go
)
