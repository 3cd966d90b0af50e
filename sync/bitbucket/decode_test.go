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

// decodeCommits reads a page of commits, as a walk does.
func decodeCommits(body []byte) (Page, error) {
	rows, err := decodePage[*commitJSON](body, "a page of commits")
	if err != nil {
		return Page{}, err
	}
	return commitsOf(rows)
}

// BenchmarkDecode reads a page of a hundred commits.
func BenchmarkDecode(b *testing.B) {
	body := samplePage(100)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if p, err := decodeCommits(body); err != nil || len(p.Commits) != 100 {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*100/b.Elapsed().Seconds(), "commits/s")
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
			if len(p.Commits) != 1 || !reflect.DeepEqual(p.Commits[0], tt.want) {
				t.Errorf("got %+v, want %+v", p.Commits, tt.want)
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
		`{"values":` + strings.Repeat("[", 10_002) + strings.Repeat("]", 10_002) + `}`}
	for _, body := range shapes {
		if _, err := decodeCommits([]byte(body)); !errors.As(err, new(shapeError)) {
			t.Errorf("%.40q: got %v, want an error of the form", body, err)
		}
	}
}

// TestUndated: a commit without a date of its own takes that of its neighbour, and is counted.
func TestUndated(t *testing.T) {
	tests := []struct {
		name  string
		dates []string // as JSON; "" leaves the field out
		want  []int64
		count int
	}{
		{"none", []string{`"1970-01-01T00:00:07Z"`}, []int64{7}, 0},
		{"in the middle", []string{`"1970-01-01T00:00:07Z"`, `null`, `""`, ``, `"1970-01-01T00:00:05Z"`}, []int64{7, 7, 7, 7, 5}, 3},
		{"at the beginning", []string{`null`, `"soon"`, `"1970-01-01T00:00:05Z"`, `null`, `"1970-01-01T00:00:04Z"`}, []int64{5, 5, 5, 5, 4}, 3},
		{"in no calendar", []string{`"1970-01-01T00:00:09Z"`, `"2025-02-29T00:00:00Z"`}, []int64{9, 9}, 1},
		{"all", []string{`null`, ``, `"0000-00-00T00:00:00Z"`}, []int64{0, 0, 0}, 3},
	}
	for _, tt := range tests {
		var rows []string
		for i, date := range tt.dates {
			row := fmt.Sprintf(`{"hash":"%040x"`, i+1)
			if date != "" {
				row += `,"date":` + date
			}
			rows = append(rows, row+"}")
		}
		s := newStub(t, turn{"", ok(`{"values":[` + strings.Join(rows, ",") + `]}`)})
		for p, err := range s.client(Config{}).Commits(t.Context(), "acme", "x", Range{Include: []Hash{hash(hashA)}}) {
			var got []int64
			for _, c := range p.Commits {
				got = append(got, c.Date)
			}
			if err != nil || !slices.Equal(got, tt.want) || p.Undated != tt.count {
				t.Errorf("%s: got %v and %d, %v; want %v and %d", tt.name, got, p.Undated, err, tt.want, tt.count)
			}
		}
	}
}

// TestPageIsLimited: a page of more than a thousand rows is refused.
func TestPageIsLimited(t *testing.T) {
	rows := strings.Repeat("{},", maxValues)
	s := newStub(t, turn{"", ok(`{"values":[` + rows + `{}]}`)})
	if _, err := walk(t.Context(), s.client(Config{})); err == nil || !strings.HasSuffix(err.Error(), "a page of commits has more than 1000 values") {
		t.Errorf("got %v", err)
	}
}

// FuzzDecodeCommits holds reading a page against reading its fields one by one.
func FuzzDecodeCommits(f *testing.F) {
	f.Add(samplePage(2))
	for _, s := range []string{`{}`, `{"values":[]}`, `{"values":[{"hash":"\ud83d\ud83d\ude00\udc00"}]}`,
		`{"values":[{"author":{"raw":"a","user":{"uuid":"u","type":"app_user"}},"author":null}],"next":"x","next":null}`,
		`{"values":[{"message":"\u00e9\/\b\f\r\t\\` + "\xff" + `"}],"x":[-0.5e+7,{"a":[]},true,false,null]}`,
		`{"x":[1,2,],"values":[]}`, `{"values":[{"parents":[{"hash":"a"},{"hash":"b","hash":"c"},null]}]}`,
		`{"values":[null]}`, `{"values":[],"":`, `{"values":[],"size":1.5}`, `{"values":[{}{}]}`, `{"values":[}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if repeats(body) { // a map keeps the last of two keys and never looks at the first
			return
		}
		got, err := decodePage[*commitJSON](body, "a page of commits")
		want, ok := referencePage(body)
		if len(want.Values) > maxValues {
			return
		}
		if shape := errors.As(err, new(shapeError)); shape == ok {
			t.Fatalf("refused %v (%v), encoding/json accepts %v", shape, err, ok)
		}
		if ok && !reflect.DeepEqual(got, want) {
			t.Fatalf("got %+v, want %+v", got, want)
		}
		bad := func(w *commitJSON) bool {
			if w == nil {
				return true
			}
			_, err := parseHash(w.Hash)
			for _, p := range w.Parents {
				if _, e := parseHash(p.Hash); e != nil {
					err = e
				}
			}
			return err != nil
		}
		p, err := decodeCommits(body)
		if ok && (err != nil) != slices.ContainsFunc(want.Values, bad) || err != nil && len(p.Commits) > 0 {
			t.Fatalf("got %+v, %v", p, err)
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

// referencePage reads a page by way of a map, which minds the case of keys.
func referencePage(body []byte) (p page[*commitJSON], ok bool) {
	var top map[string]json.RawMessage
	if json.Unmarshal(body, &top) != nil {
		return p, false
	}
	for key, target := range map[string]any{"values": &p.Values, "next": &p.Next, "size": &p.Size} {
		if raw, has := top[key]; has && json.Unmarshal(raw, target) != nil {
			return p, false
		}
	}
	return p, p.Values != nil
}
