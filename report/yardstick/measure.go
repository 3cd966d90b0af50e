package main

import (
	"fmt"
	"strings"
)

// measureStart compares the start of trunkstat with that of git.
func measureStart(d data, runs int) error {
	var ours, git series
	for range 4 * runs {
		a, _, err := measure(d.program("trunkstat"), "--version")
		if err != nil {
			return err
		}
		b, _, err := measure("git", "--version")
		if err != nil {
			return err
		}
		ours, git = append(ours, a), append(git, b)
	}
	fmt.Print("| start | wall ms | CPU ms |\n|---|--:|--:|\n")
	fmt.Printf("| `trunkstat --version` | %v | %v |\n| `git --version` | %v | %v |\n\n",
		ours.wall(), ours.cpu(), git.wall(), git.cpu())
	return nil
}

// A contender answers questions. Its command is nil for those that it cannot be asked.
type contender struct {
	name    string
	command func(q question) []string
}

func (d data) askSQLite(file string, q question) []string {
	if q.sqlite() == "" {
		return nil
	}
	return []string{d.program("sqlite"), "ask", d.file(file), q.sqlite()}
}

func (d data) contenders() []contender {
	all := []contender{
		{"trunkstat", func(q question) []string {
			return append([]string{d.program("trunkstat")}, q.report(d.file(synced))...)
		}},
		{"DuckDB", func(q question) []string {
			return []string{d.program("duckdb"), "ask", d.file(parquet), q.duckdb()}
		}},
		{"SQLite", func(q question) []string {
			return d.askSQLite(bare, q)
		}},
		{"SQLite, index", func(q question) []string {
			return d.askSQLite(keyed, q)
		}},
	}
	if !d.sqlite {
		return all[:2]
	}
	return all
}

func measureQuestions(d data, runs int, quick bool) error {
	contenders := d.contenders()
	fmt.Print("| report | rows |")
	for i, c := range contenders {
		fmt.Printf(" %s: wall ms; CPU ms; MB |", c.name)
		if i > 0 {
			fmt.Printf(" ÷ %s |", contenders[0].name)
		}
	}
	fmt.Println("\n|---|--:|--:|" + strings.Repeat("--:|--:|", len(contenders)-1))
	for _, q := range questions() {
		if quick && !q.quick {
			continue
		}
		if err := measureQuestion(q, contenders, runs); err != nil {
			return err
		}
	}
	return nil
}

func measureQuestion(q question, contenders []contender, runs int) error {
	all := make([]series, len(contenders))
	var first answer
	for r := range runs {
		for i, c := range contenders {
			line := c.command(q)
			if line == nil {
				continue
			}
			took, a, err := measure(line[0], line[1:]...)
			if err != nil {
				return fmt.Errorf("%s, %s: %w", q.name, c.name, err)
			}
			all[i] = append(all[i], took)
			switch {
			case r == 0 && i == 0:
				first = a
			case a != first:
				return fmt.Errorf("%s: %s answers %+v, and %s %+v",
					q.name, contenders[0].name, first, c.name, a)
			}
		}
	}
	fmt.Printf("| %s | %d |", q.name, first.rows)
	for i, s := range all {
		if len(s) == 0 {
			fmt.Print(" – | – |")
			continue
		}
		fmt.Printf(" %v; %v; %.0f |", s.wall(), s.cpu(), s.resident().median)
		if i > 0 {
			fmt.Printf(" %s |", s.ratio(all[0]))
		}
	}
	fmt.Println()
	return nil
}
