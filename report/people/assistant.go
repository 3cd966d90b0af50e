package people

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"trunkstat/store"
)

// A coding assistant is known by what it leaves in commits: names and e-mails, folded. A name that people
// have as well, such as Claude or Devin, counts only without an e-mail, or with one of the assistant's: a
// person who is taken for an assistant is worse than an assistant that is missed.
type assistant struct {
	name     string
	names    []string // that are those of no person
	personal []string // that are those of persons as well
	emails   []string
	logins   []string // of GitHub, in its noreply addresses; with [bot] and without
}

// builtInAssistants has the spellings that the assistants write by themselves, and those that their makers
// and large projects ask for. "Assisted-by: Claude:claude-opus-4-5" is that of the Linux kernel.
var builtInAssistants = []assistant{
	{"aider", []string{"aider"}, nil, []string{"noreply@aider.chat", "aider@aider.chat"}, []string{"aider-ai"}},
	{"amazon-q", []string{"amazon q", "amazon q developer"}, nil, nil, []string{"amazon-q-developer"}},
	{"amp", []string{"ampcode", "sourcegraph amp"}, []string{"amp"},
		[]string{"amp@ampcode.com", "noreply@ampcode.com"}, []string{"ampcode"}},
	{"antigravity", []string{"antigravity", "google antigravity"}, nil, nil, nil},
	{"augment", []string{"augment code", "auggie"}, []string{"augment"}, nil, []string{"augmentcode"}},
	{"claude", []string{"claude code", "anthropic claude"}, []string{"claude"},
		[]string{"noreply@anthropic.com", "claude@anthropic.com"}, []string{"claude", "claude-code"}},
	{"cline", nil, []string{"cline"}, []string{"noreply@cline.bot"}, []string{"cline"}},
	{"coderabbit", []string{"coderabbit", "coderabbitai"}, nil, nil, []string{"coderabbitai"}},
	{"codex", []string{"codex", "openai codex", "chatgpt", "chatgpt codex", "gpt"}, nil,
		[]string{"codex@openai.com", "noreply@openai.com"}, []string{"chatgpt-codex-connector", "codex"}},
	{"continue", nil, []string{"continue"}, []string{"noreply@continue.dev"}, nil},
	{"copilot", []string{"copilot", "github copilot", "copilot swe agent", "copilot coding agent",
		"copilot autofix powered by ai"}, nil,
		[]string{"copilot@github.com"}, []string{"copilot", "copilot-swe-agent", "github-copilot"}},
	{"crush", nil, []string{"crush"}, []string{"crush@charm.land"}, nil},
	{"cursor", []string{"cursor", "cursor agent"}, nil,
		[]string{"cursoragent@cursor.com", "agent@cursor.com"}, []string{"cursoragent", "cursor"}},
	{"devin", []string{"devin ai", "devin ai integration"}, []string{"devin"},
		[]string{"devin@cognition.ai", "noreply@cognition.ai"}, []string{"devin-ai-integration"}},
	{"droid", []string{"factory droid"}, []string{"droid"}, []string{"droid@factory.ai"},
		[]string{"factory-droid"}},
	{"gemini", []string{"gemini cli", "gemini code assist", "google gemini"}, []string{"gemini"},
		[]string{"noreply@google.com", "gemini@google.com", "gemini-cli@google.com"},
		[]string{"gemini-code-assist", "gemini-cli"}},
	{"goose", nil, []string{"goose"}, []string{"goose@block.xyz", "goose-agent@block.xyz"},
		[]string{"aaif-goose"}},
	{"grok", []string{"grok", "grok build"}, nil, nil, nil},
	{"jetbrains-ai", []string{"jetbrains ai"}, nil, nil, nil},
	{"jules", []string{"google jules", "google labs jules"}, []string{"jules"},
		[]string{"jules@google.com"}, []string{"google-labs-jules"}},
	{"junie", []string{"jetbrains junie"}, []string{"junie"},
		[]string{"junie@jetbrains.com"}, []string{"jetbrains-junie"}},
	{"kilo", []string{"kilo code", "kilocode"}, nil, nil, nil},
	{"kimi", []string{"kimi code", "kimi cli", "kimi k2"}, []string{"kimi"},
		[]string{"noreply@moonshot.ai"}, nil},
	{"kiro", []string{"kiro agent"}, []string{"kiro"},
		[]string{"noreply@kiro.dev", "kiro@kiro.dev"}, []string{"kiro-agent"}},
	{"lovable", nil, []string{"lovable"}, []string{"noreply@lovable.dev"},
		[]string{"lovable-dev", "gpt-engineer-app"}},
	{"opencode", []string{"opencode", "open code"}, nil,
		[]string{"noreply@opencode.ai", "opencode@sst.dev"}, []string{"opencode-agent", "opencode"}},
	{"openhands", []string{"openhands"}, nil, []string{"openhands@all-hands.dev"}, []string{"openhands-agent"}},
	{"qwen", []string{"qwen", "qwen code", "qwen coder"}, nil, []string{"qwen-coder@alibabacloud.com"}, nil},
	{"replit", []string{"replit", "replit agent"}, nil, []string{"agent@replit.com"}, []string{"replit-agent"}},
	{"roo", []string{"roo code", "roomote"}, nil, []string{"roomote@roocode.com"}, []string{"roomote"}},
	{"rovo-dev", []string{"rovo dev", "atlassian rovo dev"}, nil, nil, nil},
	{"sweep", []string{"sweep ai"}, nil, nil, []string{"sweep-ai"}},
	{"tabnine", []string{"tabnine"}, nil, []string{"noreply@tabnine.com"}, nil},
	{"trae", []string{"trae cli", "trae agent"}, []string{"trae"}, []string{"traecli@bytedance.com"}, nil},
	{"v0", nil, []string{"v0"}, []string{"noreply@v0.dev"}, []string{"v0"}},
	{"warp", []string{"warp agent", "oz by warp"}, []string{"warp"},
		[]string{"agent@warp.dev", "oz-agent@warp.dev"}, nil},
	{"windsurf", []string{"windsurf", "windsurf cascade", "codeium"}, nil,
		[]string{"cascade@windsurf.ai"}, []string{"windsurf-bot"}},
	{"zed", []string{"zed agent"}, []string{"zed"}, nil, nil},
}

