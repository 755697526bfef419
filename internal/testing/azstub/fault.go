package azstub

import (
	"io"
	"strconv"
	"time"
)

// Point is a place in the course of a request at which a Fault strikes.
type Point struct {
	phase  phase
	offset int64
}

type phase uint8

const (
	beforeBody phase = iota
	requestBody
	afterWork
	responseBody
)

// BeforeBody is before the body of the request is read and anything is done.
func BeforeBody() Point { return Point{phase: beforeBody} }

// RequestBody is after n bytes of the request's body; negative n means half of
// it. A request without a body has no such point.
func RequestBody(n int64) Point { return Point{requestBody, n} }

// AfterWork is after the operation and before the answer: the client cannot know whether its
// request was carried out.
func AfterWork() Point { return Point{phase: afterWork} }

// ResponseBody is after n bytes of the answer's body; negative n means half of
// it. An answer without a body has no such point.
func ResponseBody(n int64) Point { return Point{responseBody, n} }

// in resolves the point for a body of total bytes; -1 means it is not there.
func (p Point) in(ph phase, total int64) int64 {
	switch {
	case p.phase != ph || total <= 0:
		return -1
	case p.offset < 0:
		return total / 2
	}
	return min(p.offset, total-1)
}

// Fault is what goes wrong with a request. The zero Fault is none.
type Fault struct {
	do     action
	at     Point
	answer *serviceError
	hold   <-chan struct{}
}

type action uint8

const (
	nothing action = iota
	cut
	hang
	fail
	corrupt
	hold
	late
)

// Cut closes the connection. Go's HTTP client then repeats a GET or HEAD by itself
// if it has received no part of the answer and has used the connection for an earlier
// request: the server counts two requests, and the caller sees no error.
func Cut(at Point) Fault { return Fault{do: cut, at: at} }

// Hang reads what the client still sends and does not continue, until the client disconnects
// or the server is closed.
func Hang(at Point) Fault { return Fault{do: hang, at: at} }

// Fail answers with an error; at ResponseBody it is the same as Cut, because
// the status has been sent by then.
func Fail(at Point, status int, code string) Fault {
	return Fault{do: fail, at: at, answer: newError(status, code, "This failure was asked for.")}
}

// ServerBusy answers 503 ServerBusy before anything is done.
func ServerBusy() Fault { return Fail(BeforeBody(), 503, "ServerBusy") }

// ServerBusyFor is ServerBusy with a Retry-After, in whole seconds.
func ServerBusyFor(retryAfter time.Duration) Fault {
	f := ServerBusy()
	f.answer = f.answer.with("Retry-After", strconv.FormatInt(int64(retryAfter/time.Second), 10))
	return f
}

// InternalError answers 500 InternalError before anything is done.
func InternalError() Fault { return Fail(BeforeBody(), 500, "InternalError") }

// LostAnswer does the work and closes the connection without an answer.
func LostAnswer() Fault { return Cut(AfterWork()) }

// Corrupt inverts the byte at offset n of the answer's body; negative n means
// the one in the middle.
func Corrupt(n int64) Fault { return Fault{do: corrupt, at: ResponseBody(n)} }

// Hold makes the request wait until the channel is closed, then lets it continue
// unharmed. With Server.Wait it arranges requests without any timing.
func Hold(until <-chan struct{}) Fault { return Fault{do: hold, hold: until} }

// Late is a Hold that continues when the client disconnects: the request, all of which must
// have arrived, is carried out when the channel is closed.
func Late(until <-chan struct{}) Fault { return Fault{do: late, hold: until} }

// Shape is how slow requests are. The zero Shape does not slow them.
type Shape struct {
	// Latency is added to every request before its body is read, Jitter is the
	// most that is added to that at random.
	Latency, Jitter time.Duration
	// Upload and Download bound one request's body and answer in bytes per
	// second; 0 is no bound.
	Upload, Download int64
	// TotalUpload and TotalDownload bound all requests of the server together.
	// They are taken from Server.SetShape and ignored in a Rule.
	TotalUpload, TotalDownload int64
}

// add combines two shapes: latencies add up, of two rates the lower one rules.
func (a Shape) add(b Shape) Shape {
	a.Latency += b.Latency
	a.Jitter += b.Jitter
	a.Upload = lowerRate(a.Upload, b.Upload)
	a.Download = lowerRate(a.Download, b.Download)
	return a
}

func lowerRate(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// strikeAt does what the fault says when the request is at ph. It returns nil
// when the request continues.
func (c *call) strikeAt(ph phase) error {
	if c.effect.fault.do == nothing || c.effect.fault.at.phase != ph {
		return nil
	}
	return c.strike()
}

// strike carries the fault out. The error ends the request: errCut, or what to
// answer.
func (c *call) strike() error {
	switch f := c.effect.fault; f.do {
	case fail:
		return f.answer
	case hold:
		select {
		case <-f.hold:
			return nil
		case <-c.ctx.Done():
		}
	case late:
		select {
		case <-f.hold:
			return nil
		case <-c.srv.life.Done():
		}
	case hang:
		// The HTTP server notices that the client has disconnected only after
		// the whole body has been read, so read what the client still sends.
		_, _ = io.Copy(io.Discard, c.http.Body)
		<-c.ctx.Done()
	}
	return errCut
}
