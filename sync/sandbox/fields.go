package sandbox

import (
	"slices"
	"strconv"
	"strings"
)

// fields is the parameter of that name, as a tree of the members that an answer has. Only the form of a
// sync is served, a list of plain names; Bitbucket has +, - and * as well. A name that is not listed here
// is unexpected, while Bitbucket ignores it.
type fields map[string]fields

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

// parseFields reads the parameter. An answer without fields would have the message of each commit four
// times, so that a request without them is unexpected too.
func parseFields(kind Kind, param string) (f fields, problem string) {
	f = fields{}
	for name := range strings.SplitSeq(param, ",") {
		if !slices.Contains(knownFields[kind], name) {
			problem = "unexpected field " + strconv.Quote(name)
		}
		at := f
		for member := range strings.SplitSeq(name, ".") {
			if at[member] == nil {
				at[member] = fields{}
			}
			at = at[member]
		}
	}
	return f, problem
}

// An object is a JSON object to be sent.
type object map[string]any

// put sets the member at a path like "author.raw", if the fields have it.
func (o object) put(f fields, path string, value any) {
	name, rest, inside := strings.Cut(path, ".")
	switch {
	case f[name] == nil:
	case !inside:
		o[name] = value
	default:
		child, ok := o[name].(object)
		if !ok {
			child = object{}
			o[name] = child
		}
		child.put(f[name], rest, value)
	}
}