// Assistants knows the coding assistants, from a table and from what the user adds to it.
type Assistants struct {
	names, personal, emails map[string]string // of assistants, by what they leave
	extra                   []extraAssistant
}

type extraAssistant struct {
	name    string
	pattern store.Pattern
}

// NewAssistants returns the built-in table with extra entries, each NAME=PATTERN. A pattern matches parts of
// names and e-mails, see store.Pattern.MatchPart. An error says what is wrong with an entry.
func NewAssistants(extra []string) (*Assistants, error) {
	a := &Assistants{names: map[string]string{}, personal: map[string]string{}, emails: map[string]string{}}
	for _, known := range builtInAssistants {
		for _, name := range known.names {
			a.names[name] = known.name
		}
		for _, name := range known.personal {
			a.personal[name] = known.name
		}
		for _, email := range known.emails {
			a.emails[email] = known.name
		}
		for _, login := range known.logins {
			a.names[login+"[bot]"] = known.name
			a.emails[login+gitHubNoReply], a.emails[login+"[bot]"+gitHubNoReply] = known.name, known.name
		}
	}
	for _, entry := range extra {
		name, text, found := strings.Cut(entry, "=")
		name = strings.TrimSpace(name)
		if !found || name == "" {
			return nil, fmt.Errorf("invalid value %q; use NAME=PATTERN", entry)
		}
		patterns, err := store.NewPatterns(strings.TrimSpace(text))
		if err != nil {
			return nil, fmt.Errorf("%w in %q", err, entry)
		}
		a.extra = append(a.extra, extraAssistant{name, patterns[0]})
	}
	return a, nil
}

const gitHubNoReply = "@users.noreply.github.com"

