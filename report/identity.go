package report

import (
	"slices"
	"strings"

	"trunkstat/store"
)

// Identities are found with a union-find over nodes: accounts, e-mails, and raw texts of authors
// who have neither. Two authors with one root are one person.
//
// An author whom the mailmap gave another e-mail is that e-mail and no longer his own, nor his
// account: what the user wrote stands first. Yet naming one address of a person must not tear
// that person in two, so an account follows the mailmap where all that it says about the
// account's addresses leads to one person. Lines about a name within a shared address pick a
// commit's author out of an account that several use; they never take the account along.

// Prefixes keep the kinds of nodes apart. Their order is the order in which a person's key is
// chosen: an account before an e-mail before a text.
const (
	accountNode = "1"
	emailNode   = "2"
	rawNode     = "3"
)

func emailKey(email string) string { return emailNode + strings.ToLower(email) }

// nodeOf is the node that stands for an author.
func nodeOf(author store.Author, a alias) string {
	switch {
	case a.email != "":
		return emailKey(a.email)
	case author.UUID != "":
		return accountNode + author.UUID
	}
	return rawNode + author.Raw
}

// moved reports whether the mailmap gave the author another e-mail.
func (a alias) moved() bool { return !strings.EqualFold(a.email, a.rawEmail) }

// links is a union-find whose roots are the least of their sets, so that they do not depend on
// the order of the authors.
type links struct{ parent map[string]string }

func (l *links) find(node string) string {
	root := node
	for {
		up, known := l.parent[root]
		if !known || up == root {
			break
		}
		root = up
	}
	for node != root { // shorten the path for the next time
		node, l.parent[node] = l.parent[node], root
	}
	return root
}

func (l *links) join(a, b string) {
	a, b = l.find(a), l.find(b)
	if a == b {
		return
	}
	if b < a {
		a, b = b, a
	}
	l.parent[b] = a
}

// key is what names the set of a node.
func (l *links) key(node string) string { return l.find(node) }

// link joins the nodes of accounts and e-mails.
func link(authors []store.Author, aliases []alias) *links {
	l := &links{parent: map[string]string{}}
	moves := map[string][]string{} // account → where the mailmap moved its authors to
	picked := map[string]bool{}    // account → some line was about one name
	for n, author := range authors {
		if author.UUID == "" || aliases[n].email == "" {
			continue
		}
		account, email := accountNode+author.UUID, emailKey(aliases[n].email)
		switch {
		case !aliases[n].moved():
			l.join(account, email)
		case aliases[n].named:
			picked[account] = true
		default:
			moves[account] = append(moves[account], email)
		}
	}
	l.follow(moves, picked)
	return l
}

// follow lets accounts go along with the mailmap where it leads to one person. What is decided
// is decided before anything moves, so that the order of accounts does not matter.
func (l *links) follow(moves map[string][]string, picked map[string]bool) {
	targets := map[string][]string{} // root of an account → roots of where it leads
	for account, emails := range moves {
		from := l.find(account)
		for _, email := range emails {
			targets[from] = append(targets[from], l.find(email))
		}
	}
	stays := map[string]bool{}
	for account := range picked {
		stays[l.find(account)] = true
	}
	for from, to := range targets {
		slices.Sort(to)
		if to = slices.Compact(to); len(to) != 1 || stays[from] {
			delete(targets, from)
		}
	}
	for from, to := range targets {
		l.join(from, to[0])
	}
}
