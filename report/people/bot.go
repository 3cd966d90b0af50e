package people

import (
	"strings"

	"trunkstat/store"
)

// botNames are whole names, and whole local parts of e-mails, of programs that commit. The list is short on
// purpose: what a user misses is added with a pattern, whereas a person who is wrongly taken for a bot
// vanishes unnoticed. "[bot]" anywhere, and "-bot", "_bot" and "(bot)" at the end, are known without it;
// "bot" as a part of a word (Abbott) or as a word (a surname) is not.
var botNames = setOf(
	"allcontributors", "argocd-image-updater",
	"bitbucket-pipelines", "bitbucket pipelines", "commits-noreply",
	"crowdin", "crowdin bot",
	"cursor agent",
	"dependabot", "dependabot-preview", "depfu",
	"fluxcdbot",
	"github-actions", "github actions", "github action",
	"greenkeeper", "greenkeeperio",
	"imgbot", "mergify", "pre-commit-ci", "pyup.io",
	"renovate", "renovate bot", "renovatebot", "whitesource renovate", "mend renovate",
	"scala steward", "semantic-release",
	"snyk bot", "snykbot",
	"weblate", "hosted weblate",
)

// botEmails are the addresses of programs whose name, or whose local part, could be a person's: CI actions
// and translation services. Those of coding agents are in the table of assistants.
var botEmails = setOf(
	"action@github.com",
	"bot@renovateapp.com",
	"hosted@weblate.org", "noreply@weblate.org",
	"support+bot@crowdin.com",
	"support@dependabot.com", "support@greenkeeper.io",
)

// botLogins are logins of GitHub that are bots in its noreply addresses, beside botNames. As local parts of
// other addresses, they may be a person's.
var botLogins = setOf("copilot", "claude", "cursoragent")

func setOf(texts ...string) map[string]bool {
	set := make(map[string]bool, len(texts))
	for _, text := range texts {
		set[text] = true
	}
	return set
}

// isBot reports whether an author is a program: its account is an app, or one of its names or e-mails is
// that of a bot.
func isBot(author store.Author, a alias, extra store.Patterns) bool {
	return author.App || a.matches(isBotText) || len(extra) > 0 && a.matches(extra.MatchPart)
}

// assistantEmails are the addresses under which coding agents commit.
var assistantEmails = func() map[string]bool {
	emails := map[string]bool{}
	for _, known := range builtInAssistants {
		for _, email := range known.emails {
			emails[email] = true
		}
	}
	return emails
}()

// isBotText reports whether a name or an e-mail is that of a bot. A name has no @, so that all of it is
// looked up where an e-mail's local part is.
func isBotText(text string) bool {
	text = store.Fold(text)
	local, domain, _ := strings.Cut(text, "@")
	if domain == "users.noreply.github.com" {
		if _, login, found := strings.Cut(local, "+"); found { // 49699333+dependabot@…
			local = login
		}
		if botLogins[local] {
			return true
		}
	}
	return strings.Contains(text, "[bot]") || botNames[local] || botEmails[text] || assistantEmails[text] ||
		strings.HasSuffix(local, "-bot") || strings.HasSuffix(local, "_bot") ||
		strings.HasSuffix(text, "(bot)")
}
