package report

import (
	"slices"

	"trunkstat/report/people"
	"trunkstat/store"
)

// Facts are what a report asks of the message of one commit, as values.
type facts struct {
	kind, issue int32
	assistants  []int32 // each once
	coAuthors   []int32 // persons who are authors beside the commit's own, each once
}

// Messages read the facts of commits. A fact that is not asked for has no names, and is not searched for.
type messages struct {
	assistants           *people.Assistants
	authors              []string // by number of a stored author: the assistant that it is, or ""
	kinds, issues, names *names   // of facts; nil: not asked for
}

// newMessages returns nil if no dimension of the query is made from messages, so that none are read.
func newMessages(q Query, scope *Scope) *messages {
	m := &messages{assistants: q.Assistants}
	if q.asks(Type) {
		m.kinds = newNames("(none)")
	}
	if q.asks(Issue) {
		m.issues = newNames("(none)")
	}
	if q.asks(Assistant) {
		m.names = newNames("(none)")
		for _, author := range scope.People.Authors {
			m.authors = append(m.authors, m.assistants.OfAuthor(author.Raw))
		}
	}
	if m.kinds == nil && m.issues == nil && m.names == nil {
		return nil
	}
	return m
}

// facts reads the facts of a commit that the report asks for. A merge has neither a type nor an issue: its
// subject is mostly that of a branch. Without messages, nothing is asked for.
func (m *messages) facts(c *store.SharedCommit) *facts {
	f := &facts{}
	if m == nil {
		return f
	}
	message := string(c.Message)
	if m.names != nil {
		found := m.assistants.In(message)
		if own := m.authors[c.Author]; own != "" && !slices.Contains(found, own) {
			found = append(found, own)
		}
		for _, name := range found {
			f.assistants = append(f.assistants, m.names.value(name))
		}
		if len(found) == 0 {
			f.assistants = noAssistant
		}
	}
	if m.kinds != nil && !c.Merge {
		f.kind = m.kinds.value(typeOf(Subject(message)))
	}
	if m.issues != nil && !c.Merge {
		f.issue = m.issues.value(issueOf(Subject(message)))
	}
	return f
}

// noAssistant is one slice for all the commits without an assistant, so that these, which are most, need no
// memory. It must not be changed or appended to.
var noAssistant = []int32{0}
