package report

import (
	"slices"
	"testing"
)

func TestTypeOf(t *testing.T) {
	for subject, want := range map[string]string{
		"feat: a": "feat", "fix(api): a": "fix", "feat!: a": "feat", "feat(api)!: a": "feat", "Fix: a": "fix",
		"DOCS: a": "docs", "chore(deps-dev): bump": "chore", "wip: a": "wip", "deps(go): bump": "deps",
		"i18n(de): a": "i18n", "Revert \"feat: a\"": "revert", "revert: feat: a": "revert",
		"Revert \"Revert \"a\"\"": "revert", "feat(a b): c": "feat",
		"": "", "feat": "", "feat:": "", "feat:a": "", "feat : a": "", "Note: a": "", "store: a": "", "feat (api): a": "",
		"http://x.example": "", "Merge branch 'a': b": "", "Revert a": "", "revert \"a\"": "", "feature/PAY-1: a": "",
		"feat(): a": "", "1fix: a": "", "[fix]: a": "", "add feat: a": "", "sync/bitbucket: a": "",
	} {
		if got := typeOf(subject); got != want {
			t.Errorf("%q: got %q, want %q", subject, got, want)
		}
	}
}

func TestIssueOf(t *testing.T) {
	if !slices.IsSorted(notProjects) {
		t.Error("notProjects are not sorted")
	}
	for subject, want := range map[string]string{
		"PAY-123: a": "PAY", "PAY-123": "PAY", "[PAY-123] a": "PAY", "(PAY-1)": "PAY", "a PAY-1, OPS-2": "PAY",
		"feat(api): OPS-7 a": "OPS", "feature/PAY-12-retry": "PAY", "PAY2-1": "PAY2", "PAY_X-1": "PAY_X",
		"UTF-8 PAY-3": "PAY", "SHA-1,PAY-3": "PAY", "CVE-2024-1234 ISO-8859-1 (PAY-3)": "PAY", "TLS-1.3 PAY-3": "PAY",
		"PAY-3.": "PAY", "PHP-8.2": "", "JAVA-1.8 OPS-1": "OPS", "EIP-1559": "", "AVX-512": "", "RUSTSEC-2024-1": "",
		"UTF-8 for PAY-3": "PAY", "#PAY-3": "PAY", "fix SHA-1 (SEC-9)": "SEC", "PAY-1.": "PAY",
		"": "", "no key": "", "UTF-8": "", "SHA-1": "", "SHA-256": "", "ISO-8601": "", "RFC-2119": "", "CVE-2024-1234": "",
		"GPT-4": "", "AES-256": "", "UTC-5": "", "X-1": "", "pay-123": "", "Pay-123": "", "xPAY-1": "", "PAY-": "",
		"PAY-0": "", "PAY-01": "", "PAY-1a": "", "1.PAY-1": "", "P-1": "", "PAY--1": "", "éPAY-1": "", "PAY-1é": "",
		"COVID-19": "", "a-PAY-1": "", "IPV-6": "", "WINDOWS-1252": "",
	} {
		if got := issueOf(subject); got != want {
			t.Errorf("%q: got %q, want %q", subject, got, want)
		}
	}
}
