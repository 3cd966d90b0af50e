package report

import (
	"math"

	"trunkstat/report/people"
	"trunkstat/store"
)

// authorsOf returns the numbers of a commit's author and, if they count, of its co-authors. They are good
// until the next call.
func (s *Scope) authorsOf(c *store.SharedCommit) []uint32 {
	s.authors = append(s.authors[:0], c.Author)
	if s.assistants != nil {
		for _, text := range s.assistants.CoAuthors(string(c.Message)) {
			s.authors = append(s.authors, s.coAuthors[text])
		}
	}
	return s.authors
}

// everything returns the scope of all that is stored, with the same people. All verdicts are the zero value,
// which includes bots as well.
func (s *Scope) everything(tx *store.Tx) (*Scope, error) {
	repos, err := tx.Repositories()
	return &Scope{
		Repositories: repos, People: s.People, verdicts: make([]verdict, len(s.verdicts)),
		since: math.MinInt64, until: math.MaxInt64, filter: &compiledFilter{},
		stored: s.stored, assistants: s.assistants, coAuthors: s.coAuthors,
	}, err
}

// addCoAuthors gives numbers to the co-authors that stored commits name, behind those of the stored
// authors. It reads all repositories, whatever the filter, since who is who must not depend on what is
// filtered.
func (s *Scope) addCoAuthors(
	tx *store.Tx, authors []store.Author, assistants *people.Assistants,
) ([]store.Author, error) {
	s.assistants, s.coAuthors = assistants, map[string]uint32{}
	repos, err := tx.Repositories()
	if err != nil {
		return nil, err
	}
	for _, repo := range repos {
		for c, err := range tx.MergedCommits([]store.UUID{repo.UUID}) {
			if err != nil {
				return nil, err
			}
			for _, text := range assistants.CoAuthors(string(c.Message)) {
				if _, known := s.coAuthors[text]; !known {
					s.coAuthors[text] = uint32(len(authors))
					authors = append(authors, store.Author{Raw: text})
				}
			}
		}
	}
	return authors, nil
}
