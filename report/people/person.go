// Package people finds out who is who from the authors of commits. It is pure: it reads nothing and keeps
// nothing.
//
// Terms:
//
//   - An author is what one commit says of who wrote it: a text, mostly "Name <e-mail>", and an account
//     of Bitbucket if the e-mail belongs to one. The store numbers authors.
//   - An alias is an author's name and e-mail, parsed, and as a mailmap has them.
//   - A person is one or several authors that are taken for the same human being or program.
//   - A bot is a person that is a program.
//   - A mark is a line of a message, a trailer or a footer, that names a co-author or a coding assistant.
//   - A proposal says that several addresses are probably one person's.
//
// The mailmap decides first, since the user wrote it; then the account: an e-mail that is linked to one
// anywhere is linked everywhere; then the e-mail. A name alone never joins two authors.
package people

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"trunkstat/store"
)

// A Person is one identity: who is taken for one human being or one program.
type Person struct {
	Name, Email string // as shown; either may be empty
	Account     string // the UUID of the Bitbucket account; the first by text of several
	Bot         bool
	Authors     []uint32 // numbers of the store's authors, ascending
	// Key names the person whatever a report filters: by account, else by e-mail, else by text.
	Key string

	directory *Directory
}

// Accounts returns the UUIDs of the person's Bitbucket accounts, each once, sorted.
func (p *Person) Accounts() []string {
	return p.collect(func(a store.Author) string { return a.UUID })
}

// Aliases returns the person's authors as the commits have them, each once, sorted.
func (p *Person) Aliases() []string {
	return p.collect(func(a store.Author) string { return a.Raw })
}

