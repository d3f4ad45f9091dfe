//go:build v325

package main

import (
	"fmt"
	"time"
)

const generation = "v3.2.5"

type MsgClientHello struct {
	Hostname string
	Info     string
	Version  string
}

type MsgServerHello struct {
	Version string
}

type SerializedUpdate struct {
	Key        string
	Value      []byte
	Revision   interface{}
	TTL        time.Duration
	UpdateType uint8
}

func registerMore() {
}

func clientHello(o *readOptions) MsgClientHello {
	return MsgClientHello{Hostname: "go-reader", Info: "gobpeer", Version: generation}
}

func serverHello(hello MsgClientHello) MsgServerHello {
	return MsgServerHello{Version: generation}
}

func describeMore(message interface{}) string {
	switch m := message.(type) {
	case MsgClientHello:
		return fmt.Sprintf("client hello %s %s %s", m.Hostname, m.Info, m.Version)
	case MsgServerHello:
		return fmt.Sprintf("server hello %s", m.Version)
	default:
		return fmt.Sprintf("unknown %T:%v", message, message)
	}
}

func describeMoreOfUpdate(u *SerializedUpdate) string {
	return ""
}

// restartOf says whether a message asks for a new decoder, and how the bytes behind it are compressed.
func restartOf(message interface{}) (algorithm string, restart bool) {
	return "", false
}

func ack() interface{} {
	panic("v3.2.5 knows no acknowledgement")
}

func (s *session) acceptsRestart(hello MsgClientHello) (algorithm string, accepted bool) {
	return "", false
}

func restart(algorithm string) interface{} {
	panic("v3.2.5 knows no restart")
}

func isAck(message interface{}) bool {
	return false
}

func moreMessages() (client []interface{}, server []interface{}) {
	return nil, nil
}
