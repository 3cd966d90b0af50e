package sandbox

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestAssumptionsAreNamed holds that the functions and tests in the table of assumptions exist.
func TestAssumptionsAreNamed(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	for _, dir := range []string{"..", "../bitbucket", "../githistory"} {
		files, _ := filepath.Glob(filepath.Join(dir, "*.go"))
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			code.Write(text)
		}
	}
	_, table, _ := strings.Cut(string(doc), "held by\n")
	row := regexp.MustCompile(`(?m)^//\t[* ] \S.{51} ?(.{26}) (Test.*)$`)
	names := 0
	for _, columns := range row.FindAllStringSubmatch(table, -1) {
		for name := range strings.FieldsFuncSeq(columns[1]+" "+columns[2], func(r rune) bool { return r == ',' || r == ' ' }) {
			names++
			if !regexp.MustCompile(`(?m)^(func|type) (\(.*\) )?` + name + `\b`).MatchString(code.String()) {
				t.Errorf("there is no %s", name)
			}
		}
	}
	if names < 40 {
		t.Errorf("only %d names were found in the table", names)
	}
}
