package render

import (
	"iter"
	"strings"

	"trunkstat/report"
	"trunkstat/store"
)

// A Column is one column of a Grid.
type Column struct {
	// Name is what scripts call the column, like last_commit. A table heads it LAST COMMIT.
	Name string
	// Number columns are aligned to the right.
	Number bool
	// Elastic columns are cut with … where a table is wider than the terminal. A page breaks their
	// lines.
	Elastic bool
	// DropOrder says which columns are left out of a table that is too wide: the highest first.
	// Columns with 0 are kept.
	DropOrder int

	// cell fills the column from a row of a report, or from its total.
	cell  func(row *report.Row) Cell
	pivot bool // Name is a value of a pivot, and is not changed for headings
	bar   bool // cells are drawn as bars, beside that of the highest number
	faint bool
}

// A Grid is a table before it has a format: its columns, its rows, and perhaps a last row of
// totals. Rows may be shorter than Columns; the cells that are missing are empty.
type Grid struct {
	Columns []Column
	Rows    [][]Cell
	Total   []Cell

	// counted are rows of a report, above Rows. Their cells are made one by one: those of 800,000 rows
	// would be hundreds of megabytes.
	counted report.Rows
}

// rows yields all rows. Each is good until the next one.
func (g *Grid) rows() iter.Seq[[]Cell] {
	return func(yield func([]Cell) bool) {
		var cells []Cell // used again
		for row := range g.counted.All() {
			if cells = appendCells(cells[:0], g.Columns, row); !yield(cells) {
				return
			}
		}
		for _, row := range g.Rows {
			if !yield(row) {
				return
			}
		}
	}
}

// at is the cell i of a row, empty where the row is shorter.
func at(row []Cell, i int) Cell {
	if i < len(row) {
		return row[i]
	}
	return Cell{}
}

// head is the row of names as a table shows them: LAST COMMIT.
func (g *Grid) head() []Cell {
	head := make([]Cell, len(g.Columns))
	for i, c := range g.Columns {
		if !c.pivot {
			c.Name = strings.ToUpper(strings.ReplaceAll(c.Name, "_", " "))
		}
		head[i] = Text(c.Name)
	}
	return head
}

// title is the column's name as a page heads it: Last commit.
func (c Column) title() string {
	name := store.Clean(c.Name)
	if c.pivot {
		return name
	}
	name = strings.ReplaceAll(name, "_", " ")
	return strings.ToUpper(name[:1]) + name[1:]
}

// dataGrid is the report for programs: its rows as they are, and no total.
func dataGrid(res *report.Result) Grid { return Grid{Columns: dataColumns(res), counted: res.Rows} }

// tableGrid is the report for people in some columns, with what --top cut off as its last row, and the total.
// A script that adds up a column needs neither, so CSV has neither.
func tableGrid(res *report.Result, columns []Column) Grid {
	g := Grid{Columns: columns, counted: res.Rows, Total: withCaption("Total", columns, totalRow(res))}
	if res.Others != nil {
		caption := "(others: " + Count(res.Others.Rows) + ")"
		g.Rows = append(g.Rows, withCaption(caption, columns, othersRow(res)))
	}
	return g
}

// appendCells appends what the columns have of a row.
func appendCells(cells []Cell, columns []Column, row *report.Row) []Cell {
	for _, c := range columns {
		cells = append(cells, c.cell(row))
	}
	return cells
}

// withCaption makes the cells of a row that has no keys, with a caption in the first column, which is always
// one of keys.
func withCaption(caption string, columns []Column, row report.Row) []Cell {
	cells := appendCells(nil, columns, &row)
	cells[0] = Text(caption)
	return cells
}

// totalRow has the counts of all rows.
func totalRow(res *report.Result) report.Row {
	return report.Row{Counts: res.Total, Previous: res.PreviousTotal, Cells: res.TotalCells}
}

// othersRow has the counts of what --top cut off. res.Others is not nil.
func othersRow(res *report.Result) report.Row {
	return report.Row{Counts: res.Others.Counts, Previous: res.Others.Previous, Cells: res.Others.Cells}
}
