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

// printFacts prints what Bitbucket does at a workspace where its documentation is silent. It sends up to four
// requests. The facts hold no secret, and no name but the workspace's.
func (d *doctor) printFacts(cred bitbucket.Credential, workspace string) {
	ctx, cancel := context.WithTimeout(d.c.Context, probeTimeout)
	defer cancel()
	f := facts{workspace: workspace, log: newRequestLog(d.c)}
	client, err := newClient(d.c, probing(d.env, cred), f.log.exchange, f.exchange)
	if err == nil {
		defer client.Close()
		err = f.ask(ctx, client)
	}
	if err == nil && f.largest != "" {
		f.filters = d.filters(ctx, gitRemote(d.c, cred, workspace, f.largest))
	}
	d.print("what Bitbucket does at " + workspace + ":")
	for _, line := range f.lines() {
		d.print("  " + line)
	}
	if err != nil {
		d.print("  stopped by: " + err.Error())
	}
}

// facts are what the answers to a few requests showed.
type facts struct {
	workspace string
	log       *requestLog

	listed, heads int // repositories with a default branch on the listing's first page, and those with a head
	uuidPaths     string
	largest       string // slug of the repository that was asked for
	filters       string
	order         string
	limits        []string // headers about the rate limit, each once
}

func (f *facts) exchange(x bitbucket.Exchange) {
	for _, line := range x.Limits {
		name, _, _ := strings.Cut(line, ":")
		if !slices.ContainsFunc(f.limits, func(l string) bool { return strings.HasPrefix(l, name+":") }) {
			f.limits = append(f.limits, line)
		}
	}
}

// ask lists the first page of repositories, and the newest commits of the largest of them.
func (f *facts) ask(ctx context.Context, client *bitbucket.Client) error {
	page, err := first(client.Repositories(ctx, f.workspace))
	if err != nil {
		return err
	}
	var largest *bitbucket.Repository
	for _, r := range page.Repositories {
		f.log.name(r.UUID, r.Slug)
		if r.MainBranch == nil || r.MainBranch.Unborn {
			continue
		}
		f.listed++
		if r.MainBranch.Head != (bitbucket.Hash{}) {
			f.heads++
		}
		if largest == nil || r.Size > largest.Size {
			largest = &r
		}
	}
	if largest == nil {
		return nil
	}
	f.largest = largest.Slug
	err = f.askCommits(ctx, client, largest.UUID, largest.MainBranch)
	if bitbucket.IsNotFound(err) {
		f.uuidPaths = "refused with 404"
		return f.askCommits(ctx, client, largest.Slug, largest.MainBranch)
	}
	if err == nil {
		f.uuidPaths = "taken"
	}
	return err
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
	offered, err := githistory.OffersFilter(ctx, client, remote)
	switch {
	case err != nil:
		return "not known: " + err.Error()
	case offered:
		return "offered"
	}
	return "not offered"
}

// askCommits asks for the newest commits of a repository, which path names by its UUID or its slug.
func (f *facts) askCommits(ctx context.Context, client *bitbucket.Client, path string,
	branch *bitbucket.Branch) (err error) {

	head := branch.Head
	if head == (bitbucket.Hash{}) {
		if head, err = client.Head(ctx, f.workspace, path, branch.Name); err != nil {
			return err
		}
	}
	newest := bitbucket.Range{Include: []bitbucket.Hash{head}}
	page, err := first(client.Commits(ctx, f.workspace, path, newest))
	if err == nil {
		f.order = orderOf(page.Commits)
	}
	return err
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

func (f *facts) lines() []string {
	return []string{
		fmt.Sprintf("heads in the listing: %d of %s", f.heads,
			count(f.listed, "default branch", "default branches")),
		"uuid paths:           " + cmp.Or(f.uuidPaths, "not known"),
		"order of commits:     " + cmp.Or(f.order, "not known"),
		"rate limit headers:   " + cmp.Or(strings.Join(f.limits, "; "), "none"),
		"filters by git:       " + cmp.Or(f.filters, "not known"),
	}
}
