package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// The framing format of snappy and its blocks, after their public descriptions.

const (
	identifier = "\xff\x06\x00\x00sNaPpY"
	chunkLimit = 65536
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func masked(data []byte) uint32 {
	sum := crc32.Checksum(data, castagnoli)
	return (sum>>15 | sum<<17) + 0xa282ead8
}

type snappyReader struct {
	source  io.Reader
	begun   bool
	pending []byte
}

func newSnappyReader(source io.Reader) io.Reader {
	return &snappyReader{source: source}
}

func (r *snappyReader) Read(into []byte) (int, error) {
	for len(r.pending) == 0 {
		if err := r.chunk(); err != nil {
			return 0, err
		}
	}
	count := copy(into, r.pending)
	r.pending = r.pending[count:]
	return count, nil
}

// chunk reads one chunk and not a byte more: a restart may follow.
func (r *snappyReader) chunk() error {
	var head [4]byte
	if _, err := io.ReadFull(r.source, head[:]); err != nil {
		return err
	}
	body := make([]byte, int(head[1])|int(head[2])<<8|int(head[3])<<16)
	if _, err := io.ReadFull(r.source, body); err != nil {
		return err
	}
	kind := head[0]
	switch {
	case kind == 0xff:
		r.begun = true
		if string(head[:])+string(body) != identifier {
			return errors.New("snappy: a wrong identifier")
		}
		return nil
	case !r.begun:
		return fmt.Errorf("snappy: chunk %#x before the identifier", kind)
	case kind >= 0x80:
		return nil
	case kind > 1:
		return fmt.Errorf("snappy: chunk %#x cannot be skipped", kind)
	case len(body) < 4:
		return errors.New("snappy: a chunk without a checksum")
	}
	data := body[4:]
	if kind == 0 {
		var err error
		if data, err = unpack(data); err != nil {
			return err
		}
	}
	if len(data) > chunkLimit {
		return fmt.Errorf("snappy: a chunk of %d bytes", len(data))
	}
	if binary.LittleEndian.Uint32(body) != masked(data) {
		return errors.New("snappy: a wrong checksum")
	}
	r.pending = data
	return nil
}

func unpack(block []byte) ([]byte, error) {
	bad := errors.New("snappy: a broken block")
	size, used := binary.Uvarint(block)
	if used <= 0 || size > chunkLimit {
		return nil, bad
	}
	block = block[used:]
	out := make([]byte, 0, size)
	for len(block) > 0 {
		tag := block[0]
		extra := [4]int{0, 1, 2, 4}[tag&3]
		length := int(tag>>2) + 1
		if tag&3 == 0 && length > 60 {
			extra = length - 60
		}
		if len(block) <= extra {
			return nil, bad
		}
		number := 0
		for i := extra; i > 0; i-- {
			number = number<<8 | int(block[i])
		}
		block = block[1+extra:]
		if tag&3 == 0 {
			if extra > 0 {
				length = number + 1
			}
			if length > len(block) {
				return nil, bad
			}
			out = append(out, block[:length]...)
			block = block[length:]
			continue
		}
		if tag&3 == 1 {
			length = int(tag>>2&7) + 4
			number |= int(tag>>5) << 8
		}
		if number == 0 || number > len(out) {
			return nil, bad
		}
		for ; length > 0; length-- {
			out = append(out, out[len(out)-number])
		}
	}
	if uint64(len(out)) != size {
		return nil, bad
	}
	return out, nil
}

type snappyWriter struct {
	sink    io.Writer
	pending []byte
	begun   bool
	plain   bool
}

func newSnappyWriter(sink io.Writer) *snappyWriter {
	return &snappyWriter{sink: sink}
}

func (w *snappyWriter) Write(data []byte) (int, error) {
	w.pending = append(w.pending, data...)
	return len(data), nil
}

// Flush writes what is pending; each second chunk is not compressed, so that a reader sees both kinds.
func (w *snappyWriter) Flush() error {
	var out []byte
	if !w.begun {
		out = append(out, identifier...)
		w.begun = true
	}
	for len(w.pending) > 0 {
		count := len(w.pending)
		if count > chunkLimit {
			count = chunkLimit
		}
		data := w.pending[:count]
		w.pending = w.pending[count:]
		kind, body := byte(1), data
		if !w.plain {
			kind, body = 0, pack(data)
		}
		w.plain = !w.plain
		length := len(body) + 4
		out = append(out, kind, byte(length), byte(length>>8), byte(length>>16))
		out = binary.LittleEndian.AppendUint32(out, masked(data))
		out = append(out, body...)
	}
	w.pending = nil
	_, err := w.sink.Write(out)
	return err
}

func pack(data []byte) []byte {
	out := binary.AppendUvarint(nil, uint64(len(data)))
	seen := map[uint32]int{}
	start, at := 0, 0
	literal := func(end int) {
		for start < end {
			count := end - start
			if count > 60 {
				count = 60
			}
			out = append(out, byte(count-1)<<2)
			out = append(out, data[start:start+count]...)
			start += count
		}
	}
	for at+4 <= len(data) {
		four := binary.LittleEndian.Uint32(data[at:])
		before, found := seen[four]
		seen[four] = at
		if !found || at-before > 65535 {
			at++
			continue
		}
		literal(at)
		length := 4
		for length < 64 && at+length < len(data) && data[before+length] == data[at+length] {
			length++
		}
		offset := at - before
		out = append(out, byte(length-1)<<2|2, byte(offset), byte(offset>>8))
		at += length
		start = at
	}
	literal(len(data))
	return out
}
