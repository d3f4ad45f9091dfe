package main

import (
	"encoding/gob"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"
)

const prefix = "github.com/projectcalico/typha/pkg/syncproto."

type Envelope struct {
	Message interface{}
}

type MsgSyncStatus struct {
	SyncStatus uint8
}

type MsgPing struct {
	Timestamp time.Time
}

type MsgPong struct {
	PingTimestamp time.Time
	PongTimestamp time.Time
}

type MsgKVs struct {
	KVs []SerializedUpdate
}

func init() {
	gob.RegisterName(prefix+"MsgClientHello", MsgClientHello{})
	gob.RegisterName(prefix+"MsgServerHello", MsgServerHello{})
	gob.RegisterName(prefix+"MsgSyncStatus", MsgSyncStatus{})
	gob.RegisterName(prefix+"MsgPing", MsgPing{})
	gob.RegisterName(prefix+"MsgPong", MsgPong{})
	gob.RegisterName(prefix+"MsgKVs", MsgKVs{})
	registerMore()
}

// describe says in one line of text what a message holds, the same for both generations where both know it.
func describe(message interface{}) string {
	switch m := message.(type) {
	case nil:
		return "nil"
	case MsgSyncStatus:
		return fmt.Sprintf("status %d", m.SyncStatus)
	case MsgPing:
		return "ping " + stamp(m.Timestamp)
	case MsgPong:
		return "pong " + stamp(m.PingTimestamp) + " " + stamp(m.PongTimestamp)
	case MsgKVs:
		var b strings.Builder
		fmt.Fprintf(&b, "kvs %d", len(m.KVs))
		for i := range m.KVs {
			b.WriteString("\n  ")
			b.WriteString(describeUpdate(&m.KVs[i]))
		}
		return b.String()
	default:
		return describeMore(message)
	}
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func describeUpdate(u *SerializedUpdate) string {
	value := "-"
	if u.Value != nil {
		value = strconv.Quote(string(u.Value))
	}
	return fmt.Sprintf("%s value=%s revision=%T:%v%s ttl=%d type=%d",
		u.Key, value, u.Revision, u.Revision, describeMoreOfUpdate(u), u.TTL.Nanoseconds(), u.UpdateType)
}

func sortedKeys(set map[string][]byte) []string {
	keys := make([]string, 0, len(set))
	for key := range set {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}
