package sandbox

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
)

const (
	htmlPage = "<!DOCTYPE html>\n<html><head><title>%s</title></head>\n<body><h1>%s</h1></body></html>\n"
	envelope = `{"type":"error","error":{"message":%q}}`

	otherJSON  = `{"message":%q,"documentation_url":"https://docs.example.com/rest"}`
	dataCenter = `{"errors":[{"context":null,"message":%q,"exceptionName":%q}]}`

	noAccess = "You may not have access to this repository or it no longer exists in this workspace. If you " +
		"think this repository exists and you have access, make sure you are authenticated."
)

// html returns a page of HTML with a title.
func html(title string) string { return fmt.Sprintf(htmlPage, title, title) }

func inEnvelope(message string) string { return fmt.Sprintf(envelope, message) }

// canned are the answers that faults put in the place of the real ones.
var canned = map[Fault]struct {
	status      int
	contentType string
	body        string
}{
	ServerError:        {http.StatusInternalServerError, jsonType, inEnvelope("Something went wrong")},
	EmptyError:         {http.StatusInternalServerError, "", ""},
	BadGateway:         {http.StatusBadGateway, htmlType, html("Bitbucket")},
	ServiceUnavailable: {http.StatusServiceUnavailable, htmlType, html("Bitbucket")},
	GatewayTimeout:     {http.StatusGatewayTimeout, htmlType, html("Bitbucket")},
	Timeout555:         {555, "", ""},
	Unauthorized: {http.StatusUnauthorized, jsonType,
		inEnvelope("Token is invalid, expired, or not supported for this endpoint.")},
	NoAccess: {http.StatusNotFound, jsonType, inEnvelope(noAccess)},
	IPAllowList: {http.StatusForbidden, jsonType,
		inEnvelope("To access this workspace, your IP address must be on its IP allowlist.")},
	TwoStepRequired: {http.StatusForbidden, jsonType,
		inEnvelope("To access this workspace, you must enable two-step verification.")},
	JunkPage:      {http.StatusOK, jsonType, `{"type":"junk","values":[7,"x",null,{"hash":5}]}`},
	HTMLPage:      {http.StatusOK, htmlType, html("Welcome to the network")},
	HTML401:       {http.StatusUnauthorized, htmlType, html("Sign in")},
	HTML403:       {http.StatusForbidden, htmlType, html("Blocked: category file sharing")},
	HTML404:       {http.StatusNotFound, htmlType, html("404 Not Found")},
	SignOn:        {http.StatusFound, htmlType, html("Found")},
	OtherJSON401:  {http.StatusUnauthorized, jsonType, fmt.Sprintf(otherJSON, "Bad credentials")},
	OtherJSON403:  {http.StatusForbidden, jsonType, fmt.Sprintf(otherJSON, "Forbidden")},
	OtherJSON404:  {http.StatusNotFound, jsonType, fmt.Sprintf(otherJSON, "Not Found")},
	DataCenter404: {http.StatusNotFound, jsonType, `{"message":"HTTP 404 Not Found","status-code":404}`},
	DataCenter401: {http.StatusUnauthorized, jsonType, fmt.Sprintf(dataCenter,
		"Authentication failed. Please check your credentials and try again.",
		"com.atlassian.bitbucket.auth.IncorrectPasswordAuthenticationException")},
}

// cannedAnswer returns the answer of a fault that has one.
func cannedAnswer(f Fault) answer {
	c := canned[f]
	a := answer{c.status, http.Header{}, []byte(c.body)}
	if c.contentType != "" {
		a.header.Set("Content-Type", c.contentType)
	}
	if f == SignOn {
		a.header.Set("Location", "https://sign-on.invalid/?to=bitbucket")
	}
	return a
}

// insteadOf returns the answer that the request's fault puts in the place of the real one; ok is false
// where the real one is to be written.
func (s *Server) insteadOf(q *request) (a answer, ok bool) {
	switch q.fault {
	case TooManyRequests:
		return s.limits.tooMany(s.now()), true
	case ManyRows:
		return jsonAnswer(http.StatusOK, []byte(`{"values":[{}`+strings.Repeat(",{}", 5e6-1)+`]}`)), true
	case HugeBody:
		return jsonAnswer(http.StatusOK, []byte(`{"values":[`+strings.Repeat(" ", 65<<20)+`]}`)), true
	}
	if q.credential != nil {
		if text := echo(q.fault, q.credential); text != "" {
			return errorAnswer(http.StatusBadRequest, "cannot parse the credential "+text, nil), true
		}
	}
	_, ok = canned[q.fault]
	return cannedAnswer(q.fault), ok
}

// echo writes the credential's token in the form of the fault; "" where the fault is another.
func echo(f Fault, c *Credential) string {
	switch f {
	case EchoToken:
		return c.token
	case EchoSuffix:
		return c.token[len(c.token)/2:]
	case EchoHex:
		return hex.EncodeToString([]byte(c.token))
	case EchoPercent:
		var b strings.Builder
		for i := range len(c.token) {
			fmt.Fprintf(&b, "%%%02X", c.token[i])
		}
		return b.String()
	case EchoBase64:
		return base64.StdEncoding.EncodeToString([]byte(c.token))
	case EchoHeader:
		return c.header()
	}
	return ""
}
