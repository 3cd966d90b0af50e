package report

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"trunkstat/store"
)

func TestParseDimensions(t *testing.T) {
	tests := []struct{ text, want string }{
		{"repository", "[repository]"},
		{"repo", "[repository]"},
		{"author, month", "[author month]"},
		{"workspace,project,repo,author,year,quarter,month,week,day,weekday,hour",
			"[workspace project repository author year quarter month week day weekday hour]"},
	}
	for _, test := range tests {
		got := ParseDimensions(test.text)
		_, err := Query{By: got}.Validate()
		if err != nil || fmt.Sprint(got) != test.want {
			t.Errorf("%q: got %v, error %v", test.text, got, err)
		}
	}
	for _, text := range []string{"", ",", "repo,", "author,author",
		"repo,repository", "Repo", "minute", "author month"} {
		if _, err := (Query{By: ParseDimensions(text)}).Validate(); !errors.Is(err, ErrMisuse) {
			t.Errorf("%q: got %v", text, err)
		}
	}
	_, err := Query{By: ParseDimensions("minute")}.Validate()
	for _, dim := range Dimensions {
		if !strings.Contains(err.Error(), string(dim)) {
			t.Errorf("the error does not name %s: %v", dim, err)
		}
	}
}

func TestParseChoice(t *testing.T) {
	for _, choice := range []Choice{Include, Exclude, Only} {
		if got, err := ParseChoice(choice.String()); err != nil || got != choice {
			t.Errorf("%s: got %v, error %v", choice, got, err)
		}
	}
	for _, text := range []string{"", "Only", "yes"} {
		if _, err := ParseChoice(text); !errors.Is(err, ErrMisuse) {
			t.Errorf("%q: got %v", text, err)
		}
	}
}

func TestParseSort(t *testing.T) {
	byAuthor := Query{By: []Dimension{AuthorDim, Month}}
	compared := Query{Compare: true, Filter: Filter{Since: time.Unix(0, 0)}}
	pivoted := Query{Pivot: Month}
	tests := []struct {
		q    Query
		text string
		want Sort
	}{
		{byAuthor, "commits", Sort{"commits", true}},
		{byAuthor, "commits:asc", Sort{"commits", false}},
		{byAuthor, "author", Sort{"author", false}},
		{byAuthor, "month:desc", Sort{"month", true}},
		{byAuthor, "email", Sort{"email", false}},
		{byAuthor, "last_commit", Sort{"last_commit", true}},
		{Query{}, "repo", Sort{"repository", false}},
		{compared, "change", Sort{"change", true}},
		{compared, "previous_commits:asc", Sort{"previous_commits", false}},
		{pivoted, "total", Sort{"total", true}},
		{pivoted, "2025-03:asc", Sort{"2025-03", false}},
	}
	for _, test := range tests {
		test.q.Sort = ParseSort(test.text)
		if _, err := test.q.Validate(); err != nil || test.q.Sort != test.want {
			got := test.q.Sort
			t.Errorf("%q: got %+v, error %v", test.text, got, err)
		}
	}
	for text, q := range map[string]Query{
		"": byAuthor, "repo": byAuthor, "week": byAuthor, "commits:up": byAuthor, "commits:": byAuthor,
		"change": byAuthor, "email": compared, "Commits": byAuthor, ":desc": pivoted,
	} {
		q.Sort = ParseSort(text)
		if _, err := q.Validate(); !errors.Is(err, ErrMisuse) {
			t.Errorf("%q: got %+v, error %v", text, q.Sort, err)
		}
	}
}

func TestVolumeRefuses(t *testing.T) {
	db := small(t, "2025-01-01")
	day := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	tests := map[string]Query{
		"unknown dimension":   {By: []Dimension{"minute"}},
		"twice":               {By: []Dimension{Day, Day}},
		"unknown pivot":       {Pivot: "minute"},
		"pivot in rows":       {By: []Dimension{Day}, Pivot: Day},
		"compare with pivot":  {Pivot: Day, Compare: true, Filter: Filter{Since: day}},
		"compare without":     {Compare: true},
		"negative top":        {Top: -1},
		"sort":                {Sort: Sort{Column: "size"}},
		"range":               {Filter: Filter{Since: day, Until: day.Add(-time.Second)}},
		"glob":                {Filter: Filter{Repos: []string{"[a"}}},
		"excluded glob":       {Filter: Filter{ExcludeProjects: []string{"[a"}}},
		"author glob":         {Filter: Filter{Authors: []string{"[a"}}},
		"empty author":        {Filter: Filter{ExcludeAuthors: []string{""}}},
		"empty bot":           {Filter: Filter{BotPatterns: []string{""}}},
		"empty repository":    {Filter: Filter{Repos: []string{"one", ""}}},
		"excluded repository": {Filter: Filter{ExcludeRepos: []string{"a[]b"}}},
	}
	for name, q := range tests {
		if _, err := Volume(t.Context(), db, q); !errors.Is(err, ErrMisuse) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	_, err := Volume(t.Context(), db, Query{Filter: Filter{Workspace: "amce"}})
	if err == nil || errors.Is(err, ErrMisuse) || !strings.Contains(err.Error(), "amce") {
		t.Errorf("unknown workspace: got %v", err)
	}
	if _, err = Volume(t.Context(), db, Query{Filter: Filter{Workspace: "ACME"}}); err != nil {
		t.Errorf("workspace in capitals: %v", err)
	}
}

func TestVolumeNoDatabase(t *testing.T) {
	db := store.Open(filepath.Join(t.TempDir(), "none.db"))
	if _, err := Volume(t.Context(), db, Query{}); !errors.Is(err, store.ErrNoDatabase) {
		t.Errorf("got %v", err)
	}
}

func TestVolumeDefaults(t *testing.T) {
	before := time.Now()
	r := mustVolume(t, small(t, "2025-01-01"), Query{})
	if len(r.By) != 1 || r.By[0] != Repository || r.Zone != time.Local || r.ZoneName == "" ||
		r.GeneratedAt.Before(before) || r.Others != nil || r.PreviousTotal != nil {
		t.Errorf("got %+v", r)
	}
}
