package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// theFloor is the protocol of the relay, whose sessions are connections for one
// operation each.
func theFloor() protocol {
	return protocol{"floor", relayCommand, func(ctx context.Context, address string, from net.IP) (client, error) {
		return relayClient{ctx, address, dialer(from)}, nil
	}}
}

type relayClient struct {
	ctx     context.Context
	address string
	dialer  *net.Dialer
}

func (c relayClient) begin(line string) (net.Conn, error) {
	conn, err := c.dialer.DialContext(c.ctx, "tcp", c.address)
	if err != nil {
		return nil, err
	}
	if _, err := io.WriteString(conn, line+"\n"); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

func (c relayClient) put(name string, r io.Reader) error {
	conn, err := c.begin("PUT " + name)
	if err != nil {
		return err
	}
	defer conn.Close()
	// Without the ReadFrom of net.TCPConn, so that the source writes.
	if _, err := io.Copy(struct{ io.Writer }{conn}, r); err != nil {
		return err
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		return err
	}
	answer, err := io.ReadAll(conn)
	if err == nil && string(answer) != "ok\n" {
		err = fmt.Errorf("relay: %q", answer)
	}
	return err
}

func (c relayClient) get(name string, w io.Writer) error {
	conn, err := c.begin("GET " + name)
	if err != nil {
		return err
	}
	defer conn.Close()
	// Without the WriteTo of net.TCPConn, so that the sink reads.
	_, err = io.Copy(w, struct{ io.Reader }{conn})
	return err
}

func (c relayClient) list(dir string) (listed, error) {
	begin := time.Now()
	conn, err := c.begin("LIST " + dir + "/")
	if err != nil {
		return listed{}, err
	}
	defer conn.Close()
	var l listed
	for pages := bufio.NewReader(conn); ; {
		line, err := pages.ReadString('\n')
		if errors.Is(err, io.EOF) {
			l.all = time.Since(begin)
			return l, nil
		}
		if err != nil {
			return l, err
		}
		n, err := strconv.Atoi(strings.TrimSpace(line))
		if err != nil {
			return l, fmt.Errorf("relay: %q", line)
		}
		if l.entries == 0 {
			l.first = time.Since(begin)
		}
		l.entries += n
	}
}

func (relayClient) close() {}
