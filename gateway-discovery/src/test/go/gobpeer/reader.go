package main

import (
	"encoding/gob"
	"flag"
	"fmt"
	"io"
	"net"
	"time"
)

type readOptions struct {
	addr, syncer, until string
	record              string
	restart, snappy     bool
	each                bool
	timeout             time.Duration
}

// read follows a server until it has told the last key, and prints what it saw.
func read(args []string) error {
	o := &readOptions{}
	flags := flag.NewFlagSet("read", flag.ExitOnError)
	flags.StringVar(&o.addr, "addr", "", "of the server")
	flags.StringVar(&o.syncer, "syncer", "felix", "what to ask for")
	flags.StringVar(&o.until, "until", "/end", "ends when this key was told")
	flags.BoolVar(&o.restart, "restart", false, "says that the decoder can be restarted")
	flags.BoolVar(&o.snappy, "snappy", false, "says that it understands snappy, which needs a restart")
	flags.StringVar(&o.record, "record", "", "file for what this side says, in hexadecimal")
	flags.BoolVar(&o.each, "each", false, "prints each message whole")
	flags.DurationVar(&o.timeout, "timeout", 30*time.Second, "for the whole")
	_ = flags.Parse(args)
	connection, err := net.DialTimeout("tcp", o.addr, 10*time.Second)
	if err != nil {
		return err
	}
	defer connection.Close()
	if connection, err = record(connection, o.record); err != nil {
		return err
	}
	_ = connection.SetDeadline(time.Now().Add(o.timeout))
	encoder := gob.NewEncoder(connection)
	decoder := gob.NewDecoder(connection)
	if err = encoder.Encode(Envelope{Message: clientHello(o)}); err != nil {
		return err
	}
	known, snapshot, messages := newSet(), true, 0
	for {
		var envelope Envelope
		if err = decoder.Decode(&envelope); err != nil {
			fmt.Println("broken after", messages, "messages:", known)
			return err
		}
		messages++
		switch m := envelope.Message.(type) {
		case MsgKVs:
			known.apply(m.KVs, snapshot)
			if o.each {
				fmt.Println(describe(m))
			}
		case MsgSyncStatus:
			snapshot = false
			fmt.Println(describe(m), known)
		case MsgPing:
			fmt.Println("ping")
			if err = encoder.Encode(Envelope{Message: MsgPong{PingTimestamp: m.Timestamp}}); err != nil {
				return err
			}
		default:
			fmt.Println(describe(m))
		}
		if algorithm, asked := restartOf(envelope.Message); asked {
			var source io.Reader = connection
			if algorithm == "snappy" {
				source = newSnappyReader(connection)
			}
			decoder = gob.NewDecoder(source)
			if err = encoder.Encode(Envelope{Message: ack()}); err != nil {
				return err
			}
		}
		if _, told := known.entries[o.until]; told && !snapshot {
			fmt.Println("end", known)
			return nil
		}
	}
}
