package bitbucket

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// wireCommits is a page as encoding/json would read it: what decodeCommits is held against.
type wireCommits struct {
	Values *[]struct {
		Hash, Date, Message string
		Parents             []struct{ Hash string }
		Author              *struct {
			Raw  string
			User *struct{ UUID, Type string }
		}
	}
	Next string
}

func samplePage(commits int) []byte {
	rnd := rand.New(rand.NewPCG(1, 2))
	hash := func() string {
		return fmt.Sprintf("%016x%016x%08x", rnd.Uint64(), rnd.Uint64(), rnd.Uint32())
	}
	var b strings.Builder
	b.WriteString(`{"values": [`)
	parent := hash()
	for i := range commits {
		if i > 0 {
			b.WriteString(", ")
		}
		h := parent
		parent = hash()
		fmt.Fprintf(&b, `{"hash": %q, "date": "2025-03-%02dT12:%02d:00+00:00", "author": {"raw": `+
			`"Jörg Müller %d <joerg%d@example.com>", "user": {"uuid": "{85d08b4e-571d-44e9-a507-%012d}", `+
			`"type": "user"}}, "message": "Fix the %d. thing\n\nIt was broken since %s and nobody `+
			`had seen it,\nbecause the test was \"green\".\n", "parents": [{"hash": %q}]}`,
			h, 1+i%28, i%60, i%12, i%12, i%12, i, hash(), parent)
	}
	b.WriteString(`], "next": "https://api.bitbucket.org/2.0/repositories/a/b/commits?ctx=abc&page=2"}`)
	return []byte(b.String())
}

// BenchmarkDecode compares the reader of commits with encoding/json into the smallest structs.
func BenchmarkDecode(b *testing.B) {
	body := samplePage(100)
	b.Run("own", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			if p, err := decodeCommits(body); err != nil || len(p.Values) != 100 {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)*100/b.Elapsed().Seconds(), "commits/s")
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			var w wireCommits
			if err := json.Unmarshal(body, &w); err != nil || len(*w.Values) != 100 {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)*100/b.Elapsed().Seconds(), "commits/s")
	})
}

