package reportcmd

import (
	"strconv"
	"time"

	"trunkstat/store/command"
)

// A row is one line of an export. Its fields are the columns: the same names in the same order
// in every format, from the json and parquet tags; columns and cells are those of CSV.
type row interface {
	columns() []string
	// cells appends the row's values as text, missing ones as "".
	cells(dst []string) []string
	// size is about how many bytes of text the row holds.
	size() int
}

// A table writes rows of one kind in one format.
type table[R row] interface {
	Write(rows []R) error
	// Close writes what is left to write; it does not close what the table is written to.
	Close() error
}

// A commitRow is a commit of one repository; a commit that several repositories hold is a row
// of each.
type commitRow struct {
	Workspace  string `json:"workspace" parquet:"workspace,dict"`
	Repository string `json:"repository" parquet:"repository,dict"`
	commitFields
}

// A commitPartRow is a commit in a partition of its repository. The folder's name holds the
// repository then, and a file must not hold it again: BigQuery refuses such a table.
type commitPartRow struct {
	Workspace string `json:"workspace" parquet:"workspace,dict"`
	commitFields
}

// commitFields are the columns after the repository's name. Strings that are not in a
// dictionary are plain: Parquet's newer encodings are unknown to some readers in use.
type commitFields struct {
	RepositoryUUID string             `json:"repository_uuid" parquet:"repository_uuid,dict"`
	Hash           string             `json:"hash" parquet:"hash,plain"`
	Date           instant            `json:"date" parquet:"date,timestamp(millisecond:utc)"`
	AuthorName     string             `json:"author_name" parquet:"author_name,dict"`
	AuthorEmail    string             `json:"author_email" parquet:"author_email,dict"`
	AuthorUUID     command.NullString `json:"author_uuid" parquet:"author_uuid,dict,optional"`
	AuthorRaw      string             `json:"author_raw" parquet:"author_raw,dict"`
	IsMerge        bool               `json:"is_merge" parquet:"is_merge"`
	Parents        string             `json:"parents" parquet:"parents,plain"`
	Subject        string             `json:"subject" parquet:"subject,plain"`
	Message        string             `json:"message" parquet:"message,plain"`
	SourceURL      string             `json:"source_url" parquet:"source_url,plain"`
}

func (commitRow) columns() []string {
	return []string{"workspace", "repository", "repository_uuid", "hash", "date", "author_name",
		"author_email", "author_uuid", "author_raw", "is_merge", "parents", "subject", "message",
		"source_url"}
}

func (r commitRow) cells(dst []string) []string {
	return append(dst, r.Workspace, r.Repository, r.RepositoryUUID, r.Hash, r.Date.String(),
		r.AuthorName, r.AuthorEmail, string(r.AuthorUUID), r.AuthorRaw,
		strconv.FormatBool(r.IsMerge), r.Parents, r.Subject, r.Message, r.SourceURL)
}

// size counts the long texts, and a little for the rest.
func (f commitFields) size() int {
	return 200 + len(f.AuthorRaw) + len(f.Parents) + len(f.Subject) + len(f.Message) +
		len(f.SourceURL)
}

// A repositoryRow is what is known of one repository. Its counts are those of the commits that
// pass the filters.
type repositoryRow struct {
	Workspace      string             `json:"workspace" parquet:"workspace,dict"`
	Repository     string             `json:"repository" parquet:"repository,plain"`
	RepositoryUUID string             `json:"repository_uuid" parquet:"repository_uuid,plain"`
	Name           command.NullString `json:"name" parquet:"name,plain,optional"`
	Project        command.NullString `json:"project" parquet:"project,dict,optional"`
	DefaultBranch  command.NullString `json:"default_branch" parquet:"default_branch,dict,optional"`
	ForkOf         command.NullString `json:"fork_of" parquet:"fork_of,plain,optional"`
	Commits        int64              `json:"commits" parquet:"commits"`
	Merges         int64              `json:"merges" parquet:"merges"`
	FirstCommit    *instant           `json:"first_commit" parquet:"first_commit,timestamp(millisecond:utc),optional"`
	LastCommit     *instant           `json:"last_commit" parquet:"last_commit,timestamp(millisecond:utc),optional"`
	LastSync       *instant           `json:"last_sync" parquet:"last_sync,timestamp(millisecond:utc),optional"`
	State          string             `json:"state" parquet:"state,dict"`
}

func (repositoryRow) columns() []string {
	return []string{"workspace", "repository", "repository_uuid", "name", "project",
		"default_branch", "fork_of", "commits", "merges", "first_commit", "last_commit",
		"last_sync", "state"}
}

func (r repositoryRow) cells(dst []string) []string {
	return append(dst, r.Workspace, r.Repository, r.RepositoryUUID, string(r.Name), string(r.Project),
		string(r.DefaultBranch), string(r.ForkOf), number(r.Commits), number(r.Merges),
		clock(r.FirstCommit), clock(r.LastCommit), clock(r.LastSync), r.State)
}

func (repositoryRow) size() int { return 500 }

// An authorRow is one person, after identities are resolved. Their counts are those of the
// commits that pass the filters, each commit once however many repositories share it.
type authorRow struct {
	Author      string             `json:"author" parquet:"author,plain"`
	Email       string             `json:"email" parquet:"email,plain"`
	AuthorUUID  command.NullString `json:"author_uuid" parquet:"author_uuid,plain,optional"`
	Aliases     command.NullString `json:"aliases" parquet:"aliases,plain,optional"`
	Commits     int64              `json:"commits" parquet:"commits"`
	Merges      int64              `json:"merges" parquet:"merges"`
	FirstCommit *instant           `json:"first_commit" parquet:"first_commit,timestamp(millisecond:utc),optional"`
	LastCommit  *instant           `json:"last_commit" parquet:"last_commit,timestamp(millisecond:utc),optional"`
}

func (authorRow) columns() []string {
	return []string{"author", "email", "author_uuid", "aliases", "commits", "merges",
		"first_commit", "last_commit"}
}

func (r authorRow) cells(dst []string) []string {
	return append(dst, r.Author, r.Email, string(r.AuthorUUID), string(r.Aliases), number(r.Commits),
		number(r.Merges), clock(r.FirstCommit), clock(r.LastCommit))
}

func (r authorRow) size() int { return 200 + len(string(r.Aliases)) }

// An instant is a time in milliseconds since 1970, as Parquet's TIMESTAMP has it; as text it is
// RFC 3339 in UTC.
type instant int64

// instantOf is the instant of a time; nil stands for the zero time.
func instantOf(t time.Time) *instant {
	if t.IsZero() {
		return nil
	}
	i := instant(t.UnixMilli())
	return &i
}

func (i instant) time() time.Time { return time.UnixMilli(int64(i)).UTC() }

// String is the time to the second: commits have no finer date.
func (i instant) String() string { return i.time().Format(time.RFC3339) }

// MarshalText lets an instant stand in JSON as text.
func (i instant) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

func clock(i *instant) string {
	if i == nil {
		return ""
	}
	return i.String()
}

func number(n int64) string { return strconv.FormatInt(n, 10) }
