package control

// maxHeld bounds the lines that a client may send ahead, in bytes. A client that sends
// a PWD every half a minute reaches it after eight hours of one transfer.
const maxHeld = 64 << 10

// Queue holds the lines that wait until a transfer or a hash has ended. It is used by one
// goroutine at a time; the zero value is empty.
type Queue struct {
	lines []Line
	// bytes is what the lines cost.
	bytes int
}

// Hold appends a line.
func (q *Queue) Hold(l Line) {
	q.lines = append(q.lines, l)
	q.bytes += l.cost()
}

// Take returns the oldest line; ok is false when there is none.
func (q *Queue) Take() (l Line, ok bool) {
	if len(q.lines) == 0 {
		return Line{}, false
	}
	l, q.lines = q.lines[0], q.lines[1:]
	q.bytes -= l.cost()
	return l, true
}

// Full reports whether no further line may be held.
func (q *Queue) Full() bool { return q.bytes >= maxHeld }
