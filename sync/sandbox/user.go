package sandbox

import "net/http"

// serveUser answers GET /user and GET /user/workspaces: no access token may ask, whatever its
// scopes, as it belongs to no user.
func (s *Server) serveUser(q *request) answer {
	scope := "account"
	if q.is("user", "workspaces") {
		scope = "workspace"
	}
	switch {
	case q.credential == nil:
		return badToken()
	case q.credential.kind == AccessToken:
		return wrongMechanism()
	}
	if refusal, ok := q.need(scope); !ok {
		return refusal
	}
	if scope == "workspace" {
		return s.userWorkspaces(q)
	}
	var w jsonWriter
	f := parseFields(q.query.Get("fields"))
	s.writeUser(&w, f, "", &User{Name: q.credential.email})
	return jsonAnswer(http.StatusOK, w.b)
}

func (s *Server) userWorkspaces(q *request) answer {
	p := paging{number: 1, length: 25, size: 0}
	var slugs []string
	for slug, w := range s.workspaces {
		if len(w.visible(q.credential)) > 0 {
			slugs = append(slugs, slug)
		}
	}
	p.size = len(slugs)
	return listOf(s, q, p, slugs, func(w *jsonWriter, f fields, slug string) {
		w.open("", '{')
		w.text(f, "type", "workspace_access")
		w.raw(f, "administrator", "false")
		if f, ok := f.step("workspace"); ok {
			w.open("workspace", '{')
			w.text(f, "type", "workspace_base")
			w.text(f, "slug", slug)
			w.text(f, "uuid", s.workspaces[slug].uuid)
			w.close('}')
		}
		w.close('}')
	})
}

// writeUser writes an account as the member name; it has no username, and never an e-mail.
func (s *Server) writeUser(w *jsonWriter, f fields, name string, u *User) {
	kind, id := u.Type, u.UUID
	if kind == "" {
		kind = "user"
	}
	if id == "" {
		id = uuid("user", u.Name)
	}
	w.open(name, '{')
	w.text(f, "display_name", u.Name)
	w.links(f, "self", s.URL()+"/users/"+id, "html", "https://bitbucket.org/"+id+"/")
	w.text(f, "type", kind)
	w.text(f, "uuid", id)
	w.text(f, "account_id", "557058:"+id[1:len(id)-1])
	w.text(f, "nickname", u.Name)
	w.close('}')
}
