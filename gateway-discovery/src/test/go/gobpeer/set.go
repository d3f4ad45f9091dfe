package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"
)

// set is what a client knows, and how it came to know it.
type set struct {
	entries map[string][]byte
	types   [4]int
	wrong   int
}

func newSet() *set {
	return &set{entries: map[string][]byte{}}
}

func (s *set) apply(updates []SerializedUpdate, snapshot bool) {
	for _, update := range updates {
		s.types[update.UpdateType&3]++
		if snapshot && update.UpdateType != 1 {
			s.wrong++
		}
		if update.Value == nil {
			delete(s.entries, update.Key)
		} else {
			s.entries[update.Key] = update.Value
		}
	}
}

func (s *set) checksum() string {
	hash := sha256.New()
	var length [4]byte
	for _, key := range sortedKeys(s.entries) {
		for _, part := range [][]byte{[]byte(key), s.entries[key]} {
			binary.BigEndian.PutUint32(length[:], uint32(len(part)))
			hash.Write(length[:])
			hash.Write(part)
		}
	}
	return fmt.Sprintf("%x", hash.Sum(nil))
}

func (s *set) String() string {
	return fmt.Sprintf("entries=%d checksum=%s types=%d/%d/%d/%d wrong=%d", len(s.entries), s.checksum(), s.types[0], s.types[1],
		s.types[2], s.types[3], s.wrong)
}

func keyOf(number int) string {
	return fmt.Sprintf("/calico/v1/config/entry-%06d", number)
}

// made is a set of updates that both ends can make: every seventh entry is missing, which ones depends on the round.
func made(count, round int) []SerializedUpdate {
	updates := make([]SerializedUpdate, 0, count)
	for number := 0; number < count; number++ {
		if number%7 == 6-round%7 {
			continue
		}
		value := bytes.Repeat([]byte(fmt.Sprintf("value %d of round %d. ", number, round)), 1+number%20)
		updates = append(updates, SerializedUpdate{Key: keyOf(number), Value: value, Revision: fmt.Sprint(number), UpdateType: 1})
	}
	return updates
}

func strangeUpdates() []SerializedUpdate {
	key := "/calico/v1/config/strange"
	return []SerializedUpdate{
		{Key: key + "/string", Value: []byte("text"), Revision: "1234", TTL: 12 * time.Nanosecond, UpdateType: 1},
		{Key: key + "/none", Value: []byte("y"), UpdateType: 1},
		{Key: key + "/uint64", Value: []byte("y"), Revision: uint64(1) << 63, UpdateType: 2},
		{Key: key + "/int", Value: []byte("y"), Revision: -129, UpdateType: 2},
		{Key: key + "/bool", Value: []byte("y"), Revision: true, UpdateType: 2},
		{Key: key + "/bytes", Value: []byte("y"), Revision: []byte("abc"), UpdateType: 2},
		{Key: key + "/long", Value: bytes.Repeat([]byte("v"), 300), Revision: "99", TTL: 90 * time.Second, UpdateType: 2},
		{Key: key + "/utf-ö%2f", Value: []byte{0, 255, 128}, Revision: "1", UpdateType: 0},
		{Key: key + "/gone", Revision: "1237", UpdateType: 3},
		{Key: key + "/invalid", Revision: "1238", UpdateType: 2},
	}
}
