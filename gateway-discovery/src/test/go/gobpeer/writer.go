package main

import (
	"bufio"
	"encoding/gob"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"time"
)

type serveOptions struct {
	entries         int
	restart, snappy bool
	batch           int
	record          string
}

// session is one connection of a client to serve.
type session struct {
	options    *serveOptions
	connection net.Conn
	flusher    *snappyWriter
	encoder    *gob.Encoder
	decoder    *gob.Decoder
}

// serve listens, prints its port, and tells each client a set that depends on the round. A line of its input ends a round.
func serve(args []string) error {
	o := &serveOptions{}
	flags := flag.NewFlagSet("serve", flag.ExitOnError)
	flags.IntVar(&o.entries, "entries", 1000, "of the set")
	flags.IntVar(&o.batch, "batch", 100, "entries in a message")
	flags.BoolVar(&o.restart, "restart", false, "sends the snapshot as a stream of its own")
	flags.BoolVar(&o.snappy, "snappy", false, "compresses where the client can")
	flags.StringVar(&o.record, "record", "", "file for what this side says to its last client, in hexadecimal")
	_ = flags.Parse(args)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer listener.Close()
	fmt.Println("listening", listener.Addr().(*net.TCPAddr).Port)
	input := bufio.NewScanner(os.Stdin)
	for round := 0; ; round++ {
		connection, err := listener.Accept()
		if err != nil {
			return err
		}
		if connection, err = record(connection, o.record); err != nil {
			return err
		}
		s := &session{options: o, connection: connection}
		if err = s.run(round); err != nil {
			return err
		}
		more := input.Scan()
		connection.Close()
		if !more {
			return nil
		}
	}
}

func (s *session) run(round int) error {
	_ = s.connection.SetDeadline(time.Now().Add(30 * time.Second))
	s.encoder, s.decoder = gob.NewEncoder(s.connection), gob.NewDecoder(s.connection)
	var envelope Envelope
	if err := s.decoder.Decode(&envelope); err != nil {
		return err
	}
	fmt.Println(describe(envelope.Message))
	hello, is := envelope.Message.(MsgClientHello)
	if !is {
		return fmt.Errorf("first message: %s (expected: client hello)", describe(envelope.Message))
	}
	if err := s.send(serverHello(hello)); err != nil {
		return err
	}
	algorithm, restarts := s.acceptsRestart(hello)
	if restarts {
		if err := s.restart(algorithm); err != nil {
			return err
		}
	}
	told := newSet()
	if err := s.tell(told, made(s.options.entries, round)); err != nil {
		return err
	}
	if restarts {
		if err := s.restart(algorithm); err != nil {
			return err
		}
	}
	if err := s.send(MsgSyncStatus{SyncStatus: 2}); err != nil {
		return err
	}
	if err := s.ping(); err != nil {
		return err
	}
	if err := s.tell(told, s.changes(round)); err != nil {
		return err
	}
	fmt.Println("told", told)
	return nil
}

// changes deletes every third entry, updates every fifth, and says the strange ones and at last the end.
func (s *session) changes(round int) []SerializedUpdate {
	var changes []SerializedUpdate
	for number := 0; number < s.options.entries; number++ {
		if number%3 == 0 {
			changes = append(changes, SerializedUpdate{Key: keyOf(number), Revision: "1", UpdateType: 3})
		} else if number%5 == 0 {
			value := []byte(fmt.Sprint("changed in round ", round))
			changes = append(changes, SerializedUpdate{Key: keyOf(number), Value: value, Revision: "2", UpdateType: 2})
		}
	}
	changes = append(changes, strangeUpdates()...)
	end := SerializedUpdate{Key: "/end", Value: []byte(fmt.Sprint(round)), Revision: "3", UpdateType: 1}
	return append(changes, end)
}

func (s *session) tell(told *set, updates []SerializedUpdate) error {
	told.apply(updates, false)
	for len(updates) > 0 {
		count := s.options.batch
		if count > len(updates) {
			count = len(updates)
		}
		if err := s.send(MsgKVs{KVs: updates[:count]}); err != nil {
			return err
		}
		updates = updates[count:]
	}
	return nil
}

func (s *session) send(message interface{}) error {
	if err := s.encoder.Encode(Envelope{Message: message}); err != nil {
		return err
	}
	if s.flusher != nil {
		return s.flusher.Flush()
	}
	return nil
}

func (s *session) receive() (interface{}, error) {
	var envelope Envelope
	err := s.decoder.Decode(&envelope)
	return envelope.Message, err
}

func (s *session) restart(algorithm string) error {
	if err := s.send(restart(algorithm)); err != nil {
		return err
	}
	message, err := s.receive()
	if err != nil {
		return err
	}
	if !isAck(message) {
		return fmt.Errorf("after a restart: %s (expected: ack)", describe(message))
	}
	fmt.Println("ack")
	var sink io.Writer = s.connection
	s.flusher = nil
	if algorithm == "snappy" {
		s.flusher = newSnappyWriter(s.connection)
		sink = s.flusher
	}
	s.encoder = gob.NewEncoder(sink)
	return nil
}

func (s *session) ping() error {
	// A time zone of its own, as that of a container in local time, must come back as the same instant.
	at := time.Now().In(time.FixedZone("", 0))
	if err := s.send(MsgPing{Timestamp: at}); err != nil {
		return err
	}
	message, err := s.receive()
	if err != nil {
		return err
	}
	pong, is := message.(MsgPong)
	if !is || !pong.PingTimestamp.Equal(at) {
		return fmt.Errorf("after a ping of %s: %s (expected: its pong)", stamp(at), describe(message))
	}
	fmt.Println("pong")
	return nil
}
