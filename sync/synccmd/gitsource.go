package synccmd

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"

	"trunkstat/store/command"
	"trunkstat/sync"
	"trunkstat/sync/bitbucket"
	"trunkstat/sync/githistory"
)

// findGit returns what a sync has of git beside the API, but for the remotes of a workspace, and whether it
// fetches from them. It is nil if neither --via nor --clones asks for git, and if git is missing or too old:
// then the sync says so and goes on over the API.
func findGit(c call) (git *sync.Git, fetches bool, err error) {
	fetches = c.String("via") == "git"
	if !fetches && !c.IsSet("clones") {
		return nil, false, nil
	}
	if err := checkGitURL(c); err != nil && c.IsSet("git-url") {
		return nil, false, err
	} else if err != nil && fetches { // another API than Bitbucket's, and Bitbucket's git server by default
		command.Notice(c.flags, "git is not used, the API is: %v", err)
		fetches = false
	}
	program, err := githistory.Find(c.Context)
	if err != nil {
		command.Notice(c.flags, "git is not used, the API is: %v", err)
		return nil, false, nil
	}
	git = &sync.Git{Program: program}
	git.Clones, err = findClones(c, program)
	return git, fetches, err
}

// findClones returns the clones of Bitbucket's repositories in the folders of --clones. The host of --git-url
// counts as Bitbucket's too: clones may have been made through a mirror or the sandbox of demo --serve. A
// folder without a clone is told and no error, because a sync of all workspaces may name the folders of each.
func findClones(c call, program *githistory.Git) (found []githistory.Clone, err error) {
	hosts := []string{"bitbucket.org"}
	if u, err := url.Parse(c.String("git-url")); err == nil {
		hosts = slices.Compact(append(hosts, u.Host))
	}
	for _, root := range c.StringSlice("clones") {
		if info, err := os.Stat(root); err != nil || !info.IsDir() {
			return nil, command.Misuse("--clones %s: not a folder", root)
		}
		clones, err := program.Clones(c.Context, root, hosts...)
		if err != nil {
			return nil, fmt.Errorf("--clones %s: %w", root, err)
		}
		if found = append(found, clones...); len(clones) == 0 {
			command.Notice(c.flags, "no clone of a repository of bitbucket.org is in %s", root)
		}
	}
	return found, nil
}

// checkGitURL refuses an address that a token must not be sent to: one without encryption, and one of
// another server than that of --api-url, which was checked. Bitbucket's own pair is api.bitbucket.org and
// bitbucket.org. Two addresses with plain http may differ, because both lead to this machine.
func checkGitURL(c call) error {
	gitURL, apiURL := c.String("git-url"), c.String("api-url")
	if err := bitbucket.CheckBaseURL(gitURL); err != nil {
		return command.Misuse("--git-url: %v", err)
	}
	git, gitErr := url.Parse(gitURL)
	api, apiErr := url.Parse(apiURL)
	if gitErr == nil && apiErr == nil {
		host, apiHost := strings.ToLower(git.Hostname()), strings.ToLower(api.Hostname())
		if host == apiHost || "api."+host == apiHost || git.Scheme == "http" && api.Scheme == "http" {
			return nil
		}
	}
	return command.Misuse("--git-url %s is another server than --api-url %s, whose token it would get",
		gitURL, apiURL)
}

// gitRemotes returns a function that tells where a repository of the workspace is fetched from, and as whom.
// Bitbucket's git server takes user names of its own for tokens, and refuses the e-mail that its API asks
// for.
func (conn *connection) gitRemotes(cred bitbucket.Credential, workspace string) func(string) githistory.Remote {
	user := githistory.AccessTokenUser
	if cred.Kind == bitbucket.APIToken {
		user = githistory.APITokenUser
	}
	// The transport only asks what the server offers, and git fetches: the default transport takes proxies from
	// the same variables as git.
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: conn.roots}
	prefix := strings.TrimSuffix(conn.String("git-url"), "/") + "/" + workspace + "/"
	return func(slug string) githistory.Remote {
		return githistory.Remote{
			URL: prefix + slug + ".git", User: user, Token: cred.Token, Transport: transport, CAs: conn.ca,
		}
	}
}
