package command

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"trunkstat/store"
)

// A suggestingFlag is a flag with values that completion offers.
type suggestingFlag struct {
	*cli.StringFlag
	values []string
	list   bool // several values may be given, with commas between them
}

// Enum returns a flag that takes one of the values. Help lists them after the usage, completion offers
// them, and another value is a misuse.
func Enum(name, standard, usage string, values ...string) cli.Flag {
	return EnumFromEnv(nil, name, standard, usage, values...)
}

// EnumFromEnv is Enum for a flag that variables of the environment set too. The values are checked by an
// action of the flag, which urfave/cli runs before the command and for the value of a variable as well.
func EnumFromEnv(env []string, name, standard, usage string, values ...string) cli.Flag {
	check := func(_ *cli.Context, value string) error {
		if slices.Contains(values, value) {
			return nil
		}
		return Misuse("invalid value %q for --%s; use %s", Shorten(value), name, strings.Join(values, ", "))
	}
	last := len(values) - 1 // "a, b or c"; a single value stands alone
	all := values[last]
	if last > 0 {
		all = strings.Join(values[:last], ", ") + " or " + all
	}
	return &suggestingFlag{StringFlag: &cli.StringFlag{
		Name: name, Value: standard, Usage: usage + ": " + all, EnvVars: env, Action: check}, values: values}
}

// Suggest makes completion offer values of a flag that takes others as well. Values with a colon are
// offered after a colon was typed.
func Suggest(flag *cli.StringFlag, values ...string) cli.Flag {
	return &suggestingFlag{StringFlag: flag, values: values}
}

// SuggestList is Suggest for a flag that takes several values, with commas between them.
func SuggestList(flag *cli.StringFlag, values ...string) cli.Flag {
	return &suggestingFlag{StringFlag: flag, values: values, list: true}
}

// suggestions are the values that the word to complete may become.
func (f *suggestingFlag) suggestions(word string) []string {
	before := ""
	if i := strings.LastIndex(word, ","); f.list && i >= 0 {
		before = word[:i+1]
	}
	var all []string
	for _, v := range f.values {
		// A value that the list has already would be a misuse. commits:asc is not offered before the colon,
		// because it would hide the plain commits among its own forms.
		given := strings.Contains(","+before, ","+v+",")
		tooEarly := strings.Contains(v, ":") && !strings.Contains(word, ":")
		if !given && !tooEarly {
			all = append(all, before+v)
		}
	}
	return all
}

// Pattern returns a repeatable flag that takes patterns, which store.NewPatterns reads. A pattern that is
// not valid is a misuse.
func Pattern(name, usage string) cli.Flag {
	check := func(_ *cli.Context, patterns []string) error {
		if _, err := store.NewPatterns(patterns...); err != nil {
			return Misuse("%v for --%s; use *, ? and [a-z]", err, name)
		}
		return nil
	}
	return &cli.StringSliceFlag{Name: name, Usage: usage, Action: check}
}
