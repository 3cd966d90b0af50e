package bitbucket

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"strings"
	"time"
)

// A bare fields list drops everything that it does not name, next and size included.
const (
	listingFields = "next,size,values.uuid,values.slug,values.name,values.project.key," +
		"values.parent.uuid,values.parent.full_name,values.updated_on," +
		"values.mainbranch.name,values.mainbranch.target.hash"
	verifyFields = "size,values.uuid"
	headFields   = "target.hash"
)

// A Listing is one page of a workspace's repositories.
type Listing struct {
	Repositories []Repository
	Size         int // of the whole listing, as Bitbucket counts; -1 where it does not say
}

// A Repository is an entry of a listing.
type Repository struct {
	UUID       string // in braces, lower case; what stays when the rest changes
	Slug       string
	Name       string
	Project    string  // its key
	Parent     *Parent // nil: not a fork
	UpdatedOn  time.Time
	MainBranch *Branch // nil: an empty repository
}

// A Parent is the repository that another is a fork of.
type Parent struct{ UUID, FullName string }

// A Branch is a default branch.
type Branch struct {
	Name string
	Head Hash // the newest commit; zero where the listing did not say, or no hash
}

// Repositories walks over the repositories of a workspace that the credential may see, a hundred
// to a page, in the order of their creation. People create and delete meanwhile: a repository
// may come twice or be passed over, which Listing.Size gives away.
func (c *Client) Repositories(ctx context.Context, workspace string) iter.Seq2[Listing, error] {
	return func(yield func(Listing, error) bool) {
		ws, err := escape("workspace", workspace)
		if err != nil {
			yield(Listing{}, err)
			return
		}
		at := path("repositories", ws)
		first := request{method: http.MethodGet, label: c.label(at)}
		first.url = c.prefix + at + "?pagelen=100&sort=created_on&fields=" + listingFields
		for p, err := range pages(ctx, c, first, decodeListing) {
			if !yield(Listing{Repositories: p.Values, Size: p.Size}, err) {
				return
			}
		}
	}
}

// Head asks for the newest commit of one branch. It is for the workspace whose listing did not
// say it.
func (c *Client) Head(ctx context.Context, workspace, repo, branch string) (Hash, error) {
	ws, err := escape("workspace", workspace)
	if err != nil {
		return Hash{}, err
	}
	rp, err := escape("repository", repo)
	if err != nil {
		return Hash{}, err
	}
	br, err := escape("branch", branch)
	if err != nil {
		return Hash{}, err
	}
	at := path("repositories", ws, rp, "refs", "branches", br)
	var hash Hash
	r := request{method: http.MethodGet, label: c.label(at)}
	r.url = c.prefix + at + "?fields=" + headFields
	r.decode = func(body []byte, _ http.Header) error {
		var b struct{ Target *struct{ Hash string } }
		if err := json.Unmarshal(body, &b); err != nil || b.Target == nil {
			return shapeError{"not a branch", "it has no target"}
		}
		var err error
		if hash, err = parseHash([]byte(b.Target.Hash)); err != nil {
			return fmt.Errorf("target: %w", err)
		}
		return nil
	}
	err = c.do(ctx, r)
	return hash, err
}

// A Verification says what a credential is good for.
type Verification struct {
	Repositories   int      // that it may see in the workspace
	Scopes         []string // granted; nil where Bitbucket did not say
	CredentialType string   // Bitbucket's word; "" where it did not say
}

// Verify asks for the workspace's repositories, as a sync does, and for nothing else: an access
// token may not ask who it is. No repository is not an error here.
func (c *Client) Verify(ctx context.Context, workspace string) (Verification, error) {
	ws, err := escape("workspace", workspace)
	if err != nil {
		return Verification{}, err
	}
	at := path("repositories", ws)
	var v Verification
	r := request{method: http.MethodGet, label: c.label(at)}
	r.url = c.prefix + at + "?pagelen=1&fields=" + verifyFields
	r.decode = func(body []byte, h http.Header) error {
		p, err := decodeListing(body)
		v.Repositories = max(p.Size, len(p.Values))
		for s := range strings.FieldsFuncSeq(h.Get("X-OAuth-Scopes"), blankOrComma) {
			v.Scopes = append(v.Scopes, c.scrub.clean(s))
		}
		v.CredentialType = c.scrub.clean(h.Get("X-Credential-Type"))
		return err
	}
	if err := c.do(ctx, r); err != nil {
		return Verification{}, err
	}
	return v, nil
}

func blankOrComma(r rune) bool { return r == ' ' || r == ',' || r == '\t' }

// A wireRepository is a repository as Bitbucket writes it.
type wireRepository struct {
	UUID, Slug, Name string
	Project          *struct{ Key string }
	Parent           *struct {
		UUID     string
		FullName string `json:"full_name"`
	}
	UpdatedOn  string `json:"updated_on"`
	MainBranch *struct {
		Name   string
		Target *struct{ Hash string }
	}
}

func decodeListing(body []byte) (page[Repository], error) {
	p := page[Repository]{Size: -1}
	var wire struct {
		Values *[]wireRepository
		Next   string
		Size   *int
	}
	err := json.Unmarshal(body, &wire)
	if kind := (*json.UnmarshalTypeError)(nil); errors.As(err, &kind) && kind.Field != "" {
		return p, shapeError{"not a page of repositories", ofAnotherKind(strings.ToLower(kind.Field))}
	}
	if err != nil || wire.Values == nil {
		return p, shapeError{"not a page of repositories", noValues}
	}
	p.Next = wire.Next
	if wire.Size != nil && *wire.Size >= 0 {
		p.Size = *wire.Size
	}
	for _, w := range *wire.Values {
		r, err := w.repository()
		if err != nil {
			return p, err
		}
		p.Values = append(p.Values, r)
	}
	return p, nil
}

func (w wireRepository) repository() (Repository, error) {
	r := Repository{UUID: strings.ToLower(w.UUID), Slug: w.Slug, Name: w.Name}
	if r.UUID == "" {
		return r, fmt.Errorf("repository %q has no uuid", w.Slug)
	}
	if w.Project != nil {
		r.Project = w.Project.Key
	}
	if w.Parent != nil {
		r.Parent = &Parent{strings.ToLower(w.Parent.UUID), w.Parent.FullName}
	}
	if sec, nsec, ok := parseDate(w.UpdatedOn); ok { // one that is no date counts as absent
		r.UpdatedOn = time.Unix(sec, nsec).UTC()
	}
	if w.MainBranch == nil || w.MainBranch.Name == "" {
		return r, nil
	}
	r.MainBranch = &Branch{Name: w.MainBranch.Name}
	if w.MainBranch.Target != nil {
		// One that is no hash counts as absent: the branch itself is asked then.
		r.MainBranch.Head, _ = parseHash([]byte(w.MainBranch.Target.Hash))
	}
	return r, nil
}
