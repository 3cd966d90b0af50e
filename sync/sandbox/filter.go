package sandbox

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A predicate is the parameter q, understood: whether an item is wanted, given its attributes.
type predicate func(attributes) bool

// attributes are what an item can be filtered and sorted by: string, bool, time.Time, int, or nil
// for null.
type attributes map[string]any

func repositoryAttributes(r *Repository) attributes {
	a := attributes{
		"updated_on": r.updated, "created_on": r.created, "is_private": !r.public,
		"project.key": r.project, "name": r.name, "slug": r.slug, "full_name": r.fullName(),
		"uuid": r.uuid, "language": "", "size": 1024 * len(r.graph.hashes), "parent": nil,
	}
	if r.parent != nil {
		a["parent"] = r.parent.fullName()
	}
	return a
}

func refAttributes(x ref) attributes { return attributes{"name": x.name} }

func filtered(q *request, list []*Repository) ([]*Repository, answer, bool) {
	example := &Repository{workspace: &Workspace{}, graph: newGraph(0)}
	return filter(q, list, example, repositoryAttributes)
}

func filteredRefs(q *request, list []ref) ([]ref, answer, bool) {
	return filter(q, list, ref{}, refAttributes)
}

// filter applies the parameters q and sort to a list. The example says which attributes there
// are: a wrong name is refused whether or not the list is empty.
func filter[T any](q *request, list []T, example T, of func(T) attributes) ([]T, answer, bool) {
	list, err := keep(q.query.Get("q"), list, of(example), of)
	if err == nil {
		list, err = sorted(q.query.Get("sort"), list, of(example), of)
	}
	if err != nil {
		return nil, errorAnswer(http.StatusBadRequest, err.Error(), ""), false
	}
	return list, answer{}, true
}

func keep[T any](param string, list []T, example attributes, of func(T) attributes) ([]T, error) {
	if param == "" {
		return list, nil
	}
	wanted, err := parseQuery(param, example)
	if err != nil {
		return nil, err
	}
	var kept []T
	for _, item := range list {
		if wanted(of(item)) {
			kept = append(kept, item)
		}
	}
	return kept, nil
}

func sorted[T any](param string, list []T, example attributes, of func(T) attributes) ([]T, error) {
	if param == "" {
		return list, nil
	}
	name, descending := strings.CutPrefix(param, "-")
	if _, ok := example[name]; !ok {
		return nil, badQuery("Field %q does not support sorting", name)
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b T) int {
		if descending {
			a, b = b, a
		}
		return compare(of(a)[name], of(b)[name])
	})
	return list, nil
}

// A queryError is what Bitbucket says of a parameter it does not understand.
type queryError string

func (e queryError) Error() string { return string(e) }

func badQuery(format string, args ...any) error { return queryError(fmt.Sprintf(format, args...)) }

// compare orders two attributes of the same kind; null comes first.
func compare(a, b any) int {
	switch a := a.(type) {
	case time.Time:
		return a.Compare(b.(time.Time))
	case int:
		return cmp.Compare(a, b.(int))
	case bool:
		return cmp.Compare(trueOrFalse(a), trueOrFalse(b.(bool)))
	}
	text := func(v any) string { s, _ := v.(string); return strings.ToLower(s) }
	return cmp.Compare(text(a), text(b))
}

var dateLayouts = []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02"}

// literal reads a value of the query in the kind of the attribute it is compared with.
func literal(token string, like any) (any, error) {
	text := token
	if unquoted, err := strconv.Unquote(token); err == nil && token[0] == '"' {
		text = unquoted
	}
	switch like.(type) {
	case time.Time:
		for _, layout := range dateLayouts {
			if t, err := time.Parse(layout, text); err == nil {
				return t, nil
			}
		}
		return nil, badQuery("Invalid date %q", text)
	case bool:
		if text != "true" && text != "false" {
			return nil, badQuery("Invalid boolean %q", text)
		}
		return text == "true", nil
	case int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return nil, badQuery("Invalid number %q", text)
		}
		return n, nil
	}
	if token == "null" {
		return nil, nil
	}
	return text, nil
}
