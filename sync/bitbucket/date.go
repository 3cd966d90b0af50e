package bitbucket

// parseDate reads RFC 3339 into seconds since 1970 and nanoseconds, as tolerantly as commits need
// it: their dates are whatever a committer's machine believed. Years may be negative or have more
// than four digits, and offsets be any number of hours; T may be a blank, and the colon of
// the offset be missing. A date without an offset is in UTC.
func parseDate(s string) (sec, nsec int64, ok bool) {
	d := dateScanner{s: s, ok: true}
	sign := d.sign()
	year := sign * d.number(4, 9)
	d.one("-")
	month := d.number(2, 2)
	d.one("-")
	day := d.number(2, 2)
	d.one("Tt ")
	hour := d.number(1, 2) // as package time reads it
	d.one(":")
	minute := d.number(2, 2)
	d.one(":")
	second := d.number(2, 2)
	nsec = d.fraction()
	offset := d.offset()
	if !d.ok || d.s != "" || !inCalendar(year, month, day) || hour > 23 || minute > 59 || second > 60 {
		return 0, 0, false
	}
	return days(year, month, day)*86400 + hour*3600 + minute*60 + second - offset, nsec, true
}

// A dateScanner eats a date from the left; ok turns false at the first thing amiss.
type dateScanner struct {
	s  string
	ok bool
}

// sign eats a sign, if there is one.
func (d *dateScanner) sign() int64 {
	if d.s == "" || d.s[0] != '-' && d.s[0] != '+' {
		return 1
	}
	minus := d.s[0] == '-'
	d.s = d.s[1:]
	if minus {
		return -1
	}
	return 1
}

// number eats between least and most digits.
func (d *dateScanner) number(least, most int) (n int64) {
	i := 0
	for ; i < len(d.s) && i < most && '0' <= d.s[i] && d.s[i] <= '9'; i++ {
		n = n*10 + int64(d.s[i]-'0')
	}
	d.ok = d.ok && i >= least
	d.s = d.s[i:]
	return n
}

// one eats one of the given bytes.
func (d *dateScanner) one(of string) {
	for i := range len(of) {
		if d.s != "" && d.s[0] == of[i] {
			d.s = d.s[1:]
			return
		}
	}
	d.ok = false
}

// fraction eats a fraction of a second, in nanoseconds; digits beyond those are dropped.
func (d *dateScanner) fraction() (nsec int64) {
	if d.s == "" || d.s[0] != '.' && d.s[0] != ',' {
		return 0
	}
	d.s = d.s[1:]
	before := len(d.s)
	nsec = d.number(1, 9)
	for range 9 - (before - len(d.s)) {
		nsec *= 10
	}
	for d.s != "" && '0' <= d.s[0] && d.s[0] <= '9' {
		d.s = d.s[1:]
	}
	return nsec
}

// offset eats Z, +hh, +hhmm, +hh:mm, or nothing, in seconds.
func (d *dateScanner) offset() int64 {
	if d.s == "" {
		return 0
	}
	if d.s[0] == 'Z' || d.s[0] == 'z' {
		d.s = d.s[1:]
		return 0
	}
	if d.s[0] != '+' && d.s[0] != '-' {
		d.ok = false
		return 0
	}
	sign := d.sign()
	seconds := d.number(2, 2) * 3600
	if d.s != "" && d.s[0] == ':' {
		d.s = d.s[1:]
		seconds += d.number(2, 2) * 60
	} else if d.s != "" {
		seconds += d.number(2, 2) * 60
	}
	return sign * seconds
}

func inCalendar(year, month, day int64) bool {
	if month < 1 || month > 12 || day < 1 {
		return false
	}
	length := [...]int64{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month-1]
	if month == 2 && year%4 == 0 && (year%100 != 0 || year%400 == 0) {
		length = 29
	}
	return day <= length
}

// days counts the days from 1970-01-01 in the Gregorian calendar, to either side: years begin in
// March, so that the leap day is the last, and are counted in eras of 400.
// See https://howardhinnant.github.io/date_algorithms.html#days_from_civil.
func days(year, month, day int64) int64 {
	if month <= 2 {
		year--
	}
	era := year / 400
	if year < 0 {
		era = (year - 399) / 400
	}
	yearOfEra := year - era*400
	dayOfYear := (153*((month+9)%12)+2)/5 + day - 1
	return era*146097 + yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear - 719468
}
