package ftpclient

import (
	"fmt"
)

// AbortStyle is one of the byte sequences with which real clients send ABOR.
type AbortStyle uint8

// The styles of ABOR. RFC 959 section 4.1.3 asks for the Telnet Synch; with
// TLS there is no urgent data, and the last two are not possible.
const (
	// AbortPlain is the bare line; most clients.
	AbortPlain AbortStyle = iota
	// AbortTelnet puts IAC IP IAC DM before it, in the stream.
	AbortTelnet
	// AbortSynch sends the DM as urgent data: the server reads IAC IP IAC.
	AbortSynch
	// AbortBSD sends the second IAC as urgent data, as the BSD client and its
	// descendants do: the server reads IAC IP DM.
	AbortBSD
	// AbortUrgent sends the whole line as urgent data, which is its LF, as Python's
	// ftplib and Ruby's Net::FTP do.
	AbortUrgent
	// AbortUrgentBytes sends each byte of the line as urgent data of its own.
	AbortUrgentBytes
)

// UrgentAborts are the styles that use urgent data.
func UrgentAborts() []AbortStyle {
	return []AbortStyle{AbortSynch, AbortBSD, AbortUrgent, AbortUrgentBytes}
}

func (s AbortStyle) String() string {
	switch s {
	case AbortTelnet:
		return "telnet"
	case AbortSynch:
		return "synch"
	case AbortBSD:
		return "bsd"
	case AbortUrgent:
		return "urgent"
	case AbortUrgentBytes:
		return "urgent bytes"
	default:
		return "plain"
	}
}

// The bytes of RFC 854.
const (
	telnetIAC = 0xff
	telnetIP  = 0xf4
	telnetDM  = 0xf2
)

// SendAbort sends ABOR and reads nothing.
func (c *Conn) SendAbort(s AbortStyle) error {
	c.trace('>', "ABOR")
	line := []byte("ABOR\r\n")
	switch s {
	case AbortTelnet:
		return c.SendRaw(append([]byte{telnetIAC, telnetIP, telnetIAC, telnetDM}, line...))
	case AbortSynch:
		if err := c.sendUrgent([]byte{telnetIAC, telnetIP, telnetIAC, telnetDM}); err != nil {
			return err
		}
		return c.SendRaw(line)
	case AbortBSD:
		if err := c.sendUrgent([]byte{telnetIAC, telnetIP, telnetIAC}); err != nil {
			return err
		}
		return c.SendRaw(append([]byte{telnetDM}, line...))
	case AbortUrgent:
		return c.sendUrgent(line)
	case AbortUrgentBytes:
		for i := range line {
			if err := c.sendUrgent(line[i : i+1]); err != nil {
				return err
			}
		}
		return nil
	default:
		return c.SendRaw(line)
	}
}

// Abort sends ABOR during the transfer, closes the data connection and reads
// two replies: the reply to the transfer, which it returns, and the reply to
// ABOR, which must be 225 or 226. If the transfer had already ended, its reply
// is 226, which is not an error: the caller must check the code. If the first
// reply is 225, Abort returns it and reads no second reply.
func (t *Transfer) Abort(s AbortStyle) (Reply, error) {
	if err := t.c.SendAbort(s); err != nil {
		return Reply{}, err
	}
	final, err := t.c.Receive()
	if err != nil {
		return Reply{}, fmt.Errorf("ftpclient: ABOR: %w", err)
	}
	// What is left of the data is of no interest, and an orderly TLS close
	// could wait for a peer that reads no more.
	t.Truncate()
	if final.Code == 225 {
		return final, nil
	}
	answer, err := t.c.Receive()
	if err != nil {
		return final, fmt.Errorf("ftpclient: ABOR after %s: %w", final, err)
	}
	if answer.Code != 225 && answer.Code != 226 {
		return final, &ReplyError{Command: "ABOR", Reply: answer}
	}
	return final, nil
}
