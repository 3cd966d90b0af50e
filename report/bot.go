package report

import (
	"slices"
	"strings"

	"trunkstat/store"
)

// botNames are whole names, and whole local parts of e-mails, of programs that commit. The list
// is short on purpose: what a user misses is added with a pattern, whereas a person who is
// wrongly taken for a bot vanishes unnoticed. "[bot]" anywhere, and "-bot" or "_bot" at the end,
// are known without it; "bot" as a part of a word (Abbott) or as a word (a surname) is not.
var botNames = setOf(
	"allcontributors",
	"bitbucket-pipelines", "bitbucket pipelines", "commits-noreply",
	"dependabot", "dependabot-preview",
	"github-actions", "github actions",
	"greenkeeper", "greenkeeperio",
	"imgbot",
	"mergify",
	"pre-commit-ci",
	"pyup.io",
	"renovate", "renovate bot", "renovatebot", "whitesource renovate", "mend renovate",
	"semantic-release",
	"snyk bot", "snykbot",
	"weblate",
)

func setOf(texts ...string) map[string]bool {
	set := make(map[string]bool, len(texts))
	for _, text := range texts {
		set[text] = true
	}
	return set
}

// isBot reports whether an author is a program: its account is an app, or a name or e-mail of
// its own is one of a bot.
func isBot(author store.Author, a alias, extra []pattern) bool {
	if author.App || isBotText(a.rawName) || isBotText(a.rawEmail) ||
		a.mapped && (isBotText(a.name) || isBotText(a.email)) {
		return true
	}
	return slices.ContainsFunc(extra, a.matches)
}

func isBotText(text string) bool {
	text = strings.ToLower(text)
	if strings.Contains(text, "[bot]") {
		return true
	}
	local, _, _ := strings.Cut(text, "@")
	if _, alias, found := strings.Cut(local, "+"); found {
		local = alias // 49699333+dependabot@users.noreply.…
	}
	return botNames[local] ||
		strings.HasSuffix(local, "-bot") || strings.HasSuffix(local, "_bot")
}
