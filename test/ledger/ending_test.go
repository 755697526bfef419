package ledger

import (
	"net"

	"github.com/tidegate/tidegate/internal/testing/ftpclient"
)

// dataEnd is how the data connection ends, or the data of an SFTP upload. An SFTP
// upload ends in order if a CLOSE follows a complete file.
type dataEnd uint8

const (
	ended     dataEnd = iota // in order: a FIN, under TLS behind close_notify; a CLOSE
	truncated                // a FIN; under TLS without close_notify
	broken                   // a RST, no end at all, a CLOSE of what cannot be stored
)

// controlEnd is how the control connection ends, or the one of SSH.
type controlEnd uint8

const (
	stays      controlEnd = iota
	lostBefore            // before the end of the data, without a QUIT
	lostAfter             // after the end of the data
	quits                 // behind a QUIT
)

// ending is what a client does when it has sent what it sends.
type ending struct {
	name    string
	data    dataEnd
	control controlEnd
	// sure: everything is in order, and the client waits for the answer.
	sure bool
	// leaves: the client may not get an answer.
	leaves bool
	// aborts: with an ABOR in the style of the plan.
	aborts bool
	// short: less was sent than ALLO announced, or FSETSTAT.
	short bool
	// secure: under TLS alone.
	secure bool
	// open: the data connection is left to the server.
	open bool
	// unconnected: the data connection is never opened; do gets no transfer.
	unconnected bool
	// renames: SFTP, the file was uploaded under another name, and is renamed.
	renames bool
	// do ends an upload by FTP, close one by SFTP.
	do    func(a *attempt) result
	close func(u *sftpUpload) result
}

// attempt is one upload by FTP under way, behind its 150.
type attempt struct {
	c     *ftpClient
	t     *ftpclient.Transfer
	style ftpclient.AbortStyle
}

// truncate sends the data connection's FIN alone.
func (a *attempt) truncate() error {
	return ftpclient.NetConn(a.t.DataConn()).(*net.TCPConn).CloseWrite()
}

// endings are all of a protocol, the orderly one first.
func (p protocol) endings() []ending {
	if p == overSSH {
		return sftpEndings()
	}
	return ftpEndings()
}

func ftpEndings() []ending {
	return []ending{
		{name: "end of data", sure: true, do: func(a *attempt) result { return resultOf(a.t.Finish()) }},
		{name: "QUIT, end of data", control: quits, sure: true, do: func(a *attempt) result {
			if err := a.c.Send("QUIT"); err != nil {
				return none(err)
			}
			v := resultOf(a.t.Finish())
			if _, err := a.c.Receive(); err != nil && v.code != 0 {
				v.err = err
			}
			return v
		}},
		{name: "QUIT, FIN on control, end of data", control: quits, leaves: true, do: func(a *attempt) result {
			err := a.c.Send("QUIT")
			a.c.Close()
			_ = a.t.CloseWrite()
			return none(err)
		}},
		{name: "QUIT, FIN on control, RST on data", data: broken, control: quits, leaves: true, do: func(a *attempt) result {
			err := a.c.Send("QUIT")
			a.c.Close()
			a.t.Reset()
			return none(err)
		}},
		{name: "end of data, short of ALLO", short: true, do: func(a *attempt) result { return resultOf(a.t.Finish()) }},
		{name: "end of data, RST on data", do: func(a *attempt) result {
			_ = a.t.CloseWrite()
			a.t.Reset()
			return resultOf(a.t.Result())
		}},
		{name: "RST on data", data: broken, do: func(a *attempt) result {
			a.t.Reset()
			return resultOf(a.t.Result())
		}},
		{name: "RST on data, FIN on control", data: broken, control: lostAfter, leaves: true, do: func(a *attempt) result {
			a.t.Reset()
			a.c.Close()
			return none(nil)
		}},
		{name: "FIN on data", data: truncated, do: func(a *attempt) result {
			_ = a.truncate()
			return resultOf(a.t.Result())
		}},
		{name: "FIN on data, FIN on control", data: truncated, control: lostAfter, leaves: true, do: func(a *attempt) result {
			_ = a.truncate()
			a.c.Close()
			return none(nil)
		}},
		{name: "FIN on control, FIN on data", data: truncated, control: lostBefore, leaves: true, do: func(a *attempt) result {
			a.c.Close()
			_ = a.truncate()
			return none(nil)
		}},
		{name: "RST on control, RST on data", data: broken, control: lostBefore, leaves: true, do: func(a *attempt) result {
			a.c.Reset()
			a.t.Reset()
			return none(nil)
		}},
		{name: "FIN on control, data stays", data: broken, control: lostBefore, leaves: true, open: true, do: func(a *attempt) result {
			a.c.Close()
			return none(nil)
		}},
		{name: "FIN on control, end of data", control: lostBefore, leaves: true, do: func(a *attempt) result {
			a.c.Close()
			_ = a.t.CloseWrite()
			return none(nil)
		}},
		{name: "RST on control, end of data", control: lostBefore, leaves: true, do: func(a *attempt) result {
			a.c.Reset()
			_ = a.t.CloseWrite()
			return none(nil)
		}},
		{name: "end of data, FIN on control", control: lostAfter, leaves: true, do: func(a *attempt) result {
			_ = a.t.CloseWrite()
			a.c.Close()
			return none(nil)
		}},
		{name: "end of data, RST on control", control: lostAfter, leaves: true, do: func(a *attempt) result {
			_ = a.t.CloseWrite()
			a.c.Reset()
			return none(nil)
		}},
		{name: "half-close of control, end of data", control: lostBefore, leaves: true, do: func(a *attempt) result {
			if err := a.c.shut(); err != nil {
				return none(err)
			}
			return resultOf(a.t.Finish())
		}},
		{name: "end of data, half-close of control", control: lostAfter, leaves: true, do: func(a *attempt) result {
			_ = a.t.CloseWrite()
			if err := a.c.shut(); err != nil {
				return none(err)
			}
			return resultOf(a.t.Result())
		}},
		{name: "ABOR", data: broken, aborts: true, do: func(a *attempt) result {
			r, err := a.t.Abort(a.style)
			return ftpResult(r.Code, err)
		}},
		{name: "end of data, ABOR", aborts: true, do: func(a *attempt) result {
			_ = a.t.CloseWrite()
			if err := a.c.SendAbort(a.style); err != nil {
				return none(err)
			}
			v := resultOf(a.t.Result())
			if _, err := a.c.Receive(); err != nil {
				v.err = err
			}
			return v
		}},
		{name: "FIN on data, close_notify never", data: truncated, secure: true, do: func(a *attempt) result {
			a.t.Truncate()
			return resultOf(a.t.Result())
		}},
		{name: "FIN on control, no data connection", data: broken, control: lostBefore, leaves: true, unconnected: true, do: func(a *attempt) result {
			a.c.Close()
			return none(nil)
		}},
	}
}
