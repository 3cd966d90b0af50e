package sandbox

import (
	"slices"
	"strconv"
	"strings"
)

// fields is the parameter of that name: the members an answer has, and the objects on the way to them.
// Only the form of a sync is served, a list of plain names; Bitbucket has + - and * as well. A name that
// is not listed here is unexpected, while Bitbucket ignores it without a word.
type fields map[string]bool

// knownFields are the members that each kind of answer can have.
var knownFields = map[Kind][]string{
	Listing: {
		"next", "size", "values.uuid", "values.slug", "values.name", "values.project.key",
		"values.is_private", "values.size", "values.parent.uuid", "values.parent.full_name",
		"values.updated_on", "values.mainbranch.name", "values.mainbranch.target.hash",
	},
	CommitsKind: {
		"next", "values.hash", "values.date", "values.message", "values.parents.hash",
		"values.author.raw", "values.author.user.uuid", "values.author.user.type",
	},
	BranchKind: {"name", "target.hash"},
}

// parseFields reads the parameter; of "a.b" it keeps "a" as well. An answer without fields would have the
// message of each commit four times, so that a request without them is unexpected too.
func parseFields(kind Kind, param string) (f fields, problem string) {
	f = fields{}
	for name := range strings.SplitSeq(param, ",") {
		if !slices.Contains(knownFields[kind], name) {
			problem = "unexpected field " + strconv.Quote(name)
		}
		for i, c := range name {
			if c == '.' {
				f[name[:i]] = true
			}
		}
		f[name] = true
	}
	return f, problem
}

// pick returns a pointer to the value where the fields have the name, else nil, which is not written.
func pick[T any](f fields, name string, value T) *T {
	if f[name] {
		return &value
	}
	return nil
}
