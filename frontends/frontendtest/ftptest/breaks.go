package ftptest

import (
	"fmt"

	"github.com/tidegate/tidegate/frontends/frontendtest"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
)

// breaks are the ways in which an FTP upload breaks off. RFC 959 has ABOR, and
// says of a lost control connection that it counts as one.
func breaks(s ftpclient.Security) []frontendtest.Break {
	all := []frontendtest.Break{
		abort(ftpclient.AbortPlain),
		abort(ftpclient.AbortTelnet),
		{Name: "data reset", Do: dataReset},
		{Name: "control closed", Do: controlClosed, EndsSession: true},
		{Name: "control closed, then data", Do: bothClosed, EndsSession: true},
		{Name: "control reset", Do: controlReset, EndsSession: true},
		{Name: "both reset", Do: bothReset, EndsSession: true},
	}
	if s == ftpclient.Plain {
		for _, style := range ftpclient.UrgentAborts() {
			all = append(all, abort(style))
		}
		return all
	}
	return append(all, frontendtest.Break{Name: "data without close_notify", Do: dataTruncated})
}

func abort(style ftpclient.AbortStyle) frontendtest.Break {
	return frontendtest.Break{
		Name: "ABOR " + style.String(),
		Do: func(u frontendtest.Upload) error {
			r, err := u.(*upload).Abort(style)
			if err == nil && r.Code != 426 {
				err = fmt.Errorf("the upload was answered with %s, want 426", r)
			}
			return err
		},
	}
}

// refused wants the final reply of an upload to be bad.
func refused(u *upload) error {
	err := u.Result()
	switch code := ftpclient.CodeOf(err); {
	case err == nil:
		return fmt.Errorf("the upload was answered with success")
	case code == 0:
		return err
	case code != 426 && code != 451 && code != 425:
		return fmt.Errorf("the upload was answered with %w, want 426 or 451", err)
	}
	return nil
}

func dataReset(u frontendtest.Upload) error {
	u.(*upload).Reset()
	return refused(u.(*upload))
}

// dataTruncated ends TCP in order, but not TLS: a device in between may have
// done it.
func dataTruncated(u frontendtest.Upload) error {
	u.(*upload).Truncate()
	return refused(u.(*upload))
}

// controlClosed leaves the data connection as it is.
func controlClosed(u frontendtest.Upload) error {
	u.(*upload).c.Close()
	return nil
}

// bothClosed closes the control connection first, and then the data connection. The system of
// a client that is killed may do this.
func bothClosed(u frontendtest.Upload) error {
	u.(*upload).c.Close()
	u.(*upload).Truncate()
	return nil
}

func controlReset(u frontendtest.Upload) error {
	u.(*upload).c.Reset()
	return nil
}

func bothReset(u frontendtest.Upload) error {
	u.(*upload).Reset()
	u.(*upload).c.Reset()
	return nil
}
