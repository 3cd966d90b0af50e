package reportcmd

import (
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
)

// A row group is what a Parquet writer has in memory, its pages compressed. It ends after so many rows or
// so many bytes, whichever comes first. With 4 MB, an export of 500,000 commits had 89 MB resident (62 MB
// as CSV); with 8 MB it had 98, and the file was half a percent smaller.
const (
	groupRows  = 64 << 10
	groupBytes = 4 << 20
)

// A parquetTable writes rows as Parquet with zstd, in row groups of bounded size. Pages are of version 1,
// which every reader can read.
type parquetTable[R any] struct {
	w        *parquet.GenericWriter[R]
	groupEnd int64 // the size of the file at which the row group ends
}

// newParquetTable begins a table. Dictionaries are bounded: a column with more text than that is written
// without one.
func newParquetTable[R any](w io.Writer, options ...parquet.WriterOption) *parquetTable[R] {
	return &parquetTable[R]{parquet.NewGenericWriter[R](w, append(options,
		parquet.Compression(newSmallZstd()),
		parquet.DataPageVersion(1),
		parquet.DictionaryMaxBytes(1<<20),
		parquet.MaxRowsPerRowGroup(groupRows),
	)...), groupBytes}
}

func (t *parquetTable[R]) Write(rows []R) error {
	_, err := t.w.Write(rows)
	if err != nil || t.w.Size() < t.groupEnd {
		return err
	}
	err = t.w.Flush()
	t.groupEnd = t.w.Size() + groupBytes
	return err
}

// Close writes the last row group and the footer, without which no reader accepts the file.
func (t *parquetTable[R]) Close() error { return t.w.Close() }

// A smallZstd compresses as parquet.Zstd does, with a window that is no longer than two pages and with one
// encoder for the table. Parquet.Zstd takes 45 MB more for an export of a million commits.
type smallZstd struct {
	compress.Codec // for its name in the file
	encoder        *zstd.Encoder
}

func newSmallZstd() smallZstd {
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1),
		zstd.WithWindowSize(2*parquet.DefaultPageBufferSize), zstd.WithLowerEncoderMem(true),
		zstd.WithZeroFrames(true), zstd.WithEncoderCRC(false))
	if err != nil {
		panic(err) // the options above are wrong
	}
	return smallZstd{&parquet.Zstd, encoder}
}

// Encode compresses one page.
func (z smallZstd) Encode(dst, src []byte) ([]byte, error) {
	return z.encoder.EncodeAll(src, dst[:0]), nil
}
