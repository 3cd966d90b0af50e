package report

import (
	"cmp"
	"slices"
	"strings"

	"trunkstat/store"
)

// A Person is one identity: everybody behind one or several of the store's authors, who are
// taken for the same.
type Person struct {
	Name, Email string // as shown; either may be empty
	Account     string // the UUID of the Bitbucket account; the first by text of several
	Bot         bool
	Authors     []uint32 // numbers of the store's authors, ascending

	// key names the person whatever a report filters, by account, else e-mail, else raw text.
	key string
	all *People
}

// Accounts are the UUIDs of the person's Bitbucket accounts, each once, in the order of text.
func (p *Person) Accounts() []string {
	return p.collect(func(a store.Author) string { return a.UUID })
}

// Aliases are the authors of commits who are this person, as the commits write them, each once,
// in the order of text.
func (p *Person) Aliases() []string {
	return p.collect(func(a store.Author) string { return a.Raw })
}

func (p *Person) collect(text func(store.Author) string) []string {
	var all []string
	for _, n := range p.Authors {
		if s := text(p.all.authors[n]); s != "" {
			all = append(all, s)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Label is what stands for the person where there is room for one name.
func (p *Person) Label() string {
	return cmp.Or(p.Name, p.Email, "(unknown)")
}

// An alias is one author's name and e-mail, as written and as the mailmap has them.
type alias struct {
	rawName, rawEmail string
	name, email       string
	mapped            bool // the mailmap had something to say
	named             bool // and said it about this name, not only about the e-mail
}

// People are all persons of a database, resolved from its authors.
type People struct {
	list    []Person // in the order of their first authors
	of      []int32  // author number → index into list
	aliases []alias  // by author number
	authors []store.Author
}

// Len is the number of persons.
func (p *People) Len() int { return len(p.list) }

// At gives the person with one index.
func (p *People) At(i int) *Person { return &p.list[i] }

// Index gives the index of the person behind an author's number; ok is false where the store
// has no such author.
func (p *People) Index(author uint32) (i int, ok bool) {
	if int64(author) >= int64(len(p.of)) {
		return 0, false
	}
	return int(p.of[author]), true
}

// resolve finds out who is who. The order of precedence is the mailmap's, the account's, the
// e-mail's; a name alone never joins two authors.
func resolve(authors []store.Author, m *Mailmap, bots []pattern) *People {
	p := &People{
		authors: authors, aliases: make([]alias, len(authors)), of: make([]int32, len(authors)),
	}
	for n, author := range authors {
		p.aliases[n] = newAlias(author, m)
	}
	links := link(authors, p.aliases)
	index := map[string]int32{}
	for n := range authors {
		root := links.find(nodeOf(authors[n], p.aliases[n]))
		i, known := index[root]
		if !known {
			i = int32(len(p.list))
			index[root] = i
			p.list = append(p.list, Person{all: p})
		}
		p.of[n] = i
		p.list[i].Authors = append(p.list[i].Authors, uint32(n))
	}
	p.describe(authors, links, bots)
	p.Settle(nil)
	return p
}

func newAlias(author store.Author, m *Mailmap) alias {
	a := alias{}
	a.rawName, a.rawEmail = ParseAuthor(author.Raw)
	a.name, a.email, a.mapped = m.Map(a.rawName, a.rawEmail)
	if a.mapped {
		_, a.named = m.find(a.rawName, a.rawEmail)
	}
	return a
}

// describe fills in what is known of each person whatever is counted.
func (p *People) describe(authors []store.Author, links *links, bots []pattern) {
	for i := range p.list {
		person := &p.list[i]
		for _, n := range person.Authors {
			author, alias := authors[n], p.aliases[n]
			if u := author.UUID; u != "" && (person.Account == "" || u < person.Account) {
				person.Account = u
			}
			person.Bot = person.Bot || isBot(author, alias, bots)
		}
		first := person.Authors[0]
		person.key = links.key(nodeOf(authors[first], p.aliases[first]))
	}
}

// keeps reports whether the patterns keep a person, whose every name and e-mail counts.
func (p *People) keeps(i int, c choosing) bool {
	return c.keeps(func(pat pattern) bool {
		return slices.ContainsFunc(p.list[i].Authors, func(n uint32) bool {
			return p.aliases[n].matches(pat)
		})
	})
}

func (a alias) matches(pat pattern) bool {
	return pat.matchesPart(a.rawName) || pat.matchesPart(a.rawEmail) ||
		a.mapped && (pat.matchesPart(a.name) || pat.matchesPart(a.email))
}

// Settle chooses the name and the e-mail shown for each person: the mailmap's, else the pair
// that most commits have, ties by text. used tells how many commits were counted of each of the
// store's authors; with nil, only the mailmap and the text decide.
func (p *People) Settle(used []int64) {
	for i := range p.list {
		p.list[i].Name, p.list[i].Email = p.shown(&p.list[i], used)
	}
}

// A spelling is a name and an e-mail, and how well it serves to show a person.
type spelling struct {
	name, email string
	mapped      bool
	used        int64
}

func (p *People) shown(person *Person, used []int64) (name, email string) {
	if len(person.Authors) == 1 {
		a := p.aliases[person.Authors[0]]
		return a.name, a.email
	}
	var spellings []spelling
	for _, n := range person.Authors {
		a := p.aliases[n]
		s := spelling{name: a.name, email: a.email, mapped: a.mapped}
		if int(n) < len(used) {
			s.used = used[n]
		}
		spellings = append(spellings, s)
	}
	best := slices.MinFunc(merged(spellings), spelling.compare)
	return best.name, best.email
}

// merged adds up what was written alike.
func merged(spellings []spelling) []spelling {
	slices.SortFunc(spellings, spelling.compareText)
	kept := spellings[:1]
	for _, s := range spellings[1:] {
		last := &kept[len(kept)-1]
		if last.compareText(s) != 0 {
			kept = append(kept, s)
			continue
		}
		last.used += s.used
		last.mapped = last.mapped || s.mapped
	}
	return kept
}

func (s spelling) compareText(t spelling) int {
	return cmp.Or(strings.Compare(s.name, t.name), strings.Compare(s.email, t.email))
}

// compare puts the better one first. A spelling with no name shows nobody, so it comes last.
func (s spelling) compare(t spelling) int {
	return cmp.Or(
		firstTrue(s.mapped, t.mapped), firstTrue(s.name != "", t.name != ""),
		cmp.Compare(t.used, s.used), s.compareText(t))
}

func firstTrue(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}
