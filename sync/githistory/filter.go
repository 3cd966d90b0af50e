package githistory

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// OffersFilter asks a server whether it makes treeless packs of a repository. One that does not ignores
// the filter and sends all files. Redirects are not followed, because they lead to the page of a sign-on.
func OffersFilter(ctx context.Context, client *http.Client, remote Remote) (bool, error) {
	if _, err := remote.check(); err != nil {
		return false, err
	}
	offers, err := askFilter(ctx, client, remote)
	switch {
	case ctx.Err() != nil:
		return false, context.Cause(ctx)
	case err != nil:
		return false, fmt.Errorf("ask %s for its filters: %w", remote.URL, remote.redact(err))
	}
	return offers, nil
}

func askFilter(ctx context.Context, client *http.Client, remote Remote) (bool, error) {
	address := remote.URL + "/info/refs?service=git-upload-pack"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return false, err
	}
	req.Header.Set("Git-Protocol", "version=2")
	if header := remote.authorization(); header != "" {
		req.Header.Set("Authorization", header)
	}
	direct := *client
	direct.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := direct.Do(req)
	if err != nil {
		var outer *url.Error
		if errors.As(err, &outer) { // which repeats the address
			err = outer.Err
		}
		return false, fmt.Errorf("%w: %w", ErrNetwork, err)
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode != http.StatusOK:
		return false, withCause(fmt.Errorf("the server returned error: %s", resp.Status))
	case resp.Header.Get("Content-Type") != "application/x-git-upload-pack-advertisement":
		return false, ErrNotGit
	}
	return readFilter(bufio.NewScanner(resp.Body))
}

// readFilter looks for the capability of version 2 of the protocol. Its line is "fetch=shallow filter",
// behind four digits for the length. A server of older versions only counts as one without filters.
func readFilter(lines *bufio.Scanner) (bool, error) {
	for lines.Scan() {
		line := lines.Text()
		words, ok := strings.CutPrefix(line[min(4, len(line)):], "fetch=")
		if ok && slices.Contains(strings.Fields(words), "filter") {
			return true, nil
		}
	}
	if err := lines.Err(); err != nil {
		return false, fmt.Errorf("%w: %w", ErrNetwork, err)
	}
	return false, nil
}
