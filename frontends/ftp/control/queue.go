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

// Hold keeps a line for TakeHeld.
func (c *Conn) Hold(l Line) {
	c.held.lines = append(c.held.lines, l)
	c.held.bytes += l.cost()
}

// TakeHeld returns the oldest line that is held; ok is false when there is none.
func (c *Conn) TakeHeld() (l Line, ok bool) {
	if len(c.held.lines) == 0 {
		return Line{}, false
	}
	l = c.held.lines[0]
	c.held.lines = c.held.lines[1:]
	c.held.bytes -= l.cost()
	return l, true
}

// Full reports whether no further line may be held.
func (c *Conn) Full() bool { return c.held.bytes >= maxHeld }
