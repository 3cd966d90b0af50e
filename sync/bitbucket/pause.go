package bitbucket

import "time"

const (
	firstPause = time.Second     // after a 429 that does not say how long
	lastPause  = 4 * time.Minute // room in a rolling hour comes back bit by bit: look now and then
	maxPause   = 65 * time.Minute
)

// A pause is what a 429 brings about: nobody sends a request until it is over, then one goes
// first, as a probe. With each that is answered by anything but another 429 one more may be under
// way, until there is no doubt. Otherwise a dozen walkers would burn a dozen requests on each
// look, while room in a rolling hour comes back one request at a time.
//
// Answers to requests that were sent before the pause began say nothing about it: they neither
// lengthen the backoff nor end the doubt.
type pause struct {
	count   int // pauses so far
	strikes int // 429s in a row, one per pause
	until   time.Time
	doubt   bool // too few good answers since the last 429
	good    int  // good answers to probes since then
	probes  int  // probes under way
}

// noDoubt is how many good answers in a row end the doubt.
const noDoubt = 8

func (p *pause) obstacle(now time.Time) (Wait, bool) {
	const reason = "Bitbucket's rate limit is reached"
	switch {
	case now.Before(p.until):
		return Wait{Until: p.until, Reason: reason}, true
	case p.doubt && p.probes > p.good:
		return Wait{Reason: reason}, true
	}
	return Wait{}, false
}

func (p *pause) permit() permit {
	if p.doubt {
		p.probes++
	}
	return permit{pauses: p.count, probe: p.doubt}
}

// limited takes in a 429. named is how long it asked to wait, 0 where it did not say.
func (p *pause) limited(t permit, now time.Time, named time.Duration) {
	if t.probe {
		p.probes--
	}
	wait := min(named, maxPause)
	if t.pauses == p.count {
		p.count++
		p.strikes++
		p.doubt, p.good = true, 0
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
		p.probes--
	}
	if ok && t.pauses == p.count {
		p.strikes = 0
		p.good++
		p.doubt = p.doubt && p.good < noDoubt
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
