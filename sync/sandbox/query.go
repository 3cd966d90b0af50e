package sandbox

import "strings"

// parseQuery understands Bitbucket's filter language as far as a list of repositories or refs
// has use for it: comparisons with = != > >= < <= ~ !~, AND, OR and parentheses.
func parseQuery(s string, example attributes) (predicate, error) {
	p := &queryParser{tokens: queryTokens(s), example: example}
	wanted, err := p.any()
	if err == nil && len(p.tokens) > 0 {
		err = badQuery("Invalid query: unexpected %q", p.tokens[0])
	}
	return wanted, err
}

type queryParser struct {
	tokens  []string
	example attributes // an item's
}

func (p *queryParser) next() string {
	if len(p.tokens) == 0 {
		return ""
	}
	token := p.tokens[0]
	p.tokens = p.tokens[1:]
	return token
}

func (p *queryParser) accept(word string) bool {
	if len(p.tokens) > 0 && strings.EqualFold(p.tokens[0], word) {
		p.next()
		return true
	}
	return false
}

func (p *queryParser) any() (predicate, error) {
	left, err := p.all()
	for err == nil && p.accept("OR") {
		a := left
		b, e := p.all()
		left, err = func(x attributes) bool { return a(x) || b(x) }, e
	}
	return left, err
}

func (p *queryParser) all() (predicate, error) {
	left, err := p.one()
	for err == nil && p.accept("AND") {
		a := left
		b, e := p.one()
		left, err = func(x attributes) bool { return a(x) && b(x) }, e
	}
	return left, err
}

func (p *queryParser) one() (predicate, error) {
	if p.accept("(") {
		inside, err := p.any()
		if err == nil && !p.accept(")") {
			err = badQuery("Invalid query: ) is missing")
		}
		return inside, err
	}
	name, operator, value := p.next(), p.next(), p.next()
	test, ok := operators[operator]
	if !ok || value == "" {
		return nil, badQuery("Invalid query near %q", name+" "+operator+" "+value)
	}
	like, ok := p.example[name]
	if !ok {
		return nil, badQuery("Field %q does not support filtering", name)
	}
	wanted, err := literal(value, like)
	return func(x attributes) bool { return test(x[name], wanted) }, err
}

// operators compare an attribute with a literal of its kind.
var operators = map[string]func(has, wanted any) bool{
	"=":  equal,
	"!=": func(a, b any) bool { return !equal(a, b) },
	">":  func(a, b any) bool { return compare(a, b) > 0 },
	">=": func(a, b any) bool { return compare(a, b) >= 0 },
	"<":  func(a, b any) bool { return compare(a, b) < 0 },
	"<=": func(a, b any) bool { return compare(a, b) <= 0 },
	"~":  contains,
	"!~": func(a, b any) bool { return !contains(a, b) },
}

func equal(a, b any) bool {
	if a == nil || b == nil {
		return a == b
	}
	return compare(a, b) == 0
}

func contains(a, b any) bool {
	text, _ := a.(string)
	part, _ := b.(string)
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}

// queryTokens cuts a query into words, quoted texts, operators and parentheses.
func queryTokens(s string) (tokens []string) {
	for {
		s = strings.TrimLeft(s, " \t\n")
		if s == "" {
			return tokens
		}
		n := tokenLength(s)
		tokens = append(tokens, s[:n])
		s = s[n:]
	}
}

func tokenLength(s string) int {
	const marks = "=!<>~"
	switch {
	case s[0] == '(' || s[0] == ')':
		return 1
	case s[0] == '"':
		for i := 1; i < len(s); i++ {
			if s[i] == '"' && s[i-1] != '\\' {
				return i + 1
			}
		}
		return len(s)
	case strings.IndexByte(marks, s[0]) >= 0:
		n := 1
		for n < len(s) && strings.IndexByte(marks, s[n]) >= 0 {
			n++
		}
		return n
	}
	if end := strings.IndexAny(s, " \t\n()\""+marks); end >= 0 {
		return end
	}
	return len(s)
}
