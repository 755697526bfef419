package sftptest

import (
	"net"

	"github.com/tidegate/tidegate/frontends/frontendtest"
)

// breaks are the ways in which an SFTP upload breaks off. Only a CLOSE ends one
// well.
func breaks() []frontendtest.Break {
	return []frontendtest.Break{
		{Name: "connection closed", EndsSession: true, Do: func(u frontendtest.Upload) error {
			return u.(*upload).c.raw.Close()
		}},
		{Name: "connection reset", EndsSession: true, Do: func(u frontendtest.Upload) error {
			raw := u.(*upload).c.raw
			if err := raw.(*net.TCPConn).SetLinger(0); err != nil {
				return err
			}
			return raw.Close()
		}},
		{Name: "SSH closed", EndsSession: true, Do: func(u frontendtest.Upload) error {
			return u.(*upload).c.ssh.Close()
		}},
		{Name: "channel closed", EndsSession: true, Do: func(u frontendtest.Upload) error {
			return u.(*upload).c.c.Close()
		}},
	}
}
