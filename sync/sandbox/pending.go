package sandbox

type faults struct{}
type limits struct{}
type glitch struct{}

func (glitch) apply(l []*Repository) []*Repository { return l }

type gitDirectory struct{}

func (s *Server) refresh(q *request) {}

func filtered(q *request, l []*Repository) ([]*Repository, answer, bool) { return l, answer{}, true }

func filteredRefs(q *request, l []ref) ([]ref, answer, bool) { return l, answer{}, true }
