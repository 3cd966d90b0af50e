package sandbox

import "strings"

// fields says which members of an object a request wants, as a place in what its parameter
// "fields" asks for. There are three ways to ask, and they mix: "a,b.c" is only these, "+a" adds
// to what is there by default, "-a" takes away; "*" stands for any member that is there by
// default. A name that does not exist is ignored.
type fields struct {
	whole             bool // the default members are wanted
	only, plus, minus *tree
}

// A tree holds the paths of one way to ask.
type tree struct {
	end  bool // a path ends here: the whole member is meant
	kids map[string]*tree
}

func parseFields(param string) fields {
	f := fields{whole: true, plus: &tree{}, minus: &tree{}}
	for _, path := range strings.Split(param, ",") {
		path = strings.TrimSpace(path)
		switch {
		case path == "":
		case path[0] == '+':
			f.plus.insert(path[1:])
		case path[0] == '-':
			f.minus.insert(path[1:])
		default:
			if f.only == nil {
				f.only, f.whole = &tree{}, false
			}
			f.only.insert(path)
		}
	}
	return f
}

func (t *tree) insert(path string) {
	for _, name := range strings.Split(path, ".") {
		if t.kids == nil {
			t.kids = map[string]*tree{}
		}
		if t.kids[name] == nil {
			t.kids[name] = &tree{}
		}
		t = t.kids[name]
	}
	t.end = true
}

func (t *tree) child(name string) *tree {
	if t == nil {
		return nil
	}
	return t.kids[name]
}

func (t *tree) isEnd() bool { return t != nil && t.end }

// has reports whether the plain member name is wanted.
func (f fields) has(name string) bool {
	inside, ok := f.step(name)
	return ok && inside.whole
}

// step goes into the member name, which is there by default; ok is whether it is wanted.
func (f fields) step(name string) (inside fields, ok bool) {
	inside, ok = f.named(name)
	minus := f.minus.child(name)
	if star := f.minus.child("*"); star.isEnd() || minus.isEnd() {
		return inside, ok
	}
	inside.minus = minus
	if star := f.only.child("*"); star != nil {
		ok = true
		inside.whole = inside.whole || star.end
		if inside.only == nil {
			inside.only = star
		}
	}
	if f.whole {
		inside.whole, ok = true, true
	}
	return inside, ok
}

// named goes into a member that is there only when it is asked for by its name.
func (f fields) named(name string) (inside fields, ok bool) {
	inside.only, inside.plus = f.only.child(name), f.plus.child(name)
	inside.whole = inside.only.isEnd() || inside.plus.isEnd()
	return inside, inside.only != nil || inside.plus != nil
}
