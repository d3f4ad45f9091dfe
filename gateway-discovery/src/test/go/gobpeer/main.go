// Command gobpeer is the other end of the sync protocol for tests; see README.md.
package main

import (
	"bufio"
	"encoding/gob"
	"fmt"
	"io"
	"os"
	"time"
)

func main() {
	if len(os.Args) < 2 {
		fail(fmt.Errorf("command: none (expected: read, serve, decode, encode)"))
	}
	switch os.Args[1] {
	case "read":
		fail(read(os.Args[2:]))
	case "serve":
		fail(serve(os.Args[2:]))
	case "decode":
		fail(decode(os.Stdin))
	case "encode":
		fail(encode(os.Args[2], os.Stdout))
	default:
		fail(fmt.Errorf("command: %s (expected: read, serve, decode, encode)", os.Args[1]))
	}
}

func fail(err error) {
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
}

func decode(in io.Reader) error {
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	decoder := gob.NewDecoder(in)
	for {
		var envelope Envelope
		err := decoder.Decode(&envelope)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			out.Flush()
			return err
		}
		fmt.Fprintln(out, describe(envelope.Message))
	}
}

// encode writes all there is to say in one direction, most of it twice, so that both first and later uses of a type are there.
func encode(side string, out io.Writer) error {
	at := time.Date(2026, 8, 22, 6, 33, 20, 5, time.UTC)
	client := []interface{}{
		clientHello(&readOptions{syncer: "felix", snappy: true}),
		MsgPong{PingTimestamp: at},
		MsgPong{PingTimestamp: at, PongTimestamp: at.Add(1500 * time.Microsecond)},
	}
	server := []interface{}{
		serverHello(MsgClientHello{}),
		MsgKVs{KVs: strangeUpdates()},
		MsgKVs{},
		MsgSyncStatus{SyncStatus: 0}, MsgSyncStatus{SyncStatus: 1}, MsgSyncStatus{SyncStatus: 2},
		MsgPing{Timestamp: at},
		MsgPing{Timestamp: at.In(time.FixedZone("east", 3600))},
		MsgPing{},
		MsgKVs{KVs: made(3, 0)},
	}
	moreOfClient, moreOfServer := moreMessages()
	messages := append(client, moreOfClient...)
	if side == "server" {
		messages = append(server, moreOfServer...)
	}
	encoder := gob.NewEncoder(out)
	for _, message := range messages {
		if err := encoder.Encode(Envelope{Message: message}); err != nil {
			return err
		}
	}
	return nil
}
