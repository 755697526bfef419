package requests

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/tidegate/tidegate/frontends/sftp/sftpclient"
	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/internal/testing/azstub"
)

// For an SFTP client that reads single bytes far apart, or one byte of each file that it opens, the
// gateway requests little from the store. It requests whole ranges only at first, before it has
// recognized this pattern.
func TestSamples(t *testing.T) {
	const n, size, wholeRange = 50, 64 * mib, 8 * mib
	for _, test := range []struct {
		name     string
		do       func(talk *sftpclient.Conn) error
		requests int
		asked    int64
	}{
		{"of one file", func(talk *sftpclient.Conn) error {
			handle, err := open(talk, "/large", wire.OpenRead)
			for i := range n {
				err = errors.Join(err, readByte(talk, handle, uint64(1+i%7)*9*mib))
			}
			return errors.Join(err, answered(talk.Ask(wire.TypeClose, handle)))
		}, 1 + n, wholeRange + n},
		{"of many files", func(talk *sftpclient.Conn) (err error) {
			for range n {
				handle, openErr := open(talk, "/large", wire.OpenRead)
				err = errors.Join(err, openErr, readByte(talk, handle, 0), answered(talk.Ask(wire.TypeClose, handle)))
			}
			return err
		}, n, 4*wholeRange + (n-4)*64<<10},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := azstub.Start(t, azstub.Options{})
			s.CreateContainer(stubFiles)
			if err := s.Place(stubFiles, "tenant/large", azstub.Blob{Size: size}); err != nil {
				t.Fatal(err)
			}
			talk, err := sftpclient.Open(dialSFTP(t, &stubContainer{s}).ssh)
			if err != nil {
				t.Fatal(err)
			}
			seq := s.Seq()
			if err := test.do(talk); err != nil {
				t.Fatal(err)
			}
			var asked int64
			requests := s.Requests(seq)
			for _, r := range requests {
				var first, last int64
				if _, err := fmt.Sscanf(r.Range(), "bytes=%d-%d", &first, &last); err != nil {
					t.Fatalf("%v %q: %v", r.Kind, r.Range(), err)
				}
				asked += min(last, size-1) + 1 - first
			}
			if len(requests) != test.requests || asked != test.asked {
				t.Errorf("%d requests for %d bytes, want %d for %d", len(requests), asked, test.requests, test.asked)
			}
		})
	}
}

func readByte(talk *sftpclient.Conn, handle []byte, offset uint64) error {
	return answered(talk.Ask(wire.TypeRead, slices.Concat(handle, sftpclient.Uint64(offset), sftpclient.Uint32(1))))
}
