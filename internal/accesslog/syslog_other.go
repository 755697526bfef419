//go:build !unix

package accesslog

import "errors"

// openSyslog returns an error: the system has no syslog.
func openSyslog(Syslog, bool) (output, error) {
	return nil, errors.New("this system has no syslog")
}
