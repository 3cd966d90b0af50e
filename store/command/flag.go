package command

import (
	"strings"

	"github.com/urfave/cli/v2"
)

// A doc is what help and the manual say of a flag.
type doc struct {
	names    []string // with their dashes, the long one first
	value    string   // what stands for its value, "" of a switch
	usage    string   // without the quotes around the value
	standard string   // its value if none is given
	env      []string
}

// docOf reads a flag. urfave/cli marks the name of the value in the usage with backquotes, and has no
// function that returns both.
func docOf(f cli.Flag) doc {
	d := doc{}
	for _, name := range f.Names() {
		d.names = append(d.names, dashed(name))
	}
	g := f.(cli.DocGenerationFlag) // as all flags that are not hidden are
	d.usage, d.env = g.GetUsage(), g.GetEnvVars()
	if g.TakesValue() {
		d.value, d.standard = "VALUE", strings.Trim(g.GetDefaultText(), `"`)
	}
	if parts := strings.Split(d.usage, "`"); len(parts) == 3 && d.value != "" {
		d.value, d.usage = parts[1], strings.Join(parts, "")
	}
	if d.standard == "0" { // a number without a default value, which urfave/cli does not tell from 0
		d.standard = ""
	}
	if s, ok := f.(cli.DocGenerationSliceFlag); ok && s.IsSliceFlag() { // it may be given several times
		d.standard, d.value = "", d.value+" …"
	}
	return d
}

// heading is the flag as it is typed.
func (d doc) heading() string {
	names := strings.Join(d.names, ", ")
	if d.value != "" {
		names += " " + d.value
	}
	return names
}

// text is the usage with the default value and the variables of the environment.
func (d doc) text() string {
	text := d.usage
	if d.standard != "" {
		text += " (default: " + d.standard + ")"
	}
	for _, variable := range d.env {
		text += " [" + variable + "]"
	}
	return text
}
