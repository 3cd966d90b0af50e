package store

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
)

// Check, Repair and Compact read the pages of a file by hand: through a mapping, one bad number
// in a page is a fault somewhere else, and bbolt's own check runs on a goroutine where a fault ends
// the process. Here everything is held against its bounds first, and what is sound is found
// next to what is not.

// A pageWalk visits what the root of a file reaches.
type pageWalk struct {
	r    io.ReaderAt
	meta metaPage
	seen []bool // by page

	enter func(path []string) bool                     // whether to read that bucket
	item  func(path []string, key, value []byte) error // for every key that is no bucket
	leave func(path []string) error                    // after the last key of a bucket
	found func(what string)                            // for everything that is not sound
}

// A page is a branch or leaf page with its overflow, or what a small bucket has inline.
type page struct {
	leaf  bool
	count int
	data  []byte // beginning at the header
}

// A keyRange is where the keys of a page must lie; nil is no bound.
type keyRange struct{ from, below []byte }

func newPageWalk(r io.ReaderAt, meta metaPage) *pageWalk {
	return &pageWalk{
		r: r, meta: meta,
		seen:  make([]bool, meta.pages),
		enter: func([]string) bool { return true },
		item:  func([]string, []byte, []byte) error { return nil },
		leave: func([]string) error { return nil },
		found: func(string) {},
	}
}

// run visits everything below the root. The error is one of item or leave.
func (w *pageWalk) run() error { return w.subtree(w.meta.root, nil, keyRange{}) }

func (w *pageWalk) say(format string, args ...any) { w.found(fmt.Sprintf(format, args...)) }

// load reads one page and sees to it that its elements are within it.
func (w *pageWalk) load(id uint64, where string) (p page, ok bool) {
	if id < 2 || id >= w.meta.pages {
		w.say("%s does not exist", where)
		return p, false
	}
	header := make([]byte, pageHeader)
	if _, err := w.r.ReadAt(header, int64(id)*w.meta.pageSize); err != nil {
		w.say("%s: %v", where, err)
		return p, false
	}
	order := binary.NativeEndian
	overflow := uint64(order.Uint32(header[12:]))
	flags := order.Uint16(header[8:])
	if order.Uint64(header) != id || overflow >= w.meta.pages-id ||
		flags != flagLeaf && flags != flagBranch {
		w.say("%s is not a page of a bucket", where)
		return p, false
	}
	for i := id; i <= id+overflow; i++ {
		if w.seen[i] {
			w.say("%s is used twice", where)
			return p, false
		}
		w.seen[i] = true
	}
	data := make([]byte, (overflow+1)*uint64(w.meta.pageSize))
	if _, err := w.r.ReadAt(data, int64(id)*w.meta.pageSize); err != nil {
		w.say("%s: %v", where, err)
		return p, false
	}
	return page{flags == flagLeaf, int(order.Uint16(header[10:])), data}, true
}

// element returns key and value of element i of a leaf page, or key and child of a branch page.
func (p page) element(i int) (key, value []byte, bucket bool, child uint64, ok bool) {
	order := binary.NativeEndian
	at := uint64(pageHeader + 16*i)
	if at+16 > uint64(len(p.data)) {
		return nil, nil, false, 0, false
	}
	e := p.data[at:]
	var pos, ksize, vsize uint64
	if p.leaf {
		bucket = order.Uint32(e)&1 != 0
		pos, ksize, vsize = uint64(order.Uint32(e[4:])), uint64(order.Uint32(e[8:])),
			uint64(order.Uint32(e[12:]))
	} else {
		pos, ksize, child = uint64(order.Uint32(e)), uint64(order.Uint32(e[4:])), order.Uint64(e[8:])
	}
	from := at + pos
	if from+ksize+vsize > uint64(len(p.data)) || ksize == 0 && p.leaf {
		return nil, nil, false, 0, false
	}
	return p.data[from : from+ksize], p.data[from+ksize : from+ksize+vsize], bucket, child, true
}

// subtree visits the page id of the bucket path and what is below it.
func (w *pageWalk) subtree(id uint64, path []string, within keyRange) error {
	where := fmt.Sprintf("page %d of %s", id, cmp.Or(strings.Join(path, "/"), "the root"))
	p, ok := w.load(id, where)
	if !ok {
		return nil
	}
	if p.leaf {
		return w.leafPage(p, where, path, within)
	}
	return w.branchPage(p, where, path, within)
}

