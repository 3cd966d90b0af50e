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

// A commitRow is a commit of one repository; a commit that several repositories have is a row of each. As
// in every type of a row, the fields are the columns: they have the same names in the same order in every
// format, which are those of the json and parquet tags.
//
// Texts that are not in a dictionary of Parquet are plain: some readers in use cannot read its newer
// encodings.
type commitRow struct {
	Workspace      string             `json:"workspace" parquet:"workspace,dict"`
	Repository     string             `json:"repository" parquet:"repository,dict"`
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
// them; that one person has several names is resolved in reports and in the export of authors. Texts have no
// NUL, in any format: databases refuse it.
func newCommitRow(repo *store.Repository, c store.Commit, m *people.Mailmap) commitRow {
	name, email := people.ParseAuthor(c.Author.Raw)
	name, email, _ = m.Map(name, email)
	hash, message := c.Hash.String(), render.WithoutNUL(c.Message)
	parents := make([]string, len(c.Parents))
	for i, p := range c.Parents {
		parents[i] = p.String()
	}
	slug := render.WithoutNUL(repo.Slug)
	return commitRow{
		Workspace:      repo.Workspace,
		Repository:     slug,
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
		SourceURL:      "https://bitbucket.org/" + repo.Workspace + "/" + slug + "/commits/" + hash,
	}
}

// nullText is a text that may be missing, without NULs.
func nullText(s string) command.NullString { return command.NullString(render.WithoutNUL(s)) }

// An instant is a time in milliseconds since 1970, as Parquet's TIMESTAMP has it. As text it is RFC 3339 in
// UTC, to the second: commits have no finer date.
type instant int64

// instantOf returns the instant of a time, nil for the zero time: a column of Parquet is null where a pointer
// is nil.
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
