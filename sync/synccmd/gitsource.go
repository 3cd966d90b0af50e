package synccmd

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"trunkstat/store/command"
	"trunkstat/sync"
	"trunkstat/sync/bitbucket"
	"trunkstat/sync/githistory"
)

// A gitSource is what a sync has of git beside the API: the program, and the clones of --clones.
type gitSource struct {
	program *githistory.Git
	fetches bool // --via git
	clones  []githistory.Clone
}

// findGit returns nil where --via and --clones do not ask for git, and where the program is missing or too
// old: then the sync says so and goes on over the API.
func findGit(c *cli.Context) (*gitSource, error) {
	if c.String("via") != "git" && !c.IsSet("clones") {
		return nil, nil
	}
	err := checkGitURL(c)
	if err != nil && c.IsSet("git-url") {
		return nil, err
	}
	fetches := err == nil && c.String("via") == "git"
	if err != nil && c.String("via") == "git" { // another API than Bitbucket's, and Bitbucket's git server
		command.Notice(c, "git is not used, the API is: %v", err)
	}
	program, err := githistory.Find(c.Context)
	if err != nil {
		if c.Context.Err() != nil {
			return nil, err
		}
		command.Notice(c, "git is not used, the API is: %v", err)
		return nil, nil
	}
	clones, err := findClones(c, program)
	return &gitSource{program, fetches, clones}, err
}

// findClones returns the clones of Bitbucket's repositories in the folders of --clones. The host of --git-url
// counts as Bitbucket's too.
func findClones(c *cli.Context, program *githistory.Git) (found []githistory.Clone, err error) {
	hosts := []string{"bitbucket.org"}
	if u, err := url.Parse(c.String("git-url")); err == nil && u.Host != hosts[0] {
		hosts = append(hosts, u.Host)
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
			command.Notice(c, "no clone of a repository of bitbucket.org is in %s", root)
		}
	}
	return found, nil
}

// checkGitURL refuses an address that a token must not be sent to: one without encryption, and one of
// another server than that of --api-url.
func checkGitURL(c *cli.Context) error {
	gitURL, apiURL := c.String("git-url"), c.String("api-url")
	if err := bitbucket.CheckBaseURL(gitURL); err != nil {
		return command.Misuse("--git-url: %v", err)
	}
	git, api := mustHost(gitURL), mustHost(apiURL)
	if git == strings.TrimPrefix(api, "api.") || git == api || isLoopback(git) && isLoopback(api) {
		return nil
	}
	return command.Misuse("--git-url %s is another server than --api-url %s, whose token it would get",
		gitURL, apiURL)
}

// mustHost returns the host of an address that was checked.
func mustHost(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// options returns what the engine needs of git to sync one workspace.
func (g *gitSource) options(c *cli.Context, cred bitbucket.Credential, workspace string) (*sync.Git, error) {
	if g == nil {
		return nil, nil
	}
	opt := &sync.Git{Program: g.program, Clones: g.clones}
	if !g.fetches {
		return opt, nil
	}
	client, err := gitClient(c)
	opt.Remote = func(slug string) githistory.Remote {
		remote := gitRemote(c, cred, workspace, slug)
		remote.Client = client
		return remote
	}
	return opt, err
}

// gitClient returns the client that asks a git server what it offers.
func gitClient(c *cli.Context) (*http.Client, error) {
	roots, err := rootCAs(c)
	if err != nil {
		return nil, err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	return &http.Client{Transport: transport}, nil
}

// gitRemote returns where a repository is fetched from, and as whom.
func gitRemote(c *cli.Context, cred bitbucket.Credential, workspace, slug string) githistory.Remote {
	user := githistory.AccessTokenUser
	if cred.Kind == bitbucket.APIToken {
		user = githistory.APITokenUser
	}
	address := strings.TrimSuffix(c.String("git-url"), "/") + "/" + workspace + "/" + slug + ".git"
	return githistory.Remote{URL: address, User: user, Token: cred.Token, CAFile: c.String("ca-cert")}
}
