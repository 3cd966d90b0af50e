package sync

import "trunkstat/sync/bitbucket"

// pageLengths choose how many commits a page has. Where a page fails, a page of one commit is asked for, so
// that an outage costs one more request and not one for each length. If that works, it is a commit on the
// page that makes Bitbucket fail, and half the length is tried, until the commit is alone. Lengths grow again
// when as many commits as a full page has were fetched.
type pageLengths struct {
	max   int // that Bitbucket takes
	now   int
	after int // the length after a page of one commit; 0: none was asked for
}

// reset begins with full pages again. The maximum that was found stays.
func (p *pageLengths) reset() { p.now, p.after = p.max, 0 }

// enough reports whether a range is to end after so many commits, so that another length is tried.
func (p *pageLengths) enough(fresh int) bool {
	return p.after > 0 || p.now < p.max && fresh >= bitbucket.MaxPageLen
}

// worked is called after a range that Bitbucket answered.
func (p *pageLengths) worked(fresh int) {
	switch {
	case p.after > 0:
		p.now, p.after = p.after, 0
	case fresh >= bitbucket.MaxPageLen:
		p.now = p.max
	}
}

// refused is called when Bitbucket refused the length itself. It returns false if that was 1.
func (p *pageLengths) refused() bool {
	if p.now == 1 {
		return false
	}
	p.max = p.now / 2
	p.reset()
	return true
}

// failed is called when Bitbucket failed; progress says that pages came before. It returns false if no
// shorter page can be asked for.
func (p *pageLengths) failed(progress bool) bool {
	switch {
	case p.now == 1:
		return false
	case progress:
		p.now /= 2
	default:
		p.now, p.after = 1, max(1, p.now/2)
	}
	return true
}
