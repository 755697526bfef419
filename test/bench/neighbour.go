package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// neighbourCommand makes this program an FTP client that uploads, as the user neighbour.
const neighbourCommand = "neighbour"

// neighbourProcess is a client in a process of its own. In a process with the goroutines of
// hundreds of other clients it would wait for them, and not only for the gateway.
type neighbourProcess struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out io.ReadCloser
}

func startNeighbour(ctx context.Context, address string) (*neighbourProcess, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &neighbourProcess{cmd: exec.CommandContext(ctx, self, neighbourCommand, address)}
	p.cmd.Stderr = os.Stderr
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if p.out, err = p.cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	return p, p.cmd.Start()
}

// put uploads so many bytes and returns how long that took.
func (p *neighbourProcess) put(size int64) (took time.Duration, err error) {
	if _, err := fmt.Fprintln(p.in, size); err != nil {
		return 0, err
	}
	_, err = fmt.Fscanln(p.out, &took)
	return took, err
}

// close ends the process.
func (p *neighbourProcess) close() error { return errors.Join(p.in.Close(), p.cmd.Wait()) }

// serveNeighbour is the neighbour's main function: args is the address of the frontend. For
// each size that it reads, it uploads a file and writes how many nanoseconds that took.
func serveNeighbour(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	if len(args) != 1 {
		return errors.New("neighbour: the address of a frontend is missing")
	}
	c, err := ftpAs(neighbour).dial(ctx, args[0], nil)
	if err != nil {
		return err
	}
	defer c.close()
	for {
		var size int64
		if _, err := fmt.Fscanln(in, &size); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		begin := time.Now()
		if err := put.move(c, "own", size); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(out, time.Since(begin).Nanoseconds()); err != nil {
			return err
		}
	}
}
