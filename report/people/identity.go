package people

import (
	"cmp"
	"slices"

	"trunkstat/store"
)

// Identities are groups of nodes: accounts, e-mails, and the texts of authors who have neither. Two authors
// whose nodes are in one group are one person.
//
// An author whom the mailmap gave another e-mail is that e-mail, and no longer the e-mail of the commit nor
// its account: the mailmap takes precedence. Yet a line about one address of a person must not split that
// person, so an account follows the mailmap if all that the mailmap says about the account's addresses
// leads to one person. Lines about a name within a shared address separate one author from an account that
// several people use; the account does not follow them.

// The prefixes keep the kinds of nodes apart. Their order is the order in which a person's key is chosen:
// an account before an e-mail before a text. Pseudonyms are made from keys, so other prefixes would give all
// persons other names than in earlier anonymous reports.
const (
	accountNode = "1"
	emailNode   = "2"
	textNode    = "3"
)

// emailKey returns the node of an e-mail.
func emailKey(email string) string { return emailNode + FoldEmail(email) }

// nodeOf returns the node that stands for an author. An e-mail comes before an account: identify joins the
// two, unless the mailmap separates them, and then the mailmap's e-mail counts.
func nodeOf(author store.Author, a alias) string {
	switch {
	case a.email != "":
		return emailKey(a.email)
	case author.UUID != "":
		return accountNode + author.UUID
	}
	return textNode + tidy(author.Raw)
}

// identify groups the nodes of accounts and e-mails. Texts join nothing, and stay groups of their
// own.
func identify(authors []store.Author, aliases []alias) *Groups[string] {
	groups := &Groups[string]{}
	moves := map[string][]string{} // account → where the mailmap moved its authors to
	separated := map[string]bool{} // account → some line was about one name
	for n, author := range authors {
		if author.UUID == "" || aliases[n].email == "" {
			continue
		}
		account, email := accountNode+author.UUID, emailKey(aliases[n].email)
		switch {
		case !aliases[n].moved():
			groups.Join(account, email)
		case aliases[n].mappedByName:
			separated[account] = true
		default:
			moves[account] = append(moves[account], email)
		}
	}
	followMailmap(groups, moves, separated)
	return groups
}

// followMailmap joins accounts with the one person that the mailmap leads to. All targets are found before
// anything is joined, so that the order of accounts does not matter.
func followMailmap(groups *Groups[string], moves map[string][]string, separated map[string]bool) {
	targets := map[string][]string{} // group of an account → groups where its authors were moved to
	for account, emails := range moves {
		from := groups.Find(account)
		for _, email := range emails {
			targets[from] = append(targets[from], groups.Find(email))
		}
	}
	// Of accounts that share an e-mail, a line about one name on either is one about both.
	for account := range separated {
		delete(targets, groups.Find(account))
	}
	for from, to := range targets {
		slices.Sort(to)
		targets[from] = slices.Compact(to)
	}
	for from, to := range targets {
		if len(to) == 1 {
			groups.Join(from, to[0])
		}
	}
}

// Groups joins things into groups: it is a union-find. A group is known by its least member, so that the
// result does not depend on the order of joins. What was never joined is a group of its own.
type Groups[K cmp.Ordered] struct{ parent map[K]K }

// Find returns the least member of the group that k is in.
func (g *Groups[K]) Find(k K) K {
	root := k
	for {
		up, joined := g.parent[root]
		if !joined {
			break
		}
		root = up
	}
	for k != root { // shorten the path for the next time
		k, g.parent[k] = g.parent[k], root
	}
	return root
}

// Join makes one group of the groups of a and b.
func (g *Groups[K]) Join(a, b K) {
	a, b = g.Find(a), g.Find(b)
	if a == b {
		return
	}
	if g.parent == nil {
		g.parent = map[K]K{}
	}
	g.parent[max(a, b)] = min(a, b)
}
