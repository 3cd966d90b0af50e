package synccmd

import (
	"testing"

	"trunkstat/report/render"
)

// A column without a field of its name would show the whole row.
func TestColumnsHaveFields(t *testing.T) {
	for _, c := range []struct {
		columns []render.Column
		index   func(name string) []int
	}{
		{repoColumns, fieldIndex[repoRow]},
		{listColumns, fieldIndex[listedCredential]},
		{statusColumns, fieldIndex[credentialStatus]},
	} {
		for _, col := range c.columns {
			if c.index(col.Name) == nil {
				t.Errorf("no field for the column %s", col.Name)
			}
		}
	}
}
