package synccmd

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"trunkstat/sync/bitbucket"
	"trunkstat/sync/githistory"
)

// facts are what the answers to a few requests showed, as it is printed; "" is not known.
type facts struct {
	heads, pageLength, uuidPaths, order, excluded, limits, filters string

	client    *bitbucket.Client
	workspace string
	log       *requestLog
	largest   string // slug of the repository that was asked for
	method    string // of the last request
	pageLen   int    // of commits; 0: a hundred
}

// printFacts prints what Bitbucket does at a workspace where its documentation is silent. It sends up to
// seven requests. The facts hold no secret, and no name but the workspace's.
func (d *doctor) printFacts(cred bitbucket.Credential, workspace string) {
	ctx, cancel := context.WithTimeout(d.c.Context, probeTimeout)
	defer cancel()
	f := facts{workspace: workspace, log: newRequestLog(d.c)}
	client, err := newClient(d.c, probing(d.env, cred), f.log.exchange, f.exchange)
	if err == nil {
		defer client.Close()
		f.client = client
		err = f.ask(ctx)
		f.limits = cmp.Or(f.limits, "none")
	}
	if f.largest != "" {
		f.filters = d.filters(ctx, gitRemote(d.c, cred, workspace, f.largest))
	}
	d.print("what Bitbucket does at " + workspace + ":")
	for _, fact := range [][2]string{
		{"heads in the listing:", f.heads},
		{"page length 100:", f.pageLength},
		{"uuid paths:", f.uuidPaths},
		{"order of commits:", f.order},
		{"excluded commits:", f.excluded},
		{"rate limit headers:", f.limits},
		{"filters by git:", f.filters},
	} {
		d.print(fmt.Sprintf("  %-21s %s", fact[0], cmp.Or(fact[1], "not known")))
	}
	if err != nil {
		d.print("  stopped by: " + err.Error())
	}
}

// exchange takes the headers about the rate limit from the last answer that has some: a 429 has others than
// the answers before it, and is the last, because the client does not wait.
func (f *facts) exchange(x bitbucket.Exchange) {
	f.method = x.Method
	f.limits = cmp.Or(strings.Join(x.Limits, "; "), f.limits)
}

// ask lists the first page of repositories, and the newest commits of the largest of them.
func (f *facts) ask(ctx context.Context) error {
	page, err := first(f.client.Repositories(ctx, f.workspace))
	if err != nil {
		return err
	}
	largest := f.readListing(page)
	if largest == nil {
		return nil
	}
	f.largest = largest.Slug
	path := largest.UUID
	commits, err := f.newest(ctx, path, largest.MainBranch)
	switch {
	case err == nil:
		f.uuidPaths = "taken"
	case bitbucket.IsNotFound(err):
		f.uuidPaths = "refused with 404"
		path = largest.Slug
		commits, err = f.newest(ctx, path, largest.MainBranch)
	}
	if err != nil || len(commits) == 0 {
		return err
	}
	f.order = orderOf(commits)
	return f.askExcluded(ctx, path, commits)
}

// readListing returns the largest repository with a default branch, nil if there is none.
func (f *facts) readListing(page bitbucket.Listing) (largest *bitbucket.Repository) {
	heads, branches := 0, 0
	for _, r := range page.Repositories {
		f.log.name(r.UUID, r.Slug)
		if r.MainBranch == nil || r.MainBranch.Unborn {
			continue
		}
		branches++
		if r.MainBranch.Head != (bitbucket.Hash{}) {
			heads++
		}
		if largest == nil || r.Size > largest.Size {
			largest = &r
		}
	}
	f.heads = fmt.Sprintf("%d of %s", heads, count(branches, "default branch", "default branches"))
	size := "rows, of how many is not told"
	if page.Size >= 0 {
		size = "of " + count(page.Size, "row", "rows")
	}
	f.pageLength = fmt.Sprintf("taken for repositories (%d %s)", len(page.Repositories), size)
	return largest
}

// newest returns the newest commits of a repository, which path names by its UUID or its slug.
func (f *facts) newest(ctx context.Context, path string, branch *bitbucket.Branch) (
	commits []bitbucket.Commit, err error) {

	head := branch.Head
	if head == (bitbucket.Hash{}) {
		if head, err = f.client.Head(ctx, f.workspace, path, branch.Name); err != nil {
			return nil, err
		}
	}
	newest := bitbucket.Range{Include: []bitbucket.Hash{head}}
	commits, err = f.commits(ctx, path, newest)
	switch {
	case err == nil:
		f.pageLength += ", taken for commits"
	case bitbucket.IsPageLength(err):
		f.pageLength += ", refused for commits"
		f.pageLen = 10
		commits, err = f.commits(ctx, path, newest)
	}
	return commits, err
}

// commits returns the first page of a range.
func (f *facts) commits(ctx context.Context, path string, r bitbucket.Range) ([]bitbucket.Commit, error) {
	r.PageLen = f.pageLen
	page, err := first(f.client.Commits(ctx, f.workspace, path, r))
	return page.Commits, err
}

// askExcluded tells whether a range leaves out the commits that it excludes. The hashes of half of a hundred
// commits are too long for a URL, so they are sent with POST.
func (f *facts) askExcluded(ctx context.Context, path string, commits []bitbucket.Commit) error {
	half := commits[(len(commits)+1)/2:]
	if len(half) == 0 {
		return nil
	}
	r := bitbucket.Range{Include: []bitbucket.Hash{commits[0].Hash}}
	for _, c := range half {
		r.Exclude = append(r.Exclude, c.Hash)
	}
	left, err := f.commits(ctx, path, r)
	if err != nil {
		return err
	}
	result := "left out"
	excluded := func(c bitbucket.Commit) bool { return slices.Contains(r.Exclude, c.Hash) }
	if slices.ContainsFunc(left, excluded) {
		result = "not left out"
	}
	f.excluded = fmt.Sprintf("%s (%d sent with %s)", result, len(half), f.method)
	return nil
}

// filters tells whether git offers the filter that sync --via git needs.
func (d *doctor) filters(ctx context.Context, remote githistory.Remote) string {
	if err := checkGitURL(d.c); err != nil {
		return "not asked: " + err.Error()
	}
	client, err := gitClient(d.c)
	if err != nil {
		return "not asked: " + err.Error()
	}
	remote.Client = client
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

// orderOf tells in which order the commits of a page came.
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
	return fmt.Sprintf("%s, %s (%s)", graph, dates, count(len(commits), "commit", "commits"))
}
