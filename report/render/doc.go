// Package render writes reports, and the other small tables of the program, as a table for
// people, CSV, JSON, Markdown, or one HTML file that stands alone.
//
// It guarantees that nothing an author or a repository is called can reach a terminal as a
// control sequence, a spreadsheet as a formula, or a page as markup; that a table on a terminal
// is never wider than the terminal; and that an error of the writer is an error of the call.
package render
