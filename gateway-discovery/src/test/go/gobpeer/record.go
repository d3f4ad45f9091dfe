package main

import (
	"encoding/hex"
	"net"
	"os"
)

// recorded writes what one side of a connection says to a file in hexadecimal, a new line after each thing that it waited for.
type recorded struct {
	net.Conn
	file *os.File
	said bool
}

func record(connection net.Conn, path string) (net.Conn, error) {
	if path == "" {
		return connection, nil
	}
	file, err := os.Create(path)
	return &recorded{Conn: connection, file: file}, err
}

func (r *recorded) Write(data []byte) (int, error) {
	r.said = true
	if _, err := r.file.WriteString(hex.EncodeToString(data)); err != nil {
		return 0, err
	}
	return r.Conn.Write(data)
}

func (r *recorded) Read(into []byte) (int, error) {
	count, err := r.Conn.Read(into)
	if count > 0 && r.said {
		r.said = false
		_, err = r.file.WriteString("\n")
	}
	return count, err
}