func TestDecodeCommits(t *testing.T) {
	const h1, h2 = "00000000000000000000000000000000000000a1", "00000000000000000000000000000000000000b2"
	tests := []struct {
		name, body string
		want       Commit
	}{
		{"whole", `{"values":[{"hash":"` + h1 + `","date":"2025-03-31T12:00:00+02:00","message":"a\nb\u00e9\ud83d\ude00",
			"author":{"raw":"Ann <a@x>","user":{"uuid":"{u}","type":"user"}},"parents":[{"hash":"` + h2 + `"}]}]}`,
			Commit{hash(h1), 1743415200, "Ann <a@x>", "{u}", false, []Hash{hash(h2)}, "a\nbé😀"}},
		{"nothing but hash and date", `{"values":[{"hash":"` + h1 + `","date":"1970-01-01T00:00:01Z"}]}`,
			Commit{Hash: hash(h1), Date: 1}},
		{"nulls", `{"next":null,"values":[{"hash":"` + h1 + `","date":"1969-12-31T23:59:59.5Z","message":null,"author":null,"parents":null}]}`,
			Commit{Hash: hash(h1), Date: -1}},
		{"no account", `{"values":[{"hash":"` + h1 + `","date":"1970-01-01T00:00:00Z","author":{"raw":"x","user":null}}]}`,
			Commit{Hash: hash(h1), AuthorRaw: "x"}},
		{"an app", `{"values":[{"hash":"` + h1 + `","date":"1970-01-01T00:00:00Z","author":{"raw":"x","user":{"type":"app_user","uuid":"{b}","links":{"a":[1,2.5e3,true,{}]}}}}]}`,
			Commit{Hash: hash(h1), AuthorRaw: "x", AuthorUUID: "{b}", AuthorApp: true}},
		{"no UTF-8", `{"values":[{"hash":"` + h1 + `","date":"1970-01-01T00:00:00Z","message":"a` + "\xff\xfe" + `\n` + "\x80" + `"}]}`,
			Commit{Hash: hash(h1), Message: "a\uFFFD\uFFFD\n\uFFFD"}},
		{"upper case", `{"values":[{"hash":"` + strings.ToUpper(h1) + `","date":"1970-01-01T00:00:00Z"}]}`,
			Commit{Hash: hash(h1)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := decodeCommits([]byte(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			if len(p.Values) != 1 || !reflect.DeepEqual(p.Values[0], tt.want) {
				t.Errorf("got %+v, want %+v", p.Values, tt.want)
			}
		})
	}
}

func TestDecodeCommitsRefuses(t *testing.T) {
	const h1 = "00000000000000000000000000000000000000a1"
	tests := []struct{ name, body, want string }{
		{"short hash", `{"values":[{"hash":"a1b2c3","date":"1970-01-01T00:00:00Z"}]}`, `commit: "a1b2c3" is not a hash`},
		{"no hash", `{"values":[{"date":"1970-01-01T00:00:00Z"}]}`, `commit: "" is not a hash`},
		{"null for a commit", `{"values":[null]}`, `commit: "" is not a hash`},
		{"no hexadecimal hash", `{"values":[{"hash":"` + strings.Repeat("g", 40) + `"}]}`, `ggg" is not a hash`},
		{"parent", `{"values":[{"hash":"` + h1 + `","date":"1970-01-01T00:00:00Z","parents":[{"hash":"main"}]}]}`,
			`parent of commit ` + h1 + `: "main" is not a hash`},
		{"no date", `{"values":[{"hash":"` + h1 + `"}]}`, `commit ` + h1 + ` has no date`},
		{"odd date", `{"values":[{"hash":"` + h1 + `","date":"yesterday"}]}`, `commit ` + h1 + ` has a date that cannot be read: "yesterday"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := decodeCommits([]byte(tt.body))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
			if errors.As(err, new(shapeError)) {
				t.Error("an error of the form: it would be tried again")
			}
		})
	}
	shapes := []string{``, `{}`, `[]`, `null`, `{"values":null}`, `{"values":{}}`, `{"values":[1]}`,
		`{"values":[]`, `{"values":[]}}`, `{"values":[],}`, `{"values":[{"message":7}]}`, `{"next":1,"values":[]}`,
		`{"values":[]} x`, `{"values":[],"":`, "{\"values\":[],\"x\":\"\x1c000\"}", "{\"values\":[],\"x\":\"0123456\x1f\"}", `{"Values":[]}`, "{\"values\":[],\"x\":\"a\nb\"}", `{"values":[],"x":"\q"}`,
		`{"values":[],"x":01}`, `{"values":[],"x":nul}`, `{"values":[{"hash":"` + h1, `<html>`,
		`{"values":` + strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1) + `}`}
	for _, body := range shapes {
		if _, err := decodeCommits([]byte(body)); !errors.As(err, new(shapeError)) {
			t.Errorf("%.40q: got %v, want an error of the form", body, err)
		}
	}
}

// FuzzDecodeCommits holds the own reader against encoding/json.
func FuzzDecodeCommits(f *testing.F) {
	f.Add(samplePage(2))
	for _, s := range []string{`{}`, `{"values":[]}`, `{"values":[{"hash":"\ud83d\ud83d\ude00\udc00"}]}`,
		`{"values":[{"author":{"raw":"a","user":{"uuid":"u","type":"app_user"}},"author":null}],"next":"x","next":null}`,
		`{"values":[{"message":"\u00e9\/\b\f\r\t\\` + "\xff" + `"}],"x":[-0.5e+7,{"a":[]},true,false,null]}`,
		`{"x":[1,2,],"values":[]}`, `{"values":[{"parents":[{"hash":"a"},{"hash":"b","hash":"c"},null]}]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if repeats(body) { // a map keeps the last of two keys and never looks at the first
			return
		}
		got, err := decodeCommits(body)
		want, ok := referencePage(body)
		if shape := errors.As(err, new(shapeError)); shape == ok {
			t.Fatalf("refused %v (%v), encoding/json accepts %v", shape, err, ok)
		}
		if !ok {
			return
		}
		if got.Next != want.Next || len(got.Values) != len(want.Values) {
			t.Fatalf("got %+v, want %+v", got, want)
		}
		for i, g := range got.Values {
			w := want.Values[i]
			bad := false
			read := func(text string) Hash {
				h, err := parseHash([]byte(text))
				bad = bad || err != nil
				return h
			}
			hash, parents := read(w.Hash), []Hash(nil)
			for _, p := range w.Parents {
				parents = append(parents, read(p))
			}
			if g.AuthorRaw != w.AuthorRaw || g.AuthorUUID != w.AuthorUUID || g.AuthorApp != w.AuthorApp ||
				g.Message != w.Message || g.Hash != hash || !slices.Equal(g.Parents, parents) {
				t.Fatalf("commit %d: got %+v, want %+v", i, g, w)
			}
			if bad && err == nil {
				t.Fatalf("commit %d: bad hash was accepted: %+v", i, w)
			}
		}
	})
}

// repeats reports whether an object has a key twice.
func repeats(body []byte) bool {
	d := json.NewDecoder(bytes.NewReader(body))
	var open []map[string]bool // nil: an array
	key := false
	for {
		token, err := d.Token()
		if err != nil {
			return false
		}
		switch token := token.(type) {
		case json.Delim:
			switch token {
			case '{':
				open, key = append(open, make(map[string]bool)), true
			case '[':
				open, key = append(open, nil), false
			default:
				open = open[:len(open)-1]
				key = len(open) > 0 && open[len(open)-1] != nil
			}
			continue
		case string:
			if key {
				if open[len(open)-1][token] {
					return true
				}
				open[len(open)-1][token] = true
				key = false
				continue
			}
		}
		key = len(open) > 0 && open[len(open)-1] != nil
	}
}

// A wireCommit has hashes as they were sent.
type wireCommit struct {
	Commit
	Hash    string
	Parents []string
}

// referencePage reads a page by way of encoding/json's maps, which, unlike its structs, mind the
// case of keys; ok is false for what is not of the form.
func referencePage(body []byte) (p page[wireCommit], ok bool) {
	var top map[string]any
	if json.Unmarshal(body, &top) != nil {
		return p, false
	}
	ok = true
	p.Next = text(top, "next", &ok)
	values := list(top, "values", &ok)
	for _, v := range values {
		w := object(v, &ok)
		c := wireCommit{Hash: text(w, "hash", &ok)}
		c.Message = text(w, "message", &ok)
		text(w, "date", &ok)
		author := object(w["author"], &ok)
		user := object(author["user"], &ok)
		c.AuthorRaw, c.AuthorUUID = text(author, "raw", &ok), text(user, "uuid", &ok)
		c.AuthorApp = text(user, "type", &ok) == "app_user"
		for _, parent := range list(w, "parents", &ok) {
			c.Parents = append(c.Parents, text(object(parent, &ok), "hash", &ok))
		}
		p.Values = append(p.Values, c)
	}
	return p, ok && values != nil
}

func text(m map[string]any, key string, ok *bool) string {
	s, is := m[key].(string)
	*ok = *ok && (is || m[key] == nil)
	return s
}

func list(m map[string]any, key string, ok *bool) []any {
	s, is := m[key].([]any)
	*ok = *ok && (is || m[key] == nil)
	return s
}

func object(v any, ok *bool) map[string]any {
	m, is := v.(map[string]any)
	*ok = *ok && (is || v == nil)
	return m
}

// TestPlain holds the search for what ends plain text against a look at each byte, with every byte at
// every place between others.
func TestPlain(t *testing.T) {
	for _, around := range []byte{' ', '!', '#', '[', ']', '~', 0x7f} {
		for c := range 256 {
			for at := range 17 {
				data := bytes.Repeat([]byte{around}, 17)
				data[at] = byte(c)
				want := bytes.IndexFunc(data, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' || r > 0x7f })
				if want < 0 {
					want = len(data)
				}
				r := jsonReader{data: data}
				if r.plain(); r.pos != want {
					t.Fatalf("byte %#x at %d among %q: stopped at %d", c, at, around, r.pos)
				}
			}
		}
	}
}
