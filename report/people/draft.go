package people

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
)

// A Proposal says that several addresses are one person's.
type Proposal struct {
	Evidence string
	Certain  bool
	Lines    []string // of a mailmap; each maps one address, or one name at an address, to the proper one
}

// Draft proposes which addresses are one person's, certain proposals first, each kind in the order of names.
// used has the number of commits of each author. Persons without commits are left out, and so are bots and
// what the directory's mailmap joins already.
//
// Certain are addresses of one account, and addresses with one full name and one local part. A name alone is
// doubtful. Lines map whole addresses, since an address is one person's unless the mailmap divides it: a
// line about one name would not hold for the next spelling, and would separate the address from its account,
// see identify. Of an address that several people may use, a doubtful line maps one name.
//
// Applied behind the directory's mailmap, the certain lines make one person of each certain proposal, and
// change nothing else. Only if that mailmap divides an account may they leave an author of the account who
// has no e-mail a person of its own.
func (d *Directory) Draft(used []int64) []Proposal {
	f := &draft{d: d, used: used, clusters: map[int]*cluster{}, names: map[string][]int{}}
	f.join()
	var certain, doubtful []Proposal
	for _, c := range f.clusters {
		evidence := strings.Join(slices.Sorted(maps.Keys(c.evidence)), "; ")
		certain = append(certain, Proposal{evidence, true, f.lines(c.to, c.authors, "")})
	}
	for name, persons := range f.names {
		doubtful = append(doubtful, Proposal{"same name", false, f.namesakes(name, persons)})
	}
	return append(inOrder(certain), inOrder(doubtful)...)
}

// A draft divides persons into clusters. Persons and not authors are joined: what the directory has joined is
// certain already.
type draft struct {
	d        *Directory
	used     []int64
	groups   Groups[int]      // of the persons of a cluster, by index
	clusters map[int]*cluster // by group
	names    map[string][]int // by nameKey: persons
}

// A cluster is one or several persons who are one with certainty.
type cluster struct {
	authors  []uint32
	commits  int64
	evidence map[string]bool
	to       *spelling // to which its addresses are mapped; nil: none of them is fit for that
}

// join makes the clusters, from full names with local parts. A name of one word is no full name: it may be
// the first name of several people. Clusters are looked up once all joins are made, since a join changes
// the number of a group.
func (f *draft) join() {
	type address struct{ name, local string }
	addresses := map[address][]int{}
	for person, p := range f.committers() {
		for _, s := range f.spellings(p) {
			name := nameKey(s.name)
			if name == "" {
				continue
			}
			f.names[name] = append(f.names[name], person)
			if strings.Contains(s.name, " ") && kindOf(s.email) != shared {
				key := address{name, localPart(s.email)}
				addresses[key] = append(addresses[key], person)
				f.groups.Join(addresses[key][0], person)
			}
		}
	}
	for person, p := range f.committers() {
		c := f.cluster(person)
		c.authors = append(c.authors, p.Authors...)
		for _, n := range p.Authors {
			c.commits += f.used[n]
			if FoldEmail(f.d.aliases[n].email) != FoldEmail(f.d.aliases[p.Authors[0]].email) {
				c.evidence["same account "+strings.Join(p.Accounts(), ", ")] = true
			}
		}
	}
	for key, persons := range addresses {
		if slices.Max(persons) > slices.Min(persons) {
			f.cluster(persons[0]).evidence["same name and local part "+key.local] = true
		}
	}
	for _, c := range f.clusters {
		c.to = f.proper(c.authors)
	}
}

// spellings are what is evidence of who a person is: what the commits say, and what the mailmap says if it
// has the name.
func (f *draft) spellings(p *Person) (all []spelling) {
	for _, n := range p.Authors {
		a := f.d.aliases[n]
		raw := spelling{tidy(a.raw.name), a.raw.email}
		if all = append(all, raw); a.name != raw.name {
			all = append(all, a.spelling)
		}
	}
	return all
}

// cluster returns the cluster of a person.
func (f *draft) cluster(person int) *cluster {
	group := f.groups.Find(person)
	if f.clusters[group] == nil {
		f.clusters[group] = &cluster{evidence: map[string]bool{}}
	}
	return f.clusters[group]
}

// committers yields the persons, by index, who have commits and are not bots. All authors of such a person
// get lines, those without commits too: another filter may include commits of theirs.
func (f *draft) committers() iter.Seq2[int, *Person] {
	hasCommits := func(n uint32) bool { return int(n) < len(f.used) && f.used[n] > 0 }
	return func(yield func(int, *Person) bool) {
		for i, p := range f.d.Persons {
			if !p.Bot && slices.ContainsFunc(p.Authors, hasCommits) && !yield(i, p) {
				return
			}
		}
	}
}

// namesakes returns the lines that map the clusters of persons with one name to the one with the most
// commits. A person is among them once for each author with the name, so lines come several times: inOrder
// leaves one of each.
func (f *draft) namesakes(name string, persons []int) (lines []string) {
	var main *cluster
	for _, person := range persons {
		c := f.cluster(person)
		if c.to != nil && kindOf(c.to.email) != shared && (main == nil || c.commits > main.commits ||
			c.commits == main.commits && c.to.compare(*main.to) < 0) {
			main = c
		}
	}
	for _, person := range persons {
		if c := f.cluster(person); main != nil && c != main {
			lines = append(lines, f.lines(main.to, c.authors, name)...)
		}
	}
	return lines
}

