package main

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/tidegate/tidegate/config"
)

// What is reported about a port that cannot be listened on.
func TestPortsThatAreRefused(t *testing.T) {
	for name, test := range map[string]struct {
		errno   syscall.Errno
		running bool
		want    string // "" for nothing
		detail  string
	}{
		"in use":              {syscall.EADDRINUSE, false, "Port is in use", "The port is in use by another program"},
		"in use by this":      {syscall.EADDRINUSE, true, "", ""},
		"of another machine":  {syscall.EADDRNOTAVAIL, false, "Address is not of this machine", "0.0.0.0"},
		"without a privilege": {syscall.EACCES, false, "Port needs a privilege", "CAP_NET_BIND_SERVICE"},
		"other":               {syscall.EAFNOSUPPORT, false, "Cannot listen", "address family"},
	} {
		t.Run(name, func(t *testing.T) {
			m := machine{running: func() bool { return test.running }}
			diags := m.refused(config.Listening{}, "192.0.2.1:21", &net.OpError{Op: "listen", Err: os.NewSyscallError("bind", test.errno)})
			switch {
			case test.want == "" && len(diags) > 0:
				t.Error(diags)
			case test.want != "" && (len(diags) != 1 || diags[0].Summary != test.want || !strings.Contains(strings.ToLower(diags[0].Detail), strings.ToLower(test.detail))):
				t.Errorf("got %v, want %q with %q", diags, test.want, test.detail)
			}
		})
	}
}

func TestEnoughDescriptors(t *testing.T) {
	l := input{path: "-", stdin: strings.NewReader(twoProblems)}.load(config.Options{}, true)
	l.config = &config.Config{Transfers: config.Transfers{Memory: 256 << 20}}
	if diags := (machine{descriptors: 10}).enoughDescriptors(l.config); len(diags) > 0 {
		t.Errorf("without frontends: %v", diags)
	}
	fine := input{path: "-", stdin: strings.NewReader(strings.Replace(twoProblems, `"127.0.0.1:2121" #`, `"127.0.0.1:2122" #`, 1))}.load(config.Options{}, true)
	need := fine.config.Transfers.Memory>>20*2*sessionsPerMiB + otherDescriptors
	if diags := (machine{descriptors: need}).enoughDescriptors(fine.config); len(diags) > 0 {
		t.Errorf("with enough: %v", diags)
	}
	if diags := (machine{descriptors: need - 1}).enoughDescriptors(fine.config); len(diags) != 1 || !strings.Contains(diags[0].Detail, "LimitNOFILE=") {
		t.Errorf("with too few: %v", diags)
	}
}

func TestAnnouncedNames(t *testing.T) {
	text := strings.Replace(twoProblems, `"127.0.0.1:2121" #`, "\"127.0.0.1:2122\"\n host = \"ftp.contoso.example\" #", 1)
	for name, test := range map[string]struct {
		addresses []net.IP
		err       error
		wrong     bool
	}{
		"resolves":   {[]net.IP{net.IPv4(203, 0, 113, 7)}, nil, false},
		"IPv6 alone": {nil, nil, true},
		"unknown":    {nil, errors.New("no such host"), true},
	} {
		t.Run(name, func(t *testing.T) {
			m := machine{lookup: func(_ context.Context, network, host string) ([]net.IP, error) {
				if network != "ip4" || host != "ftp.contoso.example" {
					t.Errorf("%s %s is looked up", network, host)
				}
				return test.addresses, test.err
			}}
			l := input{path: "-", stdin: strings.NewReader(text)}.load(config.Options{}, true)
			if l.diags.HasErrors() {
				t.Fatal(l.diags)
			}
			diags := m.resolve(t.Context(), l.config)
			if len(diags) > 0 != test.wrong || test.wrong && diags[0].Subject.Start.Line != 6 {
				t.Errorf("got %v", diags)
			}
		})
	}
}
