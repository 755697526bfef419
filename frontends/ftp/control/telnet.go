package control

import (
	"io"
	"strings"
)

// Telnet bytes that may stand in front of a command (RFC 854). RFC 959, 4.1.3 has
// clients send IAC IP, IAC DM before ABOR.
const (
	telnetIAC  = 0xff
	telnetDont = 0xfe
	telnetWill = 0xfb
	telnetDM   = 0xf2
	telnetSE   = 0xf0
	telnetNUL  = 0
)

// undoubled decodes the byte 0xFF in an argument. RFC 854 has clients double it,
// because it is Telnet's IAC. Some clients do, others send a name in cp1251 or koi8-r
// as it is. A client that doubles it sends runs of even length only, so a run of odd
// length shows that the client does not.
func undoubled(arg string) string {
	run := 0
	for i := range len(arg) {
		switch {
		case arg[i] == telnetIAC:
			run++
		case run%2 != 0:
			return arg
		default:
			run = 0
		}
	}
	if run%2 != 0 {
		return arg
	}
	return strings.ReplaceAll(arg, "\xff\xff", "\xff")
}

// readTelnet reads what follows an IAC. data is true when b belongs to the command line:
// an IAC, or a plain byte where urgent data took the DM out of the stream.
func readTelnet(r io.ByteReader) (b byte, data bool, err error) {
	b, err = r.ReadByte()
	switch {
	case err != nil:
		return 0, false, err
	case b >= telnetWill && b <= telnetDont:
		_, err = r.ReadByte()
		return 0, false, err
	default:
		return b, b < telnetSE || b == telnetIAC, nil
	}
}
