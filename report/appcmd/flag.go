package appcmd

import (
	"strings"

	"github.com/urfave/cli/v2"

	"trunkstat/report/render"
)

// global returns the flags that every command takes, behind its name too.
func global(app *cli.App) []cli.Flag { return visible(app.Flags) }

// visible leaves out what help does not show either.
func visible(flags []cli.Flag) []cli.Flag {
	var shown []cli.Flag
	for _, f := range flags {
		if v, ok := f.(cli.VisibleFlag); !ok || v.IsVisible() {
			shown = append(shown, f)
		}
	}
	return shown
}

// A doc is what a flag says of itself, in help and in the manual.
type doc struct {
	names    []string // with their dashes, the long one first
	value    string   // what stands for its value, "" of a switch
	usage    string   // without the quotes around the value
	standard string   // its value where nobody gives one
	env      []string
}

func docOf(f cli.Flag) doc {
	d := doc{}
	for _, name := range f.Names() {
		d.names = append(d.names, dashed(name))
	}
	g, ok := f.(cli.DocGenerationFlag)
	if !ok {
		return d
	}
	d.usage, d.env = g.GetUsage(), g.GetEnvVars()
	if g.TakesValue() {
		d.value, d.standard = "VALUE", strings.Trim(g.GetDefaultText(), `"`)
	}
	if before, rest, ok := strings.Cut(d.usage, "`"); ok {
		if name, after, ok := strings.Cut(rest, "`"); ok && d.value != "" {
			d.value, d.usage = name, before+name+after
		}
	}
	if d.standard == "0" { // of a number, which means that there is none
		d.standard = ""
	}
	if s, ok := f.(cli.DocGenerationSliceFlag); ok && s.IsSliceFlag() {
		d.standard, d.usage = "", d.usage+" (repeatable)"
	}
	return d
}

// heading is the flag as it is given.
func (d doc) heading() string {
	names := strings.Join(d.names, ", ")
	if d.value != "" {
		names += " " + d.value
	}
	return names
}

// text is all that there is to say of the flag.
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

// textWidth is how many columns of help the text of a flag has; with the names beside it, it fits
// most terminals.
const textWidth = 52

// helpOf is a flag in help. What urfave/cli makes of one has the names of what is repeatable twice,
// and its text in a single line.
func helpOf(f cli.Flag) string {
	d := docOf(f)
	text := render.Wrap(strings.Join(strings.Fields(d.text()), " "), textWidth)
	return d.heading() + "\t" + strings.ReplaceAll(text, "\n", "\n   \t")
}
