package githistory

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// OffersFilter asks a server whether it makes treeless packs of a repository. One that does not ignores
// the wish and sends all files. The client's redirects are not followed, because they lead to the page of
// a sign-on.
func OffersFilter(ctx context.Context, client *http.Client, remote Remote) (bool, error) {
	offers, err := askFilter(ctx, client, remote)
	if err != nil {
		return false, fmt.Errorf("ask %s for its filters: %w", remote.URL, remote.redact(err))
	}
	return offers, nil
}

func askFilter(ctx context.Context, client *http.Client, remote Remote) (bool, error) {
	if _, err := remote.check(); err != nil {
		return false, err
	}
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
		return false, networkError(ctx, err)
	}
	defer resp.Body.Close()
	if err := checkAnswer(resp); err != nil {
		return false, err
	}
	offers, err := readFilter(bufio.NewReader(io.LimitReader(resp.Body, maxAdvertisement)))
	if err != nil {
		return false, networkError(ctx, err)
	}
	return offers, nil
}

// maxAdvertisement is more than any capabilities; the old protocol lists the branches and tags as well.
const maxAdvertisement = 1 << 20

func networkError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var outer *url.Error
	if errors.As(err, &outer) { // which repeats the address
		err = outer.Err
	}
	return fmt.Errorf("%w: %w", ErrNetwork, err)
}

func checkAnswer(resp *http.Response) error {
	switch code := resp.StatusCode; {
	case code == http.StatusUnauthorized:
		return ErrUnauthorized
	case code == http.StatusForbidden:
		return ErrForbidden
	case code == http.StatusNotFound || code == http.StatusGone:
		return ErrNotFound
	case code == http.StatusTooManyRequests || code >= 500:
		return fmt.Errorf("%w: %d %s", ErrNetwork, code, http.StatusText(code))
	case code != http.StatusOK:
		return fmt.Errorf("%w: %d %s", ErrNotGit, code, http.StatusText(code))
	case resp.Header.Get("Content-Type") != "application/x-git-upload-pack-advertisement":
		return ErrNotGit
	}
	return nil
}

// readFilter reads the capabilities: lines like "fetch=shallow filter" in version 2 of the protocol, the
// words behind the NUL of the first ref in the older ones. Each line has its length in front of it, in
// four hexadecimal digits; lengths below four end a section. The name of the service may come before, in a
// section of its own.
func readFilter(in *bufio.Reader) (bool, error) {
	for isAdvertised := false; ; {
		var digits [4]byte
		if _, err := io.ReadFull(in, digits[:]); err != nil {
			return false, err
		}
		length, err := strconv.ParseUint(string(digits[:]), 16, 16)
		if err != nil {
			return false, ErrNotGit
		}
		switch {
		case length < 4 && isAdvertised:
			return false, nil
		case length < 4:
			continue
		}
		line := make([]byte, length-4)
		if _, err := io.ReadFull(in, line); err != nil {
			return false, err
		}
		isAdvertised = isAdvertised || !strings.HasPrefix(string(line), "# service=")
		words, isFetch := strings.CutPrefix(strings.TrimSpace(string(line)), "fetch=")
		_, older, isFirstRef := strings.Cut(words, "\x00")
		if isFirstRef {
			words = older
		}
		if (isFetch || isFirstRef) && slices.Contains(strings.Fields(words), "filter") {
			return true, nil
		}
	}
}