func (w *pageWalk) branchPage(p page, where string, path []string, within keyRange) error {
	if p.count == 0 {
		w.say("%s: a branch without children", where)
	}
	for i := range p.count {
		key, _, _, child, ok := p.element(i)
		if !ok {
			w.say("%s: element %d lies outside of it", where, i)
			continue
		}
		below := within.below
		if i+1 < p.count {
			if next, _, _, _, ok := p.element(i + 1); ok {
				below = next
			}
		}
		if i == 0 {
			key = within.from // what is less than the first key goes there as well
		}
		if err := w.subtree(child, path, keyRange{key, below}); err != nil {
			return err
		}
	}
	return nil
}

func (w *pageWalk) leafPage(p page, where string, path []string, within keyRange) error {
	var before []byte
	for i := range p.count {
		key, value, bucket, _, ok := p.element(i)
		if !ok {
			w.say("%s: element %d lies outside of it", where, i)
			continue
		}
		if before != nil && bytes.Compare(before, key) >= 0 || !within.holds(key) {
			w.say("%s: key %x is out of order", where, key)
			continue
		}
		before = key
		var err error
		if bucket {
			err = w.bucket(where, append(path[:len(path):len(path)], string(key)), value)
		} else {
			err = w.item(path, key, value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r keyRange) holds(key []byte) bool {
	return (r.from == nil || bytes.Compare(key, r.from) >= 0) &&
		(r.below == nil || bytes.Compare(key, r.below) < 0)
}

// bucket visits a bucket, whose value is the number of its root page, or 0 and the page itself.
func (w *pageWalk) bucket(where string, path []string, value []byte) error {
	if len(value) < 16 {
		w.say("%s: bucket %q is cut short", where, path)
		return nil
	}
	if !w.enter(path) {
		return nil
	}
	root, err := binary.NativeEndian.Uint64(value), error(nil)
	if inline := value[16:]; root != 0 {
		err = w.subtree(root, path, keyRange{})
	} else if len(inline) < pageHeader || binary.NativeEndian.Uint16(inline[8:]) != flagLeaf {
		w.say("%s: bucket %q is not a page", where, path)
	} else {
		count := int(binary.NativeEndian.Uint16(inline[10:]))
		err = w.leafPage(page{true, count, inline}, fmt.Sprintf("bucket %q", path), path, keyRange{})
	}
	if err != nil {
		return err
	}
	return w.leave(path)
}

// free holds the list of free pages against the pages that were seen: each page is one or the
// other. It makes sense after everything was entered and nothing was found.
func (w *pageWalk) free() error {
	ids, length, err := w.meta.freePages(w.r)
	if err != nil {
		return err
	}
	used := append([]bool(nil), w.seen...)
	for i := range length {
		used[w.meta.freelist+i] = true
	}
	used[0], used[1] = true, true
	for _, id := range ids {
		if id >= w.meta.pages || used[id] {
			w.say("page %d is listed as free, but is not", id)
			continue
		}
		used[id] = true
	}
	for id, ok := range used {
		if !ok {
			w.say("page %d is neither used nor free", id)
		}
	}
	return nil
}

// freePages reads the list of free pages, which readFreelist found sound, and tells how many
// pages it takes itself.
func (m metaPage) freePages(r io.ReaderAt) (ids []uint64, length uint64, err error) {
	count, err := m.readFreelist(r)
	if err != nil {
		return nil, 0, err
	}
	header := make([]byte, pageHeader)
	if _, err := r.ReadAt(header, int64(m.freelist)*m.pageSize); err != nil {
		return nil, 0, fmt.Errorf("list of free pages: %w", err)
	}
	order := binary.NativeEndian
	from := int64(m.freelist)*m.pageSize + pageHeader
	if order.Uint16(header[10:]) == 0xFFFF {
		from += 8
	}
	data := make([]byte, 8*count)
	if _, err := r.ReadAt(data, from); err != nil {
		return nil, 0, fmt.Errorf("list of free pages: %w", err)
	}
	ids = make([]uint64, count)
	for i := range ids {
		ids[i] = order.Uint64(data[8*i:])
	}
	return ids, uint64(order.Uint32(header[12:])) + 1, nil
}
