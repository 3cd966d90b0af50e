package sync

// A Summary is what a run did. The counts of repositories satisfy
// Listed = Synced + Unchanged + Empty + Failed + Pending.
type Summary struct {
	Schema       int          `json:"schema"`
	Workspace    string       `json:"workspace"`
	Complete     bool         `json:"complete"` // every repository asked for is up to date
	Repositories Repositories `json:"repositories"`
	Commits      Commits      `json:"commits"`
	Requests     int          `json:"requests"`
	Duration     float64      `json:"duration_seconds"`
	Waited       float64      `json:"waited_seconds"`
	Failures     []Failure    `json:"failures"`

	Git  *GitCounts `json:"git,omitempty"`  // with Options.Git
	Plan *Plan      `json:"plan,omitempty"` // with Options.Plan

	AccessLost bool `json:"-"` // more than half of the repositories are missing from the listing
}

// Repositories counts the repositories of a run by what became of them.
type Repositories struct {
	Listed    int `json:"listed"`
	Synced    int `json:"synced"`
	Unchanged int `json:"unchanged"`
	Empty     int `json:"empty"`
	Failed    int `json:"failed"`
	Pending   int `json:"pending"` // not reached: the budget was spent, or the run was interrupted
	Gone      int `json:"gone"`    // stored, and missing from two complete listings in a row
}

// Commits counts what a run changed in the database.
type Commits struct {
	Added   int `json:"added"`
	Removed int `json:"removed"` // no longer reached by a rewritten branch
}

// A Failure is why one repository is not up to date.
type Failure struct {
	Repository string `json:"repository"`
	Error      string `json:"error"`
	Err        error  `json:"-"`
}

// A Plan is what a run would ask for, as far as the listing tells.
type Plan struct {
	Repositories int     `json:"repositories"` // that changed, or are unfinished
	First        int     `json:"first"`        // of those, never finished: a request per 100 of their commits
	Requests     int     `json:"requests"`     // at least; how long a history is Bitbucket does not tell
	Hours        float64 `json:"hours"`        // that this takes at least, at the known limit

	// Git is how many of First git would bring, but for a page each.
	Git int `json:"git,omitempty"`
}

// plan counts the jobs of a run that stops here.
func (e *engine) plan(jobs []job) *Plan {
	p := &Plan{Repositories: len(jobs)}
	for _, j := range jobs {
		if j.repo.Head.IsZero() {
			p.First++
		}
		p.Requests++
		if j.head.IsZero() {
			p.Requests++ // the head must be asked for
		}
	}
	if e.opt.Git != nil && e.opt.Git.Remote != nil {
		p.Git = p.First
	}
	budget := e.client.Budget()
	if left, limited := budget.Left(); limited {
		p.Hours = float64(max(p.Requests-left, 0)) / float64(max(budget.Limit(), 1))
	}
	return p
}
