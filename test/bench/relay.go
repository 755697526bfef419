package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
)

// relayCommand makes this program the relay.
const relayCommand = "relay"

const (
	blockSize = 8 << 20 // of what the relay puts and gets at once
	inFlight  = 8       // blocks of one upload
)

// relay is the floor. Its client sends one line on a connection, "PUT name",
// "GET name" or "LIST prefix", and then the content, or reads it.
type relay struct {
	url     string // of the container
	http    *http.Client
	pager   *container.Client
	blocks  sync.Pool // *[]byte, blockSize
	buffers sync.Pool // *[]byte, step
}

// serveRelay is the relay's main function: args is the container's URL.
func serveRelay(ctx context.Context, args []string, stderr io.Writer) error {
	if len(args) != 1 {
		return errors.New("relay: the URL of a container is missing")
	}
	r := &relay{url: args[0], http: &http.Client{Transport: &http.Transport{
		MaxIdleConnsPerHost: 256, ReadBufferSize: 64 << 10, WriteBufferSize: 64 << 10,
	}}}
	r.blocks.New = func() any { b := make([]byte, blockSize); return &b }
	r.buffers.New = func() any { b := make([]byte, step); return &b }
	o := &container.ClientOptions{}
	o.Transport = r.http
	var err error
	if r.pager, err = container.NewClientWithNoCredential(r.url, o); err != nil {
		return err
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = l.Close() })
	defer stop()
	slog.New(slog.NewJSONHandler(stderr, nil)).InfoContext(ctx, "listening", "frontend", relayCommand, "addr", l.Addr().String())
	var connections sync.WaitGroup
	defer connections.Wait()
	for {
		conn, err := l.Accept()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		connections.Go(func() { r.serve(ctx, conn) })
	}
}

// serve answers one connection. What goes wrong ends it without the "ok" or
// with too few bytes, which the client notices.
func (r *relay) serve(ctx context.Context, conn net.Conn) {
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	in := bufio.NewReader(conn)
	line, err := in.ReadString('\n')
	if err != nil {
		return
	}
	verb, name, _ := strings.Cut(strings.TrimSpace(line), " ")
	switch verb {
	case "PUT":
		// What came with the line is content already.
		begun, _ := in.Peek(in.Buffered())
		if err = r.put(ctx, name, io.MultiReader(strings.NewReader(string(begun)), conn)); err == nil {
			_, err = io.WriteString(conn, "ok\n")
		}
	case "GET":
		err = r.get(ctx, name, conn)
	case "LIST":
		err = r.list(ctx, name, conn)
	}
	if err != nil {
		fmt.Fprintf(conn, "relay: %v\n", err)
	}
}
