package bitbucket

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// A bare fields list drops everything that it does not name, next and size included.
const (
	listingFields = "next,size,values.uuid,values.slug,values.name,values.project.key," +
		"values.is_private,values.size,values.parent.uuid,values.parent.full_name,values.updated_on," +
		"values.mainbranch.name,values.mainbranch.target.hash"
	verifyFields = "size,values.uuid"
	headFields   = "target.hash"

	repositoryPage = "a page of repositories" // in errors
)

// A Listing is one page of a workspace's repositories.
type Listing struct {
	Repositories []Repository
	Size         int // of the whole listing, as Bitbucket counts; 0 where it does not say
	Unusable     int // rows that were left out: null, or without a uuid or a slug
}

// A Repository is an entry of a listing.
type Repository struct {
	UUID       string // in braces, lower case; what stays when the rest changes
	Slug       string
	Name       string
	Project    string // its key
	Private    bool   // only those who were given access see it
	Size       int64  // bytes, as Bitbucket counts
	ForkOf     string // the full name of the repository that it is a fork of; "" of others
	ForkOfUUID string // that repository's; it may be listed without ForkOf
	UpdatedOn  time.Time

	// MainBranch is the default branch; "" of an empty repository, and where the listing says that the
	// branch does not exist: nothing was pushed to it, or it was deleted.
	MainBranch string
	Head       Hash // of MainBranch; zero where the listing does not say
}

// Repositories walks over the repositories of a workspace that the credential may see, a hundred to a page,
// in the order of their creation, which no push changes while pages are read. People create and delete
// meanwhile: a repository may come twice or be passed over; Listing.Size shows that some are missing.
func (c *Client) Repositories(ctx context.Context, workspace string) iter.Seq2[Listing, error] {
	first := c.get("repositories", workspace)
	first.url += "?pagelen=100&sort=created_on&fields=" + listingFields
	return pages(ctx, c, first, repositoryPage, listingOf)
}

// Head asks for the newest commit of one branch, where the listing did not say it. The branch is named in the
// path, where Bitbucket takes a slash of its name escaped or not. A branch that does not exist is
// IsBranchNotFound.
func (c *Client) Head(ctx context.Context, workspace, repo, branch string) (head Hash, err error) {
	r := c.get("repositories", workspace, repo, "refs", "branches", branch)
	r.url += "?fields=" + headFields
	r.decode = func(body []byte, _ http.Header) error {
		var b struct{ Target *struct{ Hash string } }
		if json.Unmarshal(body, &b) != nil || b.Target == nil {
			return shapeError{"a branch", "it has no target"}
		}
		if head, err = parseHash(b.Target.Hash); err != nil {
			return fmt.Errorf("target: %w", err)
		}
		return nil
	}
	err = c.do(ctx, r)
	if e, ok := errors.AsType[*Error](err); ok {
		e.branch = hasStatus(err, http.StatusNotFound) && aboutBranch(e, branch)
	}
	return head, err
}

// otherThanBranch finds what else a 404 may be about.
var otherThanBranch = regexp.MustCompile(`repository|workspace|no api`)

// aboutBranch reports whether a 404 is about the branch. Bitbucket's words for it are not
// documented; those for a workspace, a repository and an address that does not exist name these.
func aboutBranch(e *Error, branch string) bool {
	text := strings.ToLower(strings.ReplaceAll(e.Message+" "+e.Detail, branch, ""))
	if e.Message == "" || strings.Contains(text, "branch") {
		return e.Message != ""
	}
	return !otherThanBranch.MatchString(text)
}

// A Verification says what a credential is good for.
type Verification struct {
	Repositories int      // that it may see in the workspace
	Scopes       []string // granted; nil where Bitbucket did not say
}

// Verify asks for the workspace's repositories, as a sync does, and for nothing else: an access
// token may not ask who it is. No repository is not an error here.
func (c *Client) Verify(ctx context.Context, workspace string) (Verification, error) {
	r := c.get("repositories", workspace)
	r.url += "?pagelen=1&fields=" + verifyFields
	var v Verification
	r.decode = func(body []byte, h http.Header) error {
		p, err := decodePage[*struct{}](body, repositoryPage)
		v = Verification{Repositories: max(p.Size, len(p.Values))}
		for s := range strings.FieldsSeq(strings.ReplaceAll(h.Get("X-OAuth-Scopes"), ",", " ")) {
			v.Scopes = append(v.Scopes, c.scrub.clean(s))
		}
		return err
	}
	if err := c.do(ctx, r); err != nil {
		return Verification{}, err
	}
	return v, nil
}

// repositoryJSON is a repository as Bitbucket writes it.
type repositoryJSON struct {
	UUID, Slug, Name string
	Project          *struct{ Key string }
	Parent           *struct {
		UUID     string
		FullName string `json:"full_name"`
	}
	Private    bool `json:"is_private"`
	Size       int64
	UpdatedOn  string   `json:"updated_on"`
	MainBranch struct { // null leaves it empty
		Name   string
		Target json.RawMessage // nil where it is missing; null says that there is no such branch
	}
}

// listingOf translates a page of a listing. A row that is unusable is left out and counted: the others
// can be synced without it.
func listingOf(rows page[*repositoryJSON]) (l Listing, err error) {
	l.Size = max(rows.Size, 0)
	for _, row := range rows.Values {
		if row == nil || row.UUID == "" || row.Slug == "" {
			l.Unusable++
			continue
		}
		l.Repositories = append(l.Repositories, row.repository())
	}
	return l, nil
}

// repository translates a row. A uuid gets one case, because it is a key in the store. A date or a head
// that cannot be read counts as absent, so that the caller asks for the head.
func (j *repositoryJSON) repository() Repository {
	r := Repository{UUID: strings.ToLower(j.UUID), Slug: j.Slug, Name: j.Name, Private: j.Private, Size: j.Size}
	if j.Project != nil {
		r.Project = j.Project.Key
	}
	if j.Parent != nil {
		r.ForkOf, r.ForkOfUUID = j.Parent.FullName, strings.ToLower(j.Parent.UUID)
	}
	r.UpdatedOn, _ = parseDate(j.UpdatedOn)
	if string(j.MainBranch.Target) != "null" {
		r.MainBranch = j.MainBranch.Name
	}
	var target struct{ Hash string }
	if r.MainBranch != "" && json.Unmarshal(j.MainBranch.Target, &target) == nil {
		r.Head, _ = parseHash(target.Hash)
	}
	return r
}
