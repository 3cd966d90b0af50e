package sandbox

import (
	"net/http"
	"strings"
)

// An answer is what a request gets, before the faults get at it.
type answer struct {
	status int
	header http.Header
	body   []byte
}

const jsonType = "application/json; charset=utf-8"

func jsonAnswer(status int, body []byte) answer {
	return answer{status, http.Header{"Content-Type": {jsonType}}, body}
}

// errorAnswer wraps a message in Bitbucket's envelope; more is further members of "error", raw.
func errorAnswer(status int, message, more string) answer {
	b := appendQuoted([]byte(`{"type":"error","error":{"message":`), message)
	b = append(append(b, more...), "}}"...)
	return jsonAnswer(status, b)
}

func invalidPage() answer    { return errorAnswer(http.StatusBadRequest, "Invalid page", "") }
func invalidPagelen() answer { return errorAnswer(http.StatusBadRequest, "Invalid pagelen", "") }

func noWorkspace(slug string) answer {
	return errorAnswer(http.StatusNotFound, "No workspace with identifier '"+slug+"'.", "")
}

func noRepository() answer {
	return errorAnswer(http.StatusNotFound, "You may not have access to this repository or it no "+
		"longer exists in this workspace. If you think this repository exists and you have "+
		"access, make sure you are authenticated.", "")
}

func noSuchAddress() answer {
	return errorAnswer(http.StatusNotFound, "Resource not found",
		`,"detail":"There is no API hosted at this URL.\n\nFor information about our API's, `+
			`please refer to the documentation at: `+
			`https://developer.atlassian.com/bitbucket/api/2/reference/"`)
}

// commitNotFound names the revisions that do not resolve, twice over, as Bitbucket does.
func commitNotFound(revisions ...string) answer {
	quoted := make([]string, len(revisions))
	for i, r := range revisions {
		quoted[i] = string(appendQuoted(nil, r))
	}
	data := `,"data":{"shas":[` + strings.Join(quoted, ",") + `]}`
	return jsonAnswer(http.StatusNotFound, []byte(
		`{"type":"error","error":{"message":"Commit not found"`+data+`}`+data+`}`))
}

func badToken() answer {
	return errorAnswer(http.StatusUnauthorized,
		"Token is invalid, expired, or not supported for this endpoint.", "")
}

func lacksScope(granted, required []string) answer {
	return errorAnswer(http.StatusForbidden,
		"Your credentials lack one or more required privilege scopes.",
		`,"detail":{"granted":`+quotedList(granted)+`,"required":`+quotedList(required)+`}`)
}

func quotedList(list []string) string {
	b := []byte{'['}
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendQuoted(b, s)
	}
	return string(append(b, ']'))
}

func wrongMechanism() answer {
	return errorAnswer(http.StatusForbidden,
		"This API is not accessible by this authentication mechanism", "")
}

// deprecated is the answer of the addresses that were removed in 2026.
func deprecated() answer {
	const data = `,"data":{"announcement_url":` +
		`"https://developer.atlassian.com/cloud/bitbucket/changelog#CHANGE-2770"}`
	return jsonAnswer(http.StatusGone, []byte(
		`{"type":"error","error":{"message":"CHANGE-2770 - Functionality has been deprecated",`+
			`"detail":"Please read the changelog entry for more details."`+data+`}`+data+`}`))
}
