package sandbox

import (
	"net/http"
	"strings"
)

// classify says what a request asks for; the addresses are these and no others. Bitbucket takes
// a slash at the end of most of them.
func (q *request) classify() Kind {
	revision := q.begins("repositories", "*", "*", "commits", "*") // the slash is part of it
	if n := len(q.segments); n > 1 && q.segments[n-1] == "" && !revision {
		q.segments = q.segments[:n-1]
	}
	post := q.Method == http.MethodPost
	switch {
	case q.is("repositories"), q.is("workspaces"), q.begins("user", "permissions", "*"):
		return DeprecatedKind
	case q.begins("repositories", "*", "*", "commits") && (post || q.reads()):
		return CommitsKind
	case !q.reads():
		return UnexpectedKind
	case q.is("repositories", "*"):
		return Listing
	case q.is("repositories", "*", "*"):
		return RepositoryKind
	case q.is("repositories", "*", "*", "commit", "*"):
		return CommitKind
	case q.is("repositories", "*", "*", "refs"), q.is("repositories", "*", "*", "refs", "branches"),
		q.is("repositories", "*", "*", "refs", "tags"):
		return RefsKind
	case q.begins("repositories", "*", "*", "refs", "branches", "*"),
		q.begins("repositories", "*", "*", "refs", "tags", "*"):
		return BranchKind
	case q.is("workspaces", "*"):
		return WorkspaceKind
	case q.is("user"), q.is("user", "workspaces"):
		return UserKind
	}
	return UnexpectedKind
}

func (q *request) reads() bool { return q.Method == http.MethodGet || q.Method == http.MethodHead }

func (s *Server) route(q *request) answer {
	switch q.kind {
	case DeprecatedKind:
		return deprecated()
	case WorkspaceKind:
		return s.serveWorkspace(q, q.at(1))
	case UserKind:
		return s.serveUser(q)
	case UnexpectedKind:
		q.unexpected = true
		return noSuchAddress()
	}
	if refusal, ok := q.need("repository"); !ok {
		return refusal
	}
	if q.kind == Listing {
		return s.serveListing(q)
	}
	r, refusal := s.lookUp(q)
	if r == nil {
		return refusal
	}
	switch q.kind {
	case RepositoryKind:
		return s.serveRepository(q, r)
	case CommitsKind:
		return s.serveCommits(q, r)
	case CommitKind:
		return s.serveCommit(q, r)
	case RefsKind:
		return s.serveRefs(q, r)
	}
	return s.serveRef(q, r)
}

// lookUp finds the repository of an address, if the credential may know of it.
func (s *Server) lookUp(q *request) (*Repository, answer) {
	r, w := s.resolve(q.at(1), q.at(2))
	switch {
	case w == nil && q.at(1) != "{}":
		return nil, noWorkspace(q.at(1))
	case w != nil && w.spam:
		return nil, deactivated()
	case r == nil || !q.credential.sees(r):
		return nil, noRepository()
	case r.forbidden == http.StatusForbidden:
		return nil, errorAnswer(http.StatusForbidden, "Access denied. You must have read access "+
			"to this repository.", "")
	case r.forbidden != 0:
		return nil, noRepository()
	}
	return r, answer{}
}

// resolve finds a repository by slugs or UUIDs; with its UUID the workspace may be "{}".
func (s *Server) resolve(workspace, repository string) (*Repository, *Workspace) {
	if workspace == "{}" {
		for _, w := range s.workspaces {
			if r := w.find(repository); r != nil && r.uuid == repository {
				return r, w
			}
		}
		return nil, nil
	}
	w := s.workspace(workspace)
	if w == nil {
		return nil, nil
	}
	if !strings.HasPrefix(repository, "{") {
		repository = strings.ToLower(repository)
	}
	return w.find(repository), w
}

// workspace finds a workspace by its slug in any case, or its UUID.
func (s *Server) workspace(name string) *Workspace {
	if w := s.workspaces[strings.ToLower(name)]; w != nil {
		return w
	}
	for _, w := range s.workspaces {
		if w.uuid == name {
			return w
		}
	}
	return nil
}

func deactivated() answer {
	return errorAnswer(http.StatusGone, "This workspace has been deactivated.", "")
}
