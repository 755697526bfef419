package requests

import (
	"bytes"
	"io"
	"testing"

	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
)

// FTP counts the requests of commands of FTP.
func FTP(t *testing.T, a Account) {
	t.Helper()
	do := func(script ...any) func(*ftpclient.Conn) error {
		return func(c *ftpclient.Conn) error {
			for i := 0; i < len(script); i += 2 {
				if _, err := c.Do(script[i].(string), script[i+1].(int)); err != nil {
					return err
				}
			}
			return nil
		}
	}
	send := func(verb, name string, size int) func(*ftpclient.Conn) error {
		return func(c *ftpclient.Conn) error {
			tr, err := c.Transfer(verb+" "+name, 0)
			if err != nil {
				return err
			}
			if _, err := io.Copy(tr, bytes.NewReader(make([]byte, size))); err != nil {
				return err
			}
			return tr.Finish()
		}
	}
	receive := func(command string) func(*ftpclient.Conn) error {
		return func(c *ftpclient.Conn) error {
			tr, err := c.Transfer(command, 0)
			if err != nil {
				return err
			}
			_, err = io.Copy(io.Discard, tr.Retrieve())
			return err
		}
	}
	count(t, a, dialFTP, []operation[*ftpclient.Conn]{
		{name: "login, PWD, NOOP, PASV", do: do("PWD", 257, "NOOP", 200, "PASV", 227), want: "none"},
		{name: "CWD to the home, CDUP", do: do("CWD /home", 250, "CDUP", 250), want: "none"},
		{name: "STOR of a small file", do: send("STOR", "/new", 10), want: "PutBlob 1"},
		{name: "STOR onto a file", do: send("STOR", "/small", 10), want: "PutBlob 2, HeadBlob 1", trips: 3},
		{name: "STOR of an empty file", do: send("STOR", "/new", 0), want: "PutBlob 1"},
		{name: "STOR of a block", do: send("STOR", "/new", 8*mib), want: "PutBlob 1"},
		{name: "STOR of 64 MiB", do: send("STOR", "/new", 64*mib), want: "PutBlock 8, PutBlockList 1"},
		{name: "STOR into the home", do: send("STOR", "x", 10), want: "PutBlob 1"},
		{
			name: "APPE of a small piece", do: send("APPE", "/log", 10), want: "PutBlock 1, PutBlockList 1, GetBlockList 1, HeadBlob 1",
			trips: 3, together: []azstub.Kind{azstub.HeadBlob, azstub.GetBlockList},
		},
		{name: "RETR", do: receive("RETR /small"), want: "GetBlob 1"},
		{name: "RETR of an empty file", do: receive("RETR /empty"), want: "GetBlob 1, HeadBlob 1"},
		{name: "SIZE", do: do("SIZE /small", 213), want: "HeadBlob 1"},
		{name: "MDTM", do: do("MDTM /small", 213), want: "HeadBlob 1"},
		{name: "MLST", do: do("MLST /small", 250), want: "HeadBlob 1"},
		{name: "MFMT", do: do("MFMT 20200101000000 /small", 213), want: "HeadBlob 1, SetMetadata 1"},
		{name: "CWD", do: do("CWD /made", 250), want: "ListBlobs 1", hns: "HeadBlob 1"},
		{name: "CWD to nothing", do: do("CWD /nothing", 550), want: "ListBlobs 1", hns: "HeadBlob 1"},
		{name: "LIST", do: receive("LIST /implied"), want: "ListBlobs 1"},
		{name: "LIST -la", do: receive("LIST -la /"), want: "ListBlobs 1"},
		{name: "NLST", do: receive("NLST /implied"), want: "ListBlobs 1"},
		{name: "MLSD", do: receive("MLSD /implied"), want: "ListBlobs 1"},
		{name: "LIST of a file", do: receive("LIST /small"), want: "HeadBlob 1, ListBlobs 1"},
		{name: "LIST of the home", do: receive("LIST"), want: "HeadBlob 1, ListBlobs 1"},
		{name: "RNFR, RNTO", do: do("RNFR /small", 350, "RNTO /moved", 250), want: "HeadBlob 2, ListBlobs 1, CopyBlob 1, DeleteBlob 1", hns: "HeadBlob 4, RenamePath 1"},
		{name: "RNFR, RNTO onto a file", do: do("RNFR /small", 350, "RNTO /log", 250), want: "HeadBlob 2, ListBlobs 1, CopyBlob 1, DeleteBlob 1", hns: "HeadBlob 4, RenamePath 1"},
		{name: "RNFR, RNTO onto a directory", do: do("RNFR /small", 350, "RNTO /made", 553), want: "HeadBlob 2, ListBlobs 1", hns: "HeadBlob 3"},
		{name: "MKD", do: do("MKD /new", 257), want: "PutBlob 1, HeadBlob 1", hns: "CreateDirectory 1"},
		{name: "RMD", do: do("RMD /made", 250), want: "ListBlobs 1, DeleteBlob 1", hns: "HeadBlob 1, DeletePath 1"},
		{name: "DELE", do: do("DELE /small", 250), want: "HeadBlob 1, DeleteBlob 1"},
		{name: "MDTM that sets", do: do("MDTM 20200101000000 /small", 213), want: "HeadBlob 2, SetMetadata 1"},
		{name: "STOU", do: send("STOU", "x", 10), want: "PutBlob 1"},
		{name: "XMD5 that is stored", do: do("XMD5 /small", 250), want: "HeadBlob 1"},
		{name: "XSHA1", do: do("XSHA1 /small", 250), want: "GetBlob 1"},
		{name: "SITE CHMOD", do: do("SITE CHMOD 644 /small", 200), want: "none"},
	})
	// A marker "dir" of another program is protected whatever form is made here; an empty
	// directory is known by its marker "dir/" alone.
	count(t, a, dialSlash, []operation[*ftpclient.Conn]{
		{name: "slash: STOR onto a file", do: send("STOR", "/small", 10), want: "PutBlob 2, HeadBlob 1"},
		{name: "slash: DELE", do: do("DELE /small", 250), want: "HeadBlob 1, DeleteBlob 1"},
		{name: "slash: MKD, LIST", do: func(c *ftpclient.Conn) error {
			if err := do("MKD /new", 257)(c); err != nil {
				return err
			}
			return receive("LIST /new")(c)
		}, want: "PutBlob 1, HeadBlob 1, ListBlobs 1", hns: "HeadBlob 1, ListBlobs 1, CreateDirectory 1"},
	})
}
