//go:build !v325

package main

import (
	"encoding/gob"
	"fmt"
	"time"
)

const generation = "v3.32.0"

type CompressionAlgorithm string

type MsgClientHello struct {
	Hostname                       string
	Info                           string
	Version                        string
	SyncerType                     string
	SupportsDecoderRestart         bool
	SupportedCompressionAlgorithms []CompressionAlgorithm
	SupportsModernPolicyKeys       bool
	ClientConnID                   uint64
}

type MsgServerHello struct {
	Version                     string
	SyncerType                  string
	SupportsNodeResourceUpdates bool
	ServerConnID                uint64
}

type MsgDecoderRestart struct {
	Message              string
	CompressionAlgorithm CompressionAlgorithm
}

type MsgACK struct {
}

type SerializedUpdate struct {
	Key               string
	Value             []byte
	Revision          interface{}
	V3ResourceVersion string
	TTL               time.Duration
	UpdateType        uint8
}

func registerMore() {
	gob.RegisterName(prefix+"MsgDecoderRestart", MsgDecoderRestart{})
	gob.RegisterName(prefix+"MsgACK", MsgACK{})
}

func clientHello(o *readOptions) MsgClientHello {
	hello := MsgClientHello{
		Hostname:                 "go-reader",
		Info:                     "gobpeer",
		Version:                  generation,
		SyncerType:               o.syncer,
		SupportsDecoderRestart:   o.restart || o.snappy,
		SupportsModernPolicyKeys: true,
		ClientConnID:             0xfedcba9800000001,
	}
	if o.snappy {
		hello.SupportedCompressionAlgorithms = []CompressionAlgorithm{"snappy"}
	}
	return hello
}

func serverHello(hello MsgClientHello) MsgServerHello {
	return MsgServerHello{
		Version:                     generation,
		SyncerType:                  hello.SyncerType,
		SupportsNodeResourceUpdates: true,
		ServerConnID:                0xfedcba9800000002,
	}
}

func describeMore(message interface{}) string {
	switch m := message.(type) {
	case MsgClientHello:
		return fmt.Sprintf("client hello %s %s %s syncer=%q restart=%t compression=%q policies=%t id=%x", m.Hostname, m.Info,
			m.Version, m.SyncerType, m.SupportsDecoderRestart, m.SupportedCompressionAlgorithms, m.SupportsModernPolicyKeys,
			m.ClientConnID)
	case MsgServerHello:
		return fmt.Sprintf("server hello %s syncer=%q nodes=%t id=%x", m.Version, m.SyncerType, m.SupportsNodeResourceUpdates,
			m.ServerConnID)
	case MsgDecoderRestart:
		return fmt.Sprintf("restart %q", m.CompressionAlgorithm)
	case MsgACK:
		return "ack"
	default:
		return fmt.Sprintf("unknown %T:%v", message, message)
	}
}

func describeMoreOfUpdate(u *SerializedUpdate) string {
	return fmt.Sprintf(" resource=%q", u.V3ResourceVersion)
}

// restartOf says whether a message asks for a new decoder, and how the bytes behind it are compressed.
func restartOf(message interface{}) (algorithm string, restart bool) {
	m, restart := message.(MsgDecoderRestart)
	return string(m.CompressionAlgorithm), restart
}

func ack() interface{} {
	return MsgACK{}
}

func (s *session) acceptsRestart(hello MsgClientHello) (algorithm string, accepted bool) {
	for _, offered := range hello.SupportedCompressionAlgorithms {
		if offered == "snappy" && s.options.snappy {
			algorithm = "snappy"
		}
	}
	return algorithm, hello.SupportsDecoderRestart && (s.options.restart || algorithm != "")
}

func restart(algorithm string) interface{} {
	return MsgDecoderRestart{Message: "a new stream follows", CompressionAlgorithm: CompressionAlgorithm(algorithm)}
}

func isAck(message interface{}) bool {
	_, is := message.(MsgACK)
	return is
}

func moreMessages() (client []interface{}, server []interface{}) {
	update := SerializedUpdate{Key: "/calico/resources/v3/projectcalico.org/nodes/node1", Value: []byte("{}"), Revision: "77",
		V3ResourceVersion: "77", UpdateType: 2}
	client = []interface{}{MsgACK{}, MsgACK{}}
	server = []interface{}{MsgKVs{KVs: []SerializedUpdate{update}}, restart("snappy"), restart("")}
	return client, server
}
