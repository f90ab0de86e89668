// The echo server that Go's documentation leads to: a goroutine a connection, blocking calls, the
// runtime's poller underneath. It speaks the control protocol of bench/README.md.
package main

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"runtime"
	"sync/atomic"
)

// A buffer for each goroutine: what bufio takes, and far more than a request here has.
const receiveBytes = 4096

var accepted, closed, receivedBytes, sentBytes atomic.Int64

func echo(connection net.Conn) {
	buffer := make([]byte, receiveBytes)
	for {
		received, err := connection.Read(buffer)
		receivedBytes.Add(int64(received))
		if received > 0 {
			sent, writeErr := connection.Write(buffer[:received])
			sentBytes.Add(int64(sent))
			if writeErr != nil {
				break
			}
		}
		if err != nil {
			if err != io.EOF {
				log.Print(err)
			}
			break
		}
	}
	if err := connection.Close(); err != nil {
		log.Print(err)
	}
	closed.Add(1)
}

func acceptAll(listener net.Listener) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		accepted.Add(1)
		go echo(connection)
	}
}

func main() {
	// One core, as everybody has.
	runtime.GOMAXPROCS(1)
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("{\"event\":\"listening\",\"port\":%d}\n", listener.Addr().(*net.TCPAddr).Port)
	go acceptAll(listener)
	commands := bufio.NewScanner(os.Stdin)
	for commands.Scan() {
		fmt.Printf("{\"event\":\"stats\",\"accepted\":%d,\"closed\":%d,\"receivedBytes\":%d,\"sentBytes\":%d}\n",
			accepted.Load(), closed.Load(), receivedBytes.Load(), sentBytes.Load())
	}
}
