package render

import (
	"io"

	"trunkstat/report"
)

func HTML(w io.Writer, res *report.Result, days *report.Result) error { return nil }
