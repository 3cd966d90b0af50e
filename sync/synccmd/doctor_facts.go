package synccmd

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"trunkstat/report"
	"trunkstat/sync/bitbucket"
	"trunkstat/sync/githistory"
)

// facts are what the answers to a few requests showed, as it is printed; "" is not known. Bitbucket documents
// none of them, and a sync either finds them out by itself or does without. They explain why a sync takes
// more requests at one workspace than at another.
type facts struct{ heads, uuidPaths, order, limits, filters string }

// printFacts prints what Bitbucket does at a workspace where its documentation is silent. It sends up to five
// requests. The facts hold no secret, and no name but the workspace's.
func (d *doctor) printFacts(cred bitbucket.Credential, workspace string) {
	ctx, cancel := context.WithTimeout(d.Context, probeTimeout)
	defer cancel()
	f, err := d.askFacts(ctx, cred, workspace)
	d.print("what Bitbucket does at " + workspace + ":")
	for _, fact := range [][2]string{
		{"heads in the listing:", f.heads},
		{"uuid paths:", f.uuidPaths},
		{"order of commits:", f.order},
		{"rate limit headers:", f.limits},
		{"filters by git:", f.filters},
	} {
		d.print(fmt.Sprintf("  %-21s %s", fact[0], cmp.Or(fact[1], "not known")))
	}
	if err != nil {
		d.print("  stopped by: " + err.Error())
	}
}

// askFacts lists the first page of repositories, and asks for the newest commits of the largest of them. The
// headers about the rate limit are those of the last answer that has some: a 429 has others than the answers
// before it, and is the last, because the client does not wait.
func (d *doctor) askFacts(ctx context.Context, cred bitbucket.Credential, workspace string) (
	f facts, err error) {

	log := &requestLog{call: d.call, workspace: workspace}
	config := d.conn.probing(cred)
	config.Trace = func(x bitbucket.Exchange) {
		log.line(x)
		f.limits = cmp.Or(strings.Join(x.Limits, "; "), f.limits, "none")
	}
	client, err := bitbucket.New(config)
	if err != nil {
		return f, err
	}
	defer client.Close()
	listing, err := first(client.Repositories(ctx, workspace))
	if err != nil {
		return f, err
	}
	largest := f.readListing(listing)
	if largest == nil {
		return f, nil
	}
	log.name(largest.UUID, largest.Slug) // for the lines of --verbose, with which alone the facts are printed
	f.filters = d.filters(ctx, d.conn.gitRemotes(cred, workspace)(largest.Slug))
	commits, err := newest(ctx, client, workspace, largest.UUID, largest)
	if err == nil {
		f.uuidPaths = "taken"
	} else if bitbucket.IsNotFound(err) {
		f.uuidPaths = "refused with 404"
		commits, err = newest(ctx, client, workspace, largest.Slug, largest)
	}
	if len(commits) > 0 {
		f.order = orderOf(commits)
	}
	return f, err
}

// readListing counts the heads and returns the largest repository with a default branch, nil if there is
// none. The largest has most likely enough commits for their order to show.
func (f *facts) readListing(page bitbucket.Listing) (largest *bitbucket.Repository) {
	heads, branches := 0, 0
	for _, r := range page.Repositories {
		if r.MainBranch == "" {
			continue
		}
		branches++
		if r.Head != (bitbucket.Hash{}) {
			heads++
		}
		if largest == nil || r.Size > largest.Size {
			largest = &r
		}
	}
	f.heads = fmt.Sprintf("%d of %s", heads, report.NumberOf(branches, "default branch", "default branches"))
	return largest
}

// newest returns the newest commits of a repository, which path names by its UUID or its slug. If the listing
// had no head, it costs one more request.
func newest(ctx context.Context, client *bitbucket.Client, workspace, path string, r *bitbucket.Repository) (
	commits []bitbucket.Commit, err error) {

	head := r.Head
	if head == (bitbucket.Hash{}) {
		if head, err = client.Head(ctx, workspace, path, r.MainBranch); err != nil {
			return nil, err
		}
	}
	page, err := first(client.Commits(ctx, workspace, path, bitbucket.Range{Include: []bitbucket.Hash{head}}))
	return page.Commits, err
}

// filters tells whether git offers the filter that sync --via git needs.
func (d *doctor) filters(ctx context.Context, remote githistory.Remote) string {
	if err := checkGitURL(d.call); err != nil {
		return "not asked: " + err.Error()
	}
	offered, err := githistory.OffersFilter(ctx, remote)
	switch {
	case err != nil:
		return "not known: " + err.Error()
	case offered:
		return "offered"
	}
	return "not offered"
}

// first returns the first page alone: no request is sent for the second.
func first[Page any](pages iter.Seq2[Page, error]) (page Page, err error) {
	for page, err = range pages {
		break
	}
	return page, err
}

// orderOf tells in which order the commits of a page came: by the graph, by date, by both or by neither. A
// sync relies on no order.
func orderOf(commits []bitbucket.Commit) string {
	graph, dates := "children before parents", "dates descend"
	seen := map[bitbucket.Hash]bool{}
	for i, c := range commits {
		seen[c.Hash] = true
		if slices.ContainsFunc(c.Parents, func(p bitbucket.Hash) bool { return seen[p] }) {
			graph = "some parents before their children"
		}
		if i > 0 && c.Date > commits[i-1].Date {
			dates = "dates do not descend throughout"
		}
	}
	return fmt.Sprintf("%s, %s (%s)", graph, dates, report.NumberOf(len(commits), "commit", "commits"))
}
