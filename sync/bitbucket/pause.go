package bitbucket

import "time"

const (
	firstPause = time.Second     // after a 429 that does not say how long
	lastPause  = 4 * time.Minute // room in a rolling hour comes back bit by bit: look now and then
	maxPause   = 65 * time.Minute

	// recovered is how many good answers in a row lift all restrictions after a 429.
	recovered = 8
)

// A pause is what a 429 brings about. Until it is over no request is sent; then one goes as a
// probe while the others wait, and each good answer lets one more be under way. A dozen walkers
// that all went at once would spend a dozen requests on each look, while room in a rolling hour
// comes back one request at a time.
//
// Answers to requests that were sent before the pause began say nothing about it: they neither
// lengthen the backoff nor count as good.
type pause struct {
	count       int // pauses so far
	consecutive int // 429s in a row, one per pause
	until       time.Time
	recovering  bool // fewer than recovered good answers since the last 429
	good        int  // good answers to probes since then
	probes      int  // probes under way
}

func (p *pause) blocked(now time.Time) (Wait, bool) {
	if now.Before(p.until) {
		return Wait{Until: p.until, Reason: "Bitbucket's rate limit is reached"}, true
	}
	return Wait{}, p.recovering && p.probes > p.good
}

func (p *pause) permit() permit {
	if p.recovering {
		p.probes++
	}
	return permit{pauses: p.count, probe: p.recovering}
}

func (p *pause) limited(t permit, now time.Time, named time.Duration) {
	if t.probe {
		p.probes--
	}
	wait := min(named, maxPause)
	if t.pauses == p.count {
		p.count++
		p.consecutive++
		p.recovering, p.good = true, 0
		wait = max(wait, backoff(p.consecutive, named > 0))
	}
	if until := now.Add(wait); until.After(p.until) {
		p.until = until
	}
}

// backoff doubles with each 429 in a row. A time that Bitbucket names is relied on once.
func backoff(consecutive int, named bool) time.Duration {
	if named && consecutive == 1 {
		return 0
	}
	d := lastPause
	if consecutive < 9 {
		d = min(d, firstPause<<(consecutive-1))
	}
	return d + jitter(d/2)
}

func (p *pause) answered(t permit, ok bool) {
	if t.probe {
		p.probes--
	}
	if ok && t.pauses == p.count {
		p.consecutive = 0
		p.good++
		p.recovering = p.recovering && p.good < recovered
	}
}
