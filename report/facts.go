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

// A messages reads facts.
type messages struct {
	assistants *people.Assistants
	authors    []string // by number of a stored author: the assistant that it is, or ""

	kinds, issues, names names // of facts
	asked                []Dimension
}

// messageDimensions are made from the messages of commits.
var messageDimensions = []Dimension{Assistant, Type, Issue}

// newMessages returns nil if none of the dimensions is made from messages.
func newMessages(asked []Dimension, scope *Scope, assistants *people.Assistants) *messages {
	if !slices.ContainsFunc(asked, func(d Dimension) bool { return slices.Contains(messageDimensions, d) }) {
		return nil
	}
	m := &messages{assistants: assistants, asked: asked}
	for _, of := range []*names{&m.kinds, &m.issues, &m.names} {
		of.texts = []string{"(none)"}
	}
	if slices.Contains(asked, Assistant) {
		for _, author := range scope.People.Authors() {
			m.authors = append(m.authors, assistants.OfAuthor(author.Raw))
		}
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
	if slices.Contains(m.asked, Assistant) {
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
	if c.Merge {
		return f
	}
	if slices.Contains(m.asked, Type) {
		f.kind = m.kinds.value(typeOf(Subject(message)))
	}
	if slices.Contains(m.asked, Issue) {
		f.issue = m.issues.value(issueOf(Subject(message)))
	}
	return f
}

// noAssistant is one slice for all the commits without an assistant, so that these, which are most, need no
// memory. It must not be changed or appended to.
var noAssistant = []int32{0}

// axis returns the axis of a dimension that is made from messages.
func (m *messages) axis(dim Dimension) (a *axis) {
	switch dim {
	case Type:
		a = namesAxis(dim, &m.kinds)
		a.value = func(c *commit, _ int32, _ int) int32 { return c.facts.kind }
	case Issue:
		a = namesAxis(dim, &m.issues)
		a.value = func(c *commit, _ int32, _ int) int32 { return c.facts.issue }
	default:
		a = namesAxis(dim, &m.names)
		a.values = func(c *commit, _ int32, _ int) []int32 { return c.facts.assistants }
	}
	return a
}
