package reportcmd

import (
	"strings"
	"time"

	"trunkstat/report"
	"trunkstat/report/people"
	"trunkstat/report/render"
	"trunkstat/store"
	"trunkstat/store/command"
)

// A row is one line of an export. The fields of its type are the columns: they have the same names in the
// same order in every format, which are those of the json and parquet tags.
type row interface {
	// size is about how many bytes of text the row has.
	size() int
}

// A commitRow is a commit of one repository; a commit that several repositories have is a row of each.
type commitRow struct {
	Workspace  string `json:"workspace" parquet:"workspace,dict"`
	Repository string `json:"repository" parquet:"repository,dict"`
	commitFields
}

// A commitPartRow is a commit in a partition of its repository. The folder's name says the repository, and
// a file must not have it again: BigQuery refuses such a table.
type commitPartRow struct {
	Workspace string `json:"workspace" parquet:"workspace,dict"`
	commitFields
}

// commitFields are the columns after the repository's name. Strings that are not in a dictionary are plain:
// some readers in use cannot read Parquet's newer encodings.
type commitFields struct {
	RepositoryUUID string             `json:"repository_uuid" parquet:"repository_uuid,dict"`
	Hash           string             `json:"hash" parquet:"hash,plain"`
	Date           instant            `json:"date" parquet:"date,timestamp"`
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

// newCommitRow makes a commit's row. Name and e-mail are the commit's own, or what the mailmap makes of
// them; that one person has several names is resolved in reports and in the export of authors.
func newCommitRow(repo *store.Repository, c store.Commit, m *people.Mailmap) commitRow {
	name, email := people.ParseAuthor(c.Author.Raw)
	name, email, _ = m.Map(name, email)
	hash, message := c.Hash.String(), render.WithoutNUL(c.Message)
	parents := make([]string, len(c.Parents))
	for i, p := range c.Parents {
		parents[i] = p.String()
	}
	return commitRow{repo.Workspace, render.WithoutNUL(repo.Slug), commitFields{
		RepositoryUUID: string(repo.UUID),
		Hash:           hash,
		Date:           instant(c.Date * 1000),
		AuthorName:     render.WithoutNUL(name),
		AuthorEmail:    render.WithoutNUL(email),
		AuthorUUID:     command.NullString(c.Author.UUID),
		AuthorRaw:      render.WithoutNUL(c.Author.Raw),
		IsMerge:        c.IsMerge(),
		Parents:        strings.Join(parents, " "),
		Subject:        report.Subject(message),
		Message:        message,
		SourceURL: "https://bitbucket.org/" + repo.Workspace + "/" + render.WithoutNUL(repo.Slug) +
			"/commits/" + hash,
	}}
}

// size counts the long texts, and a little for the rest.
func (f commitFields) size() int {
	return 200 + len(f.AuthorRaw) + len(f.Parents) + len(f.Subject) + len(f.Message) +
		len(f.SourceURL)
}

// A repositoryRow is what is known of one repository. Its counts are those of the commits that the filters
// include.
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
	FirstCommit    *instant           `json:"first_commit" parquet:"first_commit,timestamp,optional"`
	LastCommit     *instant           `json:"last_commit" parquet:"last_commit,timestamp,optional"`
	LastSync       *instant           `json:"last_sync" parquet:"last_sync,timestamp,optional"`
	State          string             `json:"state" parquet:"state,dict"`
}

func (repositoryRow) size() int { return 500 }

// An authorRow is one person, after identities are resolved. Their counts are those of the commits that the
// filters include, each commit once however many repositories share it.
type authorRow struct {
	Author      string             `json:"author" parquet:"author,plain"`
	Email       string             `json:"email" parquet:"email,plain"`
	AuthorUUID  command.NullString `json:"author_uuid" parquet:"author_uuid,plain,optional"`
	Aliases     command.NullString `json:"aliases" parquet:"aliases,plain,optional"`
	Commits     int64              `json:"commits" parquet:"commits"`
	Merges      int64              `json:"merges" parquet:"merges"`
	FirstCommit *instant           `json:"first_commit" parquet:"first_commit,timestamp,optional"`
	LastCommit  *instant           `json:"last_commit" parquet:"last_commit,timestamp,optional"`
}

func (r authorRow) size() int { return 200 + len(string(r.Aliases)) }

// nullText is a text that may be missing, without NULs.
func nullText(s string) command.NullString { return command.NullString(render.WithoutNUL(s)) }

// An instant is a time in milliseconds since 1970, as Parquet's TIMESTAMP has it. As text it is RFC 3339 in
// UTC, to the second: commits have no finer date.
type instant int64

// instantOf returns the instant of a time, nil for the zero time.
func instantOf(t time.Time) *instant {
	if t.IsZero() {
		return nil
	}
	i := instant(t.UnixMilli())
	return &i
}

func (i instant) time() time.Time { return time.UnixMilli(int64(i)).UTC() }

// MarshalText writes an instant in JSON. Unlike time.Time it accepts years of more than four digits.
func (i instant) MarshalText() ([]byte, error) { return i.time().AppendFormat(nil, time.RFC3339), nil }