// In returns the names of the assistants that a message names in trailers and footers, each once, sorted.
// Prose and the subject count for nothing.
func (a *Assistants) In(message string) (found []string) {
	for mark := range marks(message) {
		name := a.markedBy(mark)
		if name == "" && mark.key == "co-authored-by" {
			name = suffixOf(mark.value)
		}
		if name != "" && !slices.Contains(found, name) {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return found
}

// CoAuthors returns the texts of the Co-authored-by trailers of a message that name people, each person once,
// in order. Programs that are no assistants are among them.
func (a *Assistants) CoAuthors(message string) (texts []string) {
	var known []string
	for mark := range marks(message) {
		name, email := ParseAuthor(mark.value)
		if mark.key != "co-authored-by" || name+email == "" || a.markedBy(mark) != "" {
			continue
		}
		key := FoldEmail(email)
		if key == "" {
			key = FoldName(name)
		}
		if !slices.Contains(known, key) {
			known, texts = append(known, key), append(texts, mark.value)
		}
	}
	return texts
}

// OfAuthor returns the assistant that an author is, "" for all others.
func (a *Assistants) OfAuthor(raw string) string {
	return cmp.Or(a.ofSignature(ParseAuthor(raw)), suffixOf(raw))
}

// suffixOf returns aider, "" for all others, if aider added itself to the name of the person who works with
// it: "Ann (aider) <ann@x.example>". As a co-author that is still a person.
func suffixOf(raw string) string {
	name, _ := ParseAuthor(raw)
	if strings.HasSuffix(strings.ToLower(name), " (aider)") {
		return "aider"
	}
	return ""
}

// markedBy returns the assistant that a trailer or footer names. A name without an e-mail may be a personal
// one: people sign with both, and what is behind "Generated with" is no person.
func (a *Assistants) markedBy(m mark) string {
	if name, email := ParseAuthor(m.value); email != "" {
		return a.ofSignature(name, email)
	}
	for _, e := range a.extra {
		if e.pattern.MatchPart(m.value) {
			return e.name
		}
	}
	ends := footerEnds
	if m.isTrailer {
		ends = trailerEnds
	}
	for _, name := range assistantNames(m.value, ends) {
		if found := cmp.Or(a.names[name], a.personal[name]); found != "" {
			return found
		}
	}
	return ""
}

// ofSignature returns the assistant that signs so.
func (a *Assistants) ofSignature(name, email string) string {
	folded := FoldEmail(email)
	if local, domain, found := strings.Cut(folded, "@"); found && "@"+domain == gitHubNoReply {
		if _, login, numbered := strings.Cut(local, "+"); numbered { // 198982749+copilot@…
			folded = login + gitHubNoReply
		}
	}
	if found := a.emails[folded]; found != "" {
		return found
	}
	for _, e := range a.extra {
		if e.pattern.MatchPart(name) || e.pattern.MatchPart(email) {
			return e.name
		}
	}
	for i, candidate := range assistantNames(name, trailerEnds) {
		found := a.names[candidate]
		// The first two candidates are the whole name. The others were cut from one with a model or
		// a version behind it, which no person has.
		if i > 1 {
			found = cmp.Or(found, a.personal[candidate])
		}
		if found != "" {
			return found
		}
	}
	return ""
}

// What stands behind the name of an assistant: a model, a version, a second tool ("Codex:GPT-5"). A footer
// has only an address; where it goes on in words, it is prose.
var (
	footerEnds  = []string{"(", " http"}
	trailerEnds = []string{"(", " http", ":", "/", ",", " via ", " using "}
)

// assistantNames returns the names that a text may mean: all of it up to one of the ends, its words, and
// these without the model and the version behind them.
func assistantNames(text string, ends []string) (names []string) {
	text = strings.TrimLeft(strings.ToLower(strings.TrimSpace(text)), "@")
	if link, ok := strings.CutPrefix(text, "["); ok { // [Claude Code](https://claude.com/claude-code)
		text, _, _ = strings.Cut(link, "]")
	}
	for _, end := range ends {
		text, _, _ = strings.Cut(text, end)
	}
	names = append(names, strings.TrimSpace(text)) // logins have hyphens
	words := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '-' || r == '_' })
	if len(words) > 0 {
		words[len(words)-1] = strings.TrimRight(words[len(words)-1], ".!*")
	}
	for ; len(words) > 0; words = words[:len(words)-1] {
		names = append(names, strings.Join(words, " "))
		if last := words[len(words)-1]; !strings.ContainsAny(last, "0123456789") && !modelWords[last] {
			break
		}
	}
	return names
}

// modelWords stand behind the names of assistants, for models and products. No person is called so.
var modelWords = setOf(
	"agent", "ai", "assistant", "bot", "cli", "fable", "flash", "haiku", "mini", "opus", "preview", "pro",
	"sonnet", "thinking", "turbo",
)
