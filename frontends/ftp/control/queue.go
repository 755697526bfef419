package control

// maxHeld bounds the lines that a client may send ahead, in bytes. A client that sends
// a PWD every half a minute reaches it after seven hours of one transfer.
const maxHeld = 64 << 10

// queue holds the lines that wait until a transfer or a hash has ended.
type queue struct {
	lines []Line
	// bytes is what the lines cost.
	bytes int
}

// hold appends a line.
func (q *queue) hold(l Line) {
	q.lines = append(q.lines, l)
	q.bytes += l.cost()
}

// take returns the oldest line; ok is false when there is none.
func (q *queue) take() (l Line, ok bool) {
	if len(q.lines) == 0 {
		return Line{}, false
	}
	l, q.lines = q.lines[0], q.lines[1:]
	q.bytes -= l.cost()
	return l, true
}

func (q *queue) full() bool { return q.bytes >= maxHeld }
