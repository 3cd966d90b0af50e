package sandbox

import (
	"fmt"
	"net/http"
	"time"
)

const (
	htmlPage = "<!DOCTYPE html>\n<html><head><title>%s</title></head>\n<body><h1>%s</h1></body></html>\n"

	otherJSON  = `{"message":%q,"documentation_url":"https://docs.example.com/rest"}`
	dataCenter = `{"errors":[{"context":null,"message":%q,"exceptionName":%q}]}`

	noAccess = "You may not have access to this repository or it no longer exists in this workspace. If you " +
		"think this repository exists and you have access, make sure you are authenticated."
)

// canned are the answers that faults put in the place of the real ones.
var canned = map[Fault]*answer{
	ServerError:        errorAnswer(http.StatusInternalServerError, "Something went wrong"),
	BadGateway:         htmlAnswer(http.StatusBadGateway, "Bitbucket"),
	ServiceUnavailable: htmlAnswer(http.StatusServiceUnavailable, "Bitbucket"),
	HTMLPage:           htmlAnswer(http.StatusOK, "Welcome to the network"),
	JunkPage:           jsonAnswer(http.StatusOK, []byte(`{"type":"junk","values":[7,"x",null,{"hash":5}]}`)),
	NoAccess:           errorAnswer(http.StatusNotFound, noAccess),
	Unauthorized: errorAnswer(http.StatusUnauthorized,
		"Token is invalid, expired, or not supported for this endpoint."),
	IPAllowList: errorAnswer(http.StatusForbidden,
		"To access this workspace, your IP address must be on its IP allowlist."),
	TwoStepRequired: errorAnswer(http.StatusForbidden,
		"To access this workspace, you must enable two-step verification."),
	HTML401:       htmlAnswer(http.StatusUnauthorized, "Sign in"),
	HTML403:       htmlAnswer(http.StatusForbidden, "Blocked: category file sharing"),
	HTML404:       htmlAnswer(http.StatusNotFound, "404 Not Found"),
	SignOn:        signOn(),
	OtherJSON401:  jsonAnswer(http.StatusUnauthorized, fmt.Appendf(nil, otherJSON, "Bad credentials")),
	OtherJSON403:  jsonAnswer(http.StatusForbidden, fmt.Appendf(nil, otherJSON, "Forbidden")),
	OtherJSON404:  jsonAnswer(http.StatusNotFound, fmt.Appendf(nil, otherJSON, "Not Found")),
	DataCenter404: jsonAnswer(http.StatusNotFound, []byte(`{"message":"HTTP 404 Not Found","status-code":404}`)),
	DataCenter401: jsonAnswer(http.StatusUnauthorized, fmt.Appendf(nil, dataCenter,
		"Authentication failed. Please check your credentials and try again.",
		"com.atlassian.bitbucket.auth.IncorrectPasswordAuthenticationException")),
}

// signOn is a redirect to the page where a company's users sign on.
func signOn() *answer {
	a := htmlAnswer(http.StatusFound, "Found")
	a.header.Set("Location", "https://sign-on.invalid/?to=bitbucket")
	return a
}

// htmlAnswer is a page as proxies and gateways on the way to Bitbucket send it.
func htmlAnswer(status int, title string) *answer {
	header := http.Header{"Content-Type": {"text/html; charset=utf-8"}}
	return &answer{status, header, fmt.Appendf(nil, htmlPage, title, title)}
}

// cannedAnswer returns the answer of a fault that has one, else nil. It is a copy, because headers are
// added to it.
func cannedAnswer(f Fault) *answer {
	a, ok := canned[f]
	if !ok {
		return nil
	}
	return &answer{a.status, a.header.Clone(), a.body}
}

// insteadOf returns what the request's fault puts in the place of the real answer, nil if that is to be
// sent.
func (s *Server) insteadOf(q *request) *answer {
	switch {
	case q.fault == TooManyRequests:
		return s.limits.refuse(1000, time.Second, s.now())
	case q.fault == EchoToken && q.credential != nil:
		return errorAnswer(http.StatusBadRequest, "cannot parse the credential "+q.credential.token)
	}
	return cannedAnswer(q.fault)
}