// proper returns the name and the e-mail to which authors are mapped: those that ChooseNames would choose
// among what a mailmap can hold, of the best kind of address that there is.
func (f *draft) proper(authors []uint32) *spelling {
	var usable [kinds][]uint32
	for _, n := range authors {
		a := f.d.aliases[n]
		// A line that begins with # is a comment.
		if a.email != "" && fits(a.email) && fits(a.name) && !strings.HasPrefix(a.name, "#") {
			usable[kindOf(a.email)] = append(usable[kindOf(a.email)], n)
		}
	}
	for _, authors := range usable {
		if len(authors) > 0 {
			return new(f.d.shown(authors, f.used))
		}
	}
	return nil
}

// lines returns the lines that map authors to a name and an e-mail, if there are any. With a name, which is
// the only evidence then, authors of shared addresses are mapped only if they have it.
//
// An author who has the e-mail already needs no line, and one whose name or e-mail a mailmap cannot hold, or
// who has neither, gets none. Where the mailmap has a line about the author's name, only another such line
// would overrule it.
func (f *draft) lines(to *spelling, authors []uint32, name string) (lines []string) {
	for _, n := range authors {
		a := f.d.aliases[n]
		byName, commitName := name != "" && kindOf(a.email) == shared, ""
		if byName || a.mappedByName {
			commitName = a.raw.name + " "
		}
		switch {
		case to == nil || FoldEmail(a.email) == FoldEmail(to.email):
		case !fits(a.raw.email) || !fits(commitName) || commitName == " " || a.raw.email+commitName == "":
		case byName && nameKey(a.name) != name:
		default:
			line := fmt.Sprintf("%s <%s> %s<%s>", to.name, to.email, commitName, a.raw.email)
			lines = append(lines, strings.TrimPrefix(line, " "))
		}
	}
	return lines
}

// inOrder sorts proposals and their lines, and leaves out what is empty or there twice. A mailmap ignores
// the case of what it looks up, so of lines that differ in case alone one is enough.
func inOrder(proposals []Proposal) []Proposal {
	compare := func(a, b string) int {
		return cmp.Or(strings.Compare(foldASCII(a), foldASCII(b)), strings.Compare(a, b))
	}
	for i, m := range proposals {
		slices.SortFunc(m.Lines, compare)
		proposals[i].Lines = slices.CompactFunc(m.Lines, func(a, b string) bool {
			return foldASCII(a) == foldASCII(b)
		})
	}
	proposals = slices.DeleteFunc(proposals, func(m Proposal) bool { return len(m.Lines) == 0 })
	slices.SortFunc(proposals, func(a, b Proposal) int { return slices.CompareFunc(a.Lines, b.Lines, compare) })
	return slices.CompactFunc(proposals, func(a, b Proposal) bool { return slices.Equal(a.Lines, b.Lines) })
}

// fits reports whether a mailmap can hold a name or an e-mail.
func fits(text string) bool { return !strings.ContainsAny(text, "<>\n\r\x00") }

// nameKey returns a name in the form in which equal names are evidence: without case and blanks. It is empty
// for names that say nothing.
func nameKey(name string) string {
	key := strings.ReplaceAll(FoldName(name), " ", "")
	if unspecific[key] {
		return ""
	}
	return key
}

// localPart returns what stands before the @, without a tag behind +. The no-reply addresses of GitHub and
// GitLab have a number before the user's name.
func localPart(email string) string {
	local, _, _ := strings.Cut(FoldEmail(email), "@")
	if isNoReply(email) {
		return strings.TrimLeft(local, "0123456789+-")
	}
	local, _, _ = strings.Cut(local, "+")
	return local
}

// isNoReply reports whether an address is one that GitHub or GitLab gives to people who hide theirs.
func isNoReply(email string) bool { return strings.Contains(FoldEmail(email), "@users.noreply.") }

// The kinds of addresses: a person's own, one that receives no mail, and one that several people may use,
// which is also what an author without an e-mail has.
const (
	own = iota
	noReply
	shared
	kinds
)

// kindOf looks at the local part first: a no-reply address of a user called root may be several people's too.
func kindOf(email string) int {
	switch {
	case unspecific[localPart(email)]:
		return shared
	case isNoReply(email):
		return noReply
	}
	return own
}

// unspecific has names, and local parts of e-mails, that are not those of one person.
var unspecific = setOf(
	"admin", "administrator", "anonymous", "author", "build", "builder", "ci", "contact", "deploy", "deployer",
	"dev", "developer", "developers", "devops", "devs", "donotreply", "ec2-user", "email", "firstnamelastname",
	"git", "github", "guest", "hello", "info", "it", "jenkins", "local", "localhost", "mail", "me", "name",
	"no-reply", "noauthor", "nobody", "none", "noname", "noreply", "office", "ops", "pi", "postmaster",
	"release", "root", "runner", "service", "support", "system", "team", "test", "tester", "ubuntu",
	"unknown", "user", "username", "vagrant", "webmaster", "you", "yourname", "",
)