func (p *Person) collect(text func(store.Author) string) []string {
	var all []string
	for _, n := range p.Authors {
		if s := text(p.directory.Authors[n]); s != "" {
			all = append(all, s)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Label returns the name, or what stands for the person that has none.
func (p *Person) Label() string { return cmp.Or(p.Name, p.Email, "(unknown)") }

// Matches reports whether match is true for one of the person's names and e-mails, whether they are those
// of commits or of the mailmap: a filter finds a person by any of them, not only by the one that is shown.
func (p *Person) Matches(match func(text string) bool) bool {
	return slices.ContainsFunc(p.Authors, func(n uint32) bool {
		return p.directory.aliases[n].matches(match)
	})
}

// A Directory has all persons of a database. Its fields are for reading alone; ChooseNames changes the names
// and e-mails that persons are shown with.
type Directory struct {
	Persons []*Person      // in the order of their first authors
	Authors []store.Author // by number: what the directory was made of
	Indexes []int32        // by number of an author: its person's index in Persons

	aliases []alias // by number of an author
}

// Resolve finds the persons behind authors, which are all authors of a database by number. A nil Mailmap
// is an empty one. bots are patterns for people who are bots beside the built-in list.
func Resolve(authors []store.Author, m *Mailmap, bots store.Patterns) *Directory {
	d := &Directory{
		Authors: authors, aliases: make([]alias, len(authors)), Indexes: make([]int32, len(authors)),
	}
	for n, author := range authors {
		d.aliases[n] = newAlias(author, m)
	}
	groups := identify(authors, d.aliases)
	index := map[string]int32{}
	for n, author := range authors {
		key := groups.Find(nodeOf(author, d.aliases[n]))
		i, known := index[key]
		if !known {
			i = int32(len(d.Persons))
			index[key] = i
			d.Persons = append(d.Persons, &Person{Key: key, directory: d})
		}
		d.Indexes[n] = i
		d.Persons[i].add(uint32(n), bots)
	}
	d.ChooseNames(nil)
	return d
}

// add makes an author one of the person's. One author who is a bot makes a bot of the whole person: a program
// has its mark in some of its addresses, and a person in none.
func (p *Person) add(n uint32, bots store.Patterns) {
	author := p.directory.Authors[n]
	p.Authors = append(p.Authors, n)
	if author.UUID != "" && (p.Account == "" || author.UUID < p.Account) {
		p.Account = author.UUID
	}
	p.Bot = p.Bot || isBot(author, p.directory.aliases[n], bots)
}

// Author returns the account and the e-mail of an author as the commits have them.
func (d *Directory) Author(n uint32) (account, email string) {
	return d.Authors[n].UUID, d.aliases[n].raw.email
}

// Addresses returns a function that finds the persons to whom an address belongs: an e-mail, as the mailmap
// or else as the commits have it, or the UUID of an account, with or without its braces. A shared e-mail
// that the mailmap divides belongs to several.
func (d *Directory) Addresses() func(address string) []int32 {
	mapped, raw := map[string][]int32{}, map[string][]int32{}
	add := func(to map[string][]int32, address string, person int32) {
		if address = FoldEmail(address); address != "" && !slices.Contains(to[address], person) {
			to[address] = append(to[address], person)
		}
	}
	for n, person := range d.Indexes {
		add(mapped, d.aliases[n].email, person)
		add(mapped, strings.Trim(d.Authors[n].UUID, "{}"), person)
		add(raw, d.aliases[n].raw.email, person)
	}
	// An e-mail that the mailmap gives to one person is not looked for in the commits of others.
	return func(address string) []int32 {
		address = FoldEmail(strings.Trim(address, "{}"))
		if persons := mapped[address]; persons != nil {
			return persons
		}
		return raw[address]
	}
}

// ChooseNames chooses the name and the e-mail that are shown for each person: the mailmap's, else the pair
// that most commits have; ties go by text. used has the number of commits that were counted of each author;
// nil stands for none.
func (d *Directory) ChooseNames(used []int64) {
	for _, p := range d.Persons {
		s := d.shown(p.Authors, used)
		p.Name, p.Email = s.name, s.email
	}
}

// What counts for a spelling beside the number of its commits. The bits are beyond any number of commits.
const (
	hasName  = 1 << 61
	isMapped = 1 << 62
)

// shown returns the spelling that one person, who is all of these authors, is shown with. A line of the
// mailmap outweighs a name, and a name outweighs any number of commits.
func (d *Directory) shown(authors []uint32, used []int64) spelling {
	if len(authors) == 1 { // as most persons are
		return d.aliases[authors[0]].spelling
	}
	weights := make(map[spelling]int64, len(authors))
	for _, n := range authors {
		a := d.aliases[n]
		w := weights[a.spelling]
		if int(n) < len(used) {
			w += used[n]
		}
		if a.mapped {
			w |= isMapped
		}
		if a.name != "" {
			w |= hasName
		}
		weights[a.spelling] = w
	}
	return slices.MinFunc(slices.Collect(maps.Keys(weights)), func(a, b spelling) int {
		return cmp.Or(cmp.Compare(weights[b], weights[a]), a.compare(b))
	})
}

const (
	pseudonymPrefix = "author-"
	shortDigest     = 4 // bytes: of 86 databases with 10,000 persons, one has two persons who share them
)

// Pseudonyms returns a name for each person that is made from nothing but the person's key: the same in
// every report, whatever it filters, and on every machine. Two persons that share the short form both have
// the long one. Pseudonyms keep names out of a report that is forwarded; they do not withstand a reader who
// knows an e-mail and tests whether its owner is in there.
func (d *Directory) Pseudonyms() []string {
	digests := make([][sha256.Size]byte, len(d.Persons))
	sharers := make(map[[shortDigest]byte]int, len(d.Persons)) // by the beginning of the digest
	for i, p := range d.Persons {
		digests[i] = sha256.Sum256([]byte("trunkstat author\x00" + p.Key))
		sharers[[shortDigest]byte(digests[i][:])]++
	}
	names := make([]string, len(d.Persons))
	for i := range names {
		digest := digests[i][:]
		if sharers[[shortDigest]byte(digest)] == 1 {
			digest = digest[:shortDigest]
		}
		names[i] = pseudonymPrefix + hex.EncodeToString(digest)
	}
	return names
}
