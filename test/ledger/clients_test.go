package ledger

import (
	"context"
	"fmt"
	"os/exec"
	"strings"

	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// command is the program that uploads.
func (f *fleet) command(ctx context.Context, u *upload) *exec.Cmd {
	if u.lftp {
		return lftp(ctx, f.ftp, u)
	}
	if u.ssh {
		return curl(ctx, "sftp://"+f.sftp, u)
	}
	return curl(ctx, "ftp://"+f.ftp, u)
}

func curl(ctx context.Context, server string, u *upload) *exec.Cmd {
	args := []string{"--disable", "--verbose", "--no-progress-meter", "--user", u.user + ":" + password, "--upload-file", "-"}
	if u.from != nil {
		args = append(args, "--interface", u.from.String())
	}
	switch {
	case u.ssh:
		args = append(args, "--insecure")
	case u.tls:
		args = append(args, "--ssl-reqd", "--insecure")
	}
	return exec.CommandContext(ctx, "curl", append(args, server+"/"+u.name)...)
}

func lftp(ctx context.Context, addr string, u *upload) *exec.Cmd {
	bind := ""
	if u.from != nil {
		bind = "set net:socket-bind-ipv4 " + u.from.String()
	}
	return exec.CommandContext(ctx, "lftp", "--norc", "-c", fmt.Sprintf(`
debug 5
%s
set cmd:fail-exit yes
set ftp:ssl-allow %t
set ftp:ssl-force %t
set ftp:ssl-protect-data %t
set ssl:verify-certificate no
set net:max-retries 1
set net:persist-retries 0
set net:reconnect-interval-base 0
set net:timeout %d
open -u '%s,%s' ftp://%s
put /dev/stdin -o %s
quit 0`, bind, u.tls, u.tls, u.tls, int(patience.Limit().Seconds()), u.user, password, addr, u.name))
}

func isReply(line, code string) bool {
	return strings.HasPrefix(line, "< "+code) || strings.HasPrefix(line, "<--- "+code)
}

// heard reports whether the program printed a reply with that code.
func (u *upload) heard(code string) bool {
	return len(u.p.Lines(func(line string) bool { return isReply(line, code) })) > 0
}

// begins reports whether a line that the program printed says that it may send.
func (u *upload) begins(line string) bool {
	if u.ssh {
		return strings.Contains(line, "Authentication complete")
	}
	return isReply(line, "150")
}

// begun reports whether the server took the upload. curl's output does not show
// it for SFTP; the server's requests to the store do.
func (u *upload) begun() bool {
	if u.ssh {
		return u.struck
	}
	return u.heard("150")
}

// result returns the reply that the program got; err is how it ended. Over SFTP curl
// prints that a CLOSE was refused, and still exits with status 0.
func (u *upload) result(err error) result {
	if u.ssh {
		refused := u.p.Lines(func(line string) bool { return strings.Contains(line, "Failed to close") })
		return result{receipt: err == nil && len(refused) == 0, err: err}
	}
	if u.heard("226") {
		return ftpResult(226, err)
	}
	return none(err)
}
