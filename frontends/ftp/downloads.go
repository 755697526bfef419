package ftp

import (
	"github.com/tidegate/tidegate/frontends/listen"
	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/memory"
	"github.com/tidegate/tidegate/vfs"
)

// downloads are the files that the sessions of the process are being sent. Each has a
// request at the store and a buffer, for as long as its client takes to read.
type downloads struct {
	places *fairshare.Resource
	// bytes has the memory of those of this server.
	bytes *memory.Lease
}

func newDownloads(l *fairshare.Ledger, m *memory.Parts) downloads {
	most := min(m.Sessions.Most()/(memory.SessionFTP+memory.DownloadFTP), listen.MaxDescriptors()/4)
	return downloads{l.Resource("downloads over FTP", most), m.Sessions.Open()}
}

// begin counts one more download of a session, until end is called. The error says that
// there are as many as may be.
func (d *downloads) begin(h fairshare.Holder) (end func(), err error) {
	place, err := d.places.TryAcquire(h, 1)
	if err == nil && !d.bytes.TryAcquire(memory.DownloadFTP) {
		place.Release()
		err = fairshare.ErrRefused
	}
	if err != nil {
		return nil, &vfs.Error{Kind: vfs.KindBusy, Reason: "too many downloads, try again later", Err: err}
	}
	return func() {
		place.Release()
		d.bytes.Release(memory.DownloadFTP)
	}, nil
}
