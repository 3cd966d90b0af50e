package people

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func mustAssistants(t testing.TB, extra ...string) *Assistants {
	t.Helper()
	a, err := NewAssistants(extra)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// spellings are lines as assistants and people write them.
var spellings = map[string][]string{
	"aider": {
		"Co-authored-by: aider (gpt-4o) <noreply@aider.chat>", "Co-authored-by: aider (openai/o3) <aider@aider.chat>",
		"co-authored-by: aider <noreply@aider.chat>", "Assisted-by: aider",
	},
	"amazon-q": {"Co-authored-by: Amazon Q Developer <208079219+amazon-q-developer[bot]@users.noreply.github.com>",
		"Assisted-by: Amazon Q"},
	"amp": {"Co-authored-by: Amp <amp@ampcode.com>", "Assisted-by: Amp"},
	"claude": {
		"Co-Authored-By: Claude <noreply@anthropic.com>", "Co-authored-by: Claude <noreply@anthropic.com>",
		"CO-AUTHORED-BY: CLAUDE <NOREPLY@ANTHROPIC.COM>", "co-authored-by:Claude <noreply@anthropic.com>",
		"Co-Authored-By: Claude Code <noreply@anthropic.com>",
		"Co-Authored-By: Claude Opus 4.7 (1M context) <noreply@anthropic.com>",
		"Co-Authored-By: Claude Sonnet 4.5 <noreply@anthropic.com>", "Co-Authored-By: Claude Sonnet 4.5",
		"Co-authored-by: Claude", "Co-authored-by: claude[bot] <209825114+claude[bot]@users.noreply.github.com>",
		"Co-authored-by: claude-code <claude-code@users.noreply.github.com>", "Assisted-by: Claude",
		"Assisted-by: Claude Code", "Assisted-by: Claude:claude-opus-4-7", "Assisted-by: Claude Code:claude-sonnet-4-5",
		"Assisted-by: claude-sonnet-4-5", "Generated-by: Claude Code", "Generated-by: Claude Opus 4",
		"🤖 Generated with [Claude Code](https://claude.ai/code)",
		"🤖 Generated with [Claude Code](https://claude.com/claude-code)", "Generated with Claude Code",
		"Generated with Claude Code (https://claude.com/claude-code)", "Generated with [Claude Code](https://claude.ai/code).",
		"Made-with: Claude", "Made with Claude Code", "  Co-Authored-By: Claude <noreply@anthropic.com>",
		"Co-Authored-By: Claude <noreply@anthropic.com>\r", "Co-authored-by: Claude Haiku 4.5 <someone@example.com>",
		"Co Authored By: Claude <noreply@anthropic.com>", "Assisted-By: Claude (claude-opus-4-5)",
		"Co-developed-by: Claude <claude@anthropic.com>",
	},
	"cline": {"Co-authored-by: Cline <noreply@cline.bot>", "Assisted-by: Cline"},
	"codex": {
		"Co-authored-by: Codex <noreply@openai.com>", "Co-Authored-By: Codex <codex@openai.com>",
		"Co-authored-by: ChatGPT <noreply@openai.com>", "Assisted-by: Codex:GPT-5.5", "Assisted-by: OpenAI Codex",
		"Generated-by: GPT-4", "Assisted-by: ChatGPT-4o", "Co-authored-by: OpenAI Codex <codex@users.noreply.github.com>",
		"Co-authored-by: chatgpt-codex-connector[bot] <199175422+chatgpt-codex-connector[bot]@users.noreply.github.com>",
	},
	"copilot": {
		"Co-authored-by: Copilot <175728472+Copilot@users.noreply.github.com>",
		"Co-authored-by: Copilot <198982749+Copilot@users.noreply.github.com>",
		"Co-authored-by: GitHub Copilot <copilot@github.com>", "Co-authored-by: GitHub Copilot",
		"Co-authored-by: copilot-swe-agent[bot] <198982749+Copilot@users.noreply.github.com>",
		"Co-authored-by: Copilot Autofix powered by AI <62310815+github-advanced-security[bot]@users.noreply.github.com>",
		"Assisted-by: GitHub Copilot", "Generated-by: Copilot", "Generated with GitHub Copilot",
	},
	"crush": {"💘 Generated with Crush", "Assisted-by: Kimi-K2-Thinking via Crush <crush@charm.land>",
		"Co-Authored-By: Crush <crush@charm.land>"},
	"cursor": {
		"Co-authored-by: Cursor <cursoragent@cursor.com>", "Co-authored-by: Cursor Agent <cursoragent@cursor.com>",
		"Made-with: Cursor", "Made with Cursor", "made-with: cursor", "Generated with Cursor", "Co-authored-by: Cursor",
		"Co-authored-by: Cursor Agent <199161495+cursoragent@users.noreply.github.com>",
	},
	"devin": {"Co-authored-by: Devin AI <158243242+devin-ai-integration[bot]@users.noreply.github.com>",
		"Co-authored-by: devin-ai-integration[bot]", "Assisted-by: Devin"},
	"droid": {"Co-authored-by: factory-droid[bot] <138933559+factory-droid[bot]@users.noreply.github.com>"},
	"gemini": {
		"Co-authored-by: gemini-code-assist[bot] <176961590+gemini-code-assist[bot]@users.noreply.github.com>",
		"Co-Authored-By: Gemini <noreply@google.com>", "Co-Authored-By: Gemini 2.5 Flash", "Assisted-by: gemini-2.5-pro",
		"Co-authored-by: Gemini AI <gemini@users.noreply.github.com>", "Co-authored-by: gemini-code-assist",
		"Generated-by: Gemini CLI",
	},
	"goose": {"Assisted-by: goose"},
	"jules": {"Co-authored-by: google-labs-jules[bot] <161369871+google-labs-jules[bot]@users.noreply.github.com>",
		"Assisted-by: Jules"},
	"junie":     {"Co-authored-by: Junie <junie@jetbrains.com>"},
	"kimi":      {"Co-Authored-By: Kimi <noreply@moonshot.ai>", "Assisted-by: Kimi K2"},
	"kiro":      {"Co-authored-by: Kiro Agent <244629292+kiro-agent@users.noreply.github.com>"},
	"opencode":  {"Co-Authored-By: opencode <noreply@opencode.ai>", "Assisted-by: OpenCode:qwen3.6-plus"},
	"openhands": {"Co-authored-by: openhands <openhands@all-hands.dev>"},
	"roo":       {"Co-authored-by: Roo Code <roomote@example.com>"},
	"windsurf":  {"Co-authored-by: Windsurf <noreply@example.com>", "Made with Windsurf"},
}

func TestAssistantSpellings(t *testing.T) {
	a, n := mustAssistants(t), 0
	for name, lines := range spellings {
		for _, line := range lines {
			n++
			for _, message := range []string{
				"Fix it\n\n" + line, "Fix it\n\nBecause.\n\n" + line + "\nSigned-off-by: Ann <ann@x>\n",
				"Squashed:\n\n* one\n\n" + line + "\n\n* two\n",
			} {
				if got := a.In(message); !slices.Equal(got, []string{name}) {
					t.Errorf("%q: got %q, want %s", message, got, name)
				}
				if got := a.CoAuthors(message); len(got) > 0 {
					t.Errorf("%q: co-authors are %q", message, got)
				}
			}
		}
	}
	if n < 60 {
		t.Errorf("%d spellings", n)
	}
}

// TestNoAssistants: release bots, people who have the name of an assistant, and prose.
func TestNoAssistants(t *testing.T) {
	a := mustAssistants(t)
	for _, line := range []string{
		"Co-authored-by: dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>",
		"Co-authored-by: renovate[bot] <29139614+renovate[bot]@users.noreply.github.com>",
		"Co-authored-by: semantic-release-bot <semantic-release-bot@martynus.net>",
		"Co-authored-by: github-actions[bot] <41898282+github-actions[bot]@users.noreply.github.com>",
		"Co-authored-by: pre-commit-ci[bot] <66853113+pre-commit-ci[bot]@users.noreply.github.com>",
		"Co-authored-by: Claude Dupont <claude@dupont.example>", "Co-authored-by: Claude <claude@dupont.example>",
		"Co-authored-by: Jean-Claude Martin <jc@example.com>", "Co-authored-by: Devin Smith <devin@example.com>",
		"Co-authored-by: Devin <devin@example.com>", "Co-authored-by: Jules Verne <jules@example.com>",
		"Co-authored-by: Jules <jules@example.com>", "Co-authored-by: Amp Chanprasert <amp@example.com>",
		"Co-authored-by: Kiro <kiro@example.com>", "Co-authored-by: Gemini Ganesan <gg@example.com>",
		"Co-authored-by: Junie B. Jones <junie@example.com>", "Co-authored-by: Goose Gosling <goose@example.com>",
		"Co-authored-by: Ann <claude-fan@example.com>", "Co-authored-by: Ann <ann@anthropic.com>",
		"Co-authored-by: Roo Panes <roo@example.com>", "Co-authored-by: Warp <warp@example.com>",
		"Co-authored-by: Claudette Code <cc@example.com>", "Signed-off-by: Claude <noreply@anthropic.com>",
		"Reviewed-by: Claude <noreply@anthropic.com>", "Reported-by: GitHub Copilot <copilot@github.com>",
		"Approved-by: Cursor <cursoragent@cursor.com>", "Assisted-by: Ann", "Generated-by: protoc-gen-go v1.36",
		"Generated-by: openapi-generator 7.2", "Generated with the help of Claude", "Generated with Claude's help",
		"Generated with Claude, see the table below", "Generated with make generate", "Generated with protoc",
		"Made with love", "Made with Cursor in mind, as ever", "made-with: HTML5", "This fixes what Copilot broke",
		"Co-authored-by is what Claude adds", "The footer Co-authored-by: Claude <noreply@anthropic.com> is gone",
		"> Co-authored-by: Claude <noreply@anthropic.com>", "\"Generated with Claude Code\" is removed",
		"Move the cursor", "Remove Generated with Claude Code", "Not generated by Claude", "claude <noreply@anthropic.com>",
		"Co-authored-by:", "Co-authored-by: <>", "Generated with ", "Made-with:", "Assisted-by: the Claude team",
		"Generated by Cursor",
	} {
		if got := a.In("Subject\n\n" + line); got != nil {
			t.Errorf("%q: got %q", line, got)
		}
	}
	for _, message := range []string{
		"", "Co-authored-by: Claude <noreply@anthropic.com>", "Generated with Claude Code\n", "Made with Cursor\n\nBody.",
	} {
		if got := a.In(message); got != nil { // the subject is none
			t.Errorf("%q: got %q", message, got)
		}
	}
}

func TestSeveralAssistants(t *testing.T) {
	message := "Do it\n\n🤖 Generated with [Claude Code](https://claude.ai/code)\n\n" +
		"Co-Authored-By: Cursor <cursoragent@cursor.com>\nCo-Authored-By: Claude <noreply@anthropic.com>"
	if got := mustAssistants(t).In(message); !slices.Equal(got, []string{"claude", "cursor"}) {
		t.Errorf("got %q", got)
	}
}

func TestAssistantAuthors(t *testing.T) {
	a := mustAssistants(t)
	for raw, want := range map[string]string{
		"Cursor Agent <cursoragent@cursor.com>":                                              "cursor",
		"copilot-swe-agent[bot] <198982749+Copilot@users.noreply.github.com>":                "copilot",
		"Claude <noreply@anthropic.com>":                                                     "claude",
		"openhands <openhands@all-hands.dev>":                                                "openhands",
		"Devin AI <158243242+devin-ai-integration[bot]@users.noreply.github.com>":            "devin",
		"google-labs-jules[bot] <161369871+google-labs-jules[bot]@users.noreply.github.com>": "jules",
		"Claude Dupont <claude@dupont.example>":                                              "", "Claude <claude@dupont.example>": "", "Ann <ann@x>": "", "": "",
		"dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>": "",
	} {
		if got := a.OfAuthor(raw); got != want {
			t.Errorf("%q: got %q, want %q", raw, got, want)
		}
	}
}

func TestExtraAssistants(t *testing.T) {
	a := mustAssistants(t, "house=bot@house.example", " fixer = Fix-?-Matic")
	for line, want := range map[string]string{
		"Co-authored-by: Coder <bot@house.example>": "house", "Assisted-by: fix-o-matic": "fixer",
		"Co-authored-by: Ann <ann@house.example>": "", "Co-authored-by: Claude <noreply@anthropic.com>": "claude",
	} {
		if got := strings.Join(a.In("S\n\n"+line), " "); got != want {
			t.Errorf("%q: got %q, want %q", line, got, want)
		}
	}
	if got := a.OfAuthor("Coder <bot@house.example>"); got != "house" {
		t.Errorf("the author is %q", got)
	}
	for _, entry := range []string{"house", "=x", "house=", "house=["} {
		if _, err := NewAssistants([]string{entry}); err == nil || !strings.Contains(err.Error(), entry) {
			t.Errorf("%q: error is %v", entry, err)
		}
	}
}

func TestCoAuthors(t *testing.T) {
	message := "Pair work\n\nCo-authored-by: Ann <ann@x.example>\nco-authored-by: Bob  <bob@x.example>\r\n" +
		"Co-Authored-By: Claude <noreply@anthropic.com>\nCo-authored-by: ANN <Ann@X.example>\nCo-authored-by: Zoë\n" +
		"Co-authored-by: dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>\n" +
		"Signed-off-by: Eve <eve@x.example>\nCo-authored-by: <>\nAssisted-by: Dan <dan@x.example>\n"
	want := []string{"Ann <ann@x.example>", "Bob  <bob@x.example>", "Zoë",
		"dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>"}
	if got := mustAssistants(t).CoAuthors(message); !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func FuzzAssistants(f *testing.F) {
	for _, lines := range spellings {
		f.Add("S\n\n" + strings.Join(lines, "\n"))
	}
	f.Add("S\n\n\xff🤖 Generated with [")
	f.Add("S\nCo-authored-by:  <@\n")
	a := mustAssistants(f, "x=x")
	f.Fuzz(func(t *testing.T, message string) {
		found := a.In(message)
		if !slices.IsSorted(found) || len(slices.Compact(slices.Clone(found))) != len(found) {
			t.Errorf("%q: got %q", message, found)
		}
		subject, body, _ := strings.Cut(message, "\n")
		lines := strings.Split(body, "\n")
		slices.Reverse(lines)
		if other := a.In(subject + "\n" + strings.Join(lines, "\n")); !slices.Equal(found, other) {
			t.Errorf("%q: got %q, and backwards %q", message, found, other)
		}
		for _, text := range a.CoAuthors(message) {
			if name, email := ParseAuthor(text); name+email == "" || !strings.Contains(message, text) {
				t.Errorf("%q: co-author %q", message, text)
			}
		}
	})
}

func BenchmarkAssistants(b *testing.B) {
	a := mustAssistants(b)
	for _, message := range []string{
		"Fix a typo", "feat: accept amounts\n\n" + strings.Repeat("Some words of prose about it.\n", 10),
		"Do it\n\nCo-authored-by: Claude <noreply@anthropic.com>\n",
	} {
		b.Run(fmt.Sprint(len(message)), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				a.In(message)
			}
		})
	}
}
