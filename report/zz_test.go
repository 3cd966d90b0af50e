package report

import (
	"os"
	"strings"
	"testing"
	"time"

	"trunkstat/store"
)

func BenchmarkZ(b *testing.B) {
	db := store.Open("/tmp/ys/1000000-synced.db")
	for _, by := range strings.Split(os.Getenv("BY"), " ") {
		b.Run(by, func(b *testing.B) {
			dims, _ := ParseDimensions(by)
			q := Query{By: dims, Zone: time.UTC}
			for b.Loop() {
				r, err := Volume(b.Context(), db, q)
				if err != nil {
					b.Fatal(err)
				}
				for range r.Rows.All() {
				}
			}
		})
	}
}
