package kexinit

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ssh"
)

// whole is SSH_MSG_KEXINIT with all that is in it (RFC 4253 7.1).
type whole struct {
	Cookie                                         [16]byte `sshtype:"20"`
	KeyExchanges, HostKeys, CiphersIn, CiphersOut  []string
	MACsIn, MACsOut, CompressionIn, CompressionOut []string
	LanguagesIn, LanguagesOut                      []string
	GuessFollows                                   bool
	Reserved                                       uint32
}

// kexInit is a packet with the lists of a client.
func kexInit(in, out []string) []byte {
	return packet(ssh.Marshal(whole{
		KeyExchanges: []string{"curve25519-sha256"}, HostKeys: []string{"ssh-ed25519"}, CiphersIn: in, CiphersOut: out,
		MACsIn: []string{"hmac-sha2-256"}, MACsOut: []string{"hmac-sha2-256"}, GuessFollows: true,
	}))
}

func packet(payload []byte) []byte {
	const padding = 4
	b := binary.BigEndian.AppendUint32(nil, uint32(1+len(payload)+padding))
	b = append(b, padding)
	b = append(b, payload...)
	return append(b, make([]byte, padding)...)
}

func TestParse(t *testing.T) {
	in, out := []string{"aes128-ctr", "aes128-gcm@openssh.com"}, []string{"aes256-ctr"}
	good := kexInit(in, out)
	with := func(at int, b ...byte) []byte {
		changed := bytes.Clone(good)
		copy(changed[at:], b)
		return changed
	}
	const line = "SSH-2.0-client\r\n"
	tests := []struct {
		name   string
		line   string
		packet []byte
		good   bool
	}{
		{"the usual way", line, good, true},
		{"without a carriage return", "SSH-2.0-client\n", good, true},
		{"the longest line", "SSH-2.0-" + strings.Repeat("c", maxLine-len("SSH-2.0-\r\n")) + "\r\n", good, true},
		{"a longer line", "SSH-2.0-" + strings.Repeat("c", maxLine-len("SSH-2.0-\n")) + "\r\n", good, false},
		{"a guess follows", line, append(bytes.Clone(good), good...), true},
		{"long lists", line, kexInit([]string{strings.Repeat("c", maxPacket-500)}, nil), true},
		{"longer lists", line, kexInit([]string{strings.Repeat("c", maxPacket)}, nil), false},
		{"another line before", "hello\r\n" + line, good, false},
		{"HTTP", "GET / HTTP/1.1\r\n", nil, false},
		{"no packet", line, make([]byte, 5), false},
		{"all padding", line, with(4, good[3]-1), false},
		{"more padding than packet", line, with(0, 0, 0, 0, 5, 255), false},
		{"another message", line, with(5, 2), false},
		{"a list that is longer than its message", line, with(22, 0, 1, 0, 0), false},
		{"half a message", line, packet(good[5:40]), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, more := parse(append([]byte(test.line), test.packet...))
			if more {
				t.Error("it waits for more")
			}
			if understood := got.ClientToServer != nil; understood != test.good {
				t.Errorf("offer %v, want one: %v", got, test.good)
			}
		})
	}
	b := append([]byte(line), good...)
	for n := range b {
		if _, more := parse(b[:n]); !more {
			t.Fatalf("after %d bytes of %d it waits for no more", n, len(b))
		}
	}
	got, _ := parse(b)
	if diff := cmp.Diff(got, Offer{ClientToServer: in, ServerToClient: out}); diff != "" {
		t.Error(diff)
	}
}

// What comes later changes nothing, and no client can make it wait for ever.
func FuzzParse(f *testing.F) {
	good := kexInit([]string{"aes128-ctr"}, []string{"aes128-gcm@openssh.com"})
	f.Add([]byte("SSH-2.0-c\r\n"), good)
	f.Add(append([]byte("SSH-2.0-c\n"), good...), []byte("x"))
	f.Add([]byte("SSH"), []byte("-2.0-c\n\x00\x00\x88\xb9"))
	f.Add([]byte("SSH-2.0-c\n\x00\x00\x00\x05\xff\x14"), []byte("\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, b, later []byte) {
		first, more := parse(b)
		if more {
			if len(b) >= maxLine+4+maxPacket {
				t.Errorf("it waits for more than %d bytes", len(b))
			}
			return
		}
		second, more := parse(append(bytes.Clone(b), later...))
		if more {
			t.Error("it waits for more, having got more")
		}
		if diff := cmp.Diff(first, second); diff != "" {
			t.Error(diff)
		}
	})
}
