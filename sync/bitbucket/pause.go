package bitbucket

import "time"

const (
	firstPause = time.Second     // after a 429 that does not say how long
	lastPause  = 4 * time.Minute // room in a rolling hour comes back bit by bit: look now and then
	maxPause   = 65 * time.Minute
)

// A pause is what a 429 brings about: nobody sends a request until it is over, then one goes
// first, as a probe, and the others follow when it was answered by anything but another 429.
// Otherwise a dozen walkers would burn a dozen requests on each look.
//
// Answers to requests that were sent before the pause began say nothing about it: they may
// neither prolong the backoff nor end the pause.
type pause struct {
	count   int // pauses so far
	strikes int // 429s in a row, one per pause
	until   time.Time
	doubt   bool // no answer yet since the last 429
	probing bool // the probe is under way
}

func (p *pause) obstacle(now time.Time) (Wait, bool) {
	const reason = "Bitbucket's rate limit is reached"
	switch {
	case now.Before(p.until):
		return Wait{Until: p.until, Reason: reason}, true
	case p.probing:
		return Wait{Reason: reason}, true
	}
	return Wait{}, false
}

func (p *pause) permit() permit {
	p.probing = p.doubt
	return permit{pauses: p.count, probe: p.doubt}
}

// limited takes in a 429. named is how long it asked to wait, 0 where it did not say.
func (p *pause) limited(t permit, now time.Time, named time.Duration) {
	if t.probe {
		p.probing = false
	}
	wait := min(named, maxPause)
	if t.pauses == p.count {
		p.count++
		p.strikes++
		p.doubt = true
		wait = max(wait, backoff(p.strikes, named > 0))
	}
	if until := now.Add(wait); until.After(p.until) {
		p.until = until
	}
}

// backoff doubles from strike to strike. A server that names a time is believed once.
func backoff(strikes int, named bool) time.Duration {
	if named && strikes == 1 {
		return 0
	}
	d := lastPause
	if strikes < 9 {
		d = min(d, firstPause<<(strikes-1))
	}
	return d + jitter(d/2)
}

// answered takes in any answer that is not a 429, or, where ok is false, that there was none.
func (p *pause) answered(t permit, ok bool) {
	if t.probe {
		p.probing = false
	}
	if ok && t.pauses == p.count {
		p.doubt, p.strikes = false, 0
	}
}

// limited makes all walkers wait after a 429.
func (b *Budget) limited(t permit, named time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pause.limited(t, b.conf.Now(), named)
	b.changed()
}

// answered settles a permit whose request was not refused with 429; ok says whether there was an
// answer at all.
func (b *Budget) answered(t permit, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	doubt := b.pause.doubt
	b.pause.answered(t, ok)
	if doubt {
		b.changed()
	}
}
