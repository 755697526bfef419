package gateway

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/internal/testing/ftpclient"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// uploading are two sessions of the user u, over FTP and SFTP, each with an upload that has
// begun, and two that are idle.
type uploading struct {
	ftp, idleFTP   *ftpclient.Conn
	transfer       *ftpclient.Transfer
	sftp, idleSFTP *sftp.Client
	file           *sftp.File
	reading        *sftp.File // in the session of file
}

// sftpAs logs in over SFTP.
func (r *reloadable) sftpAs(user, password string) (*sftp.Client, error) {
	r.Helper()
	conn, err := ssh.Dial("tcp", r.sftp, &ssh.ClientConfig{
		User: user, Auth: []ssh.AuthMethod{ssh.Password(password)}, HostKeyCallback: ssh.InsecureIgnoreHostKey(), //nolint:gosec // the server is ours
	})
	if err != nil {
		return nil, err
	}
	r.Cleanup(func() { _ = conn.Close() })
	return sftp.NewClient(conn)
}

// ftpAs logs in over FTP.
func (r *reloadable) ftpAs(user, password string) (*ftpclient.Conn, error) {
	r.Helper()
	c, err := ftpclient.Dial(r.Context(), r.ftp, ftpclient.Options{})
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(c.Close)
	return c, c.Login(user, password)
}

func (r *reloadable) upload() *uploading {
	r.Helper()
	u := &uploading{}
	var errs [7]error
	u.ftp, errs[0] = r.ftpAs("u", "pw")
	u.idleFTP, errs[1] = r.ftpAs("u", "pw")
	u.sftp, errs[2] = r.sftpAs("u", "pw")
	u.idleSFTP, errs[3] = r.sftpAs("u", "pw")
	if err := errors.Join(errs[:]...); err != nil {
		r.Fatal(err)
	}
	if err := u.ftp.Put("stored", strings.NewReader("stored")); err != nil {
		r.Fatal(err)
	}
	u.transfer, errs[4] = u.ftp.Transfer("STOR ftp-file", 0)
	u.file, errs[5] = u.sftp.Create("sftp-file")
	u.reading, errs[6] = u.sftp.Open("stored")
	if err := errors.Join(errs[:]...); err != nil {
		r.Fatal(err)
	}
	_, errs[4] = u.transfer.Write([]byte("first "))
	_, errs[5] = u.file.Write([]byte("first "))
	// The server has it: a reload may abort the upload only after it has begun.
	_, errs[6] = u.file.Stat()
	if err := errors.Join(errs[:]...); err != nil {
		r.Fatal(err)
	}
	return u
}

// onlyFinishes requires that the session over SFTP whose user was revoked can do nothing but
// finish its upload, as long as the file is open.
func (u *uploading) onlyFinishes(t *testing.T) {
	t.Helper()
	_, statErr := u.sftp.Stat("stored")
	_, listErr := u.sftp.ReadDir(".")
	for what, err := range map[string]error{
		"REMOVE": u.sftp.Remove("stored"), "RENAME": u.sftp.Rename("stored", "renamed"), "posix-rename": u.sftp.PosixRename("stored", "renamed"),
		"MKDIR": u.sftp.Mkdir("dir"), "RMDIR": u.sftp.RemoveDirectory("full"), "SETSTAT": u.sftp.Chtimes("stored", time.Now(), time.Now()),
		"STAT": statErr, "OPENDIR": listErr, "FSETSTAT of a download": u.reading.Chmod(0o600),
	} {
		if err == nil || !strings.Contains(err.Error(), "account was changed, log in again") {
			t.Errorf("%s of a user whose access was changed: %v", what, err)
		}
	}
	if info, err := u.sftp.Stat("sftp-file"); err != nil || info.Size() != int64(len("first ")) {
		t.Errorf("STAT of the file that is uploaded: %v, %v", info, err)
	}
	if err := u.sftp.Chtimes("sftp-file", time.Now(), time.Now()); err != nil {
		t.Errorf("SETSTAT of the file that is uploaded: %v", err)
	}
	if text, err := io.ReadAll(u.reading); err != nil || string(text) != "stored" {
		t.Errorf("the download has %q, %v", text, err)
	}
}

// finish sends the rest of both uploads.
func (u *uploading) finish() (overFTP, overSFTP error) {
	_, overFTP = u.transfer.Write([]byte("second"))
	_, overSFTP = u.file.Write([]byte("second"))
	return errors.Join(overFTP, u.transfer.Finish()), errors.Join(overSFTP, u.file.Close(), u.reading.Close())
}

// stored returns the content of both files, as the user named sees them.
func (r *reloadable) stored(user string) []string {
	r.Helper()
	c, err := r.sftpAs(user, "pw")
	if err != nil {
		r.Fatal(err)
	}
	defer c.Close()
	var all []string
	for _, name := range []string{"/ftp-file", "/sftp-file"} {
		f, err := c.Open(name)
		if errors.Is(err, os.ErrNotExist) {
			all = append(all, "none")
			continue
		}
		if err != nil {
			r.Fatal(err)
		}
		text, err := io.ReadAll(f)
		if err := errors.Join(err, f.Close()); err != nil {
			r.Fatal(err)
		}
		all = append(all, string(text))
	}
	return all
}

// ended waits for the end of a session over FTP, which gets a reply before.
func (r *reloadable) ended(c *ftpclient.Conn) {
	r.Helper()
	reply, err := c.Receive()
	if err != nil || reply.Code != 421 || !strings.Contains(reply.Text(), "account was changed") {
		r.Errorf("the session gets %v, %v, want 421", reply, err)
	}
	if reply, err := c.Receive(); err == nil {
		r.Errorf("after the 421 comes %v", reply)
	}
}

// tenant returns the replacement in the configuration of load that gives the tenant the user
// "other" and other lines for its mount and the user "u".
func (r *reloadable) tenant(mount, user string) []string {
	hash := fmt.Sprintf("%q", r.hash)
	return []string{
		fmt.Sprintf("mount \"/\" { backend = backend.memory.a }\n\t\t  user \"u\" { password_hash = %s }", hash),
		strings.ReplaceAll("mount \"/\" {\nbackend = backend.memory.a\n"+mount+"\n}\nuser \"other\" { password_hash = HASH }\n"+user, "HASH", hash),
	}
}

const userBefore = "user \"u\" { password_hash = HASH }"

// Each change of a user's access ends the sessions of the user when they are idle; uploads
// that have begun are committed before. Other changes end nothing.
func TestReloadEndsIdleSessions(t *testing.T) {
	with := func(line string) string { return "user \"u\" {\npassword_hash = HASH\n" + line + "\n}" }
	for name, test := range map[string]struct {
		mount, user string
		ends        bool
	}{
		"removed":           {"", "", true},
		"disabled":          {"", with("enabled = false"), true},
		"expired":           {"", with(`expires = "2020-01-01"`), true},
		"another password":  {"", `user "u" { password_hash = "$2b$04$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }`, true},
		"fewer rights":      {"", with(`allow = ["list"]`), true},
		"networks":          {"", with(`networks = ["127.0.0.0/8"]`), true},
		"mount":             {`access = "read"`, userBefore, true},
		"list style":        {"", with(`list_style = "dos"`), false},
		"home":              {"", with(`home = "/x"`), false},
		"cache_control":     {`cache_control = "no-store"`, userBefore, false},
		"case of the name":  {"", `user "U" { password_hash = HASH }`, false},
		"a later expiry":    {"", with(`expires = "2100-01-01"`), false},
		"disabled and kept": {"", with("enabled = false\non_change = \"keep\""), false},
	} {
		t.Run(name, func(t *testing.T) {
			r := startReloadable(t)
			r.reload("", r.tenant("", userBefore)...)
			u := r.upload()
			r.reload("", r.tenant(test.mount, test.user)...)
			if !test.ends {
				if _, err := u.idleFTP.Do("NOOP", 200); err != nil {
					t.Error(err)
				}
				if _, err := u.idleSFTP.Getwd(); err != nil {
					t.Error(err)
				}
			} else {
				r.ended(u.idleFTP)
				_ = u.idleSFTP.Wait()
				if f, err := u.sftp.Create("another"); err == nil {
					t.Error("a session that ends opens another file", f.Close())
				} else if errors.Is(err, os.ErrPermission) {
					t.Errorf("another file is refused for ever: %v", err)
				}
				u.onlyFinishes(t)
			}
			if ftp, sftp := u.finish(); ftp != nil || sftp != nil {
				t.Errorf("uploads that have begun: %v, %v", ftp, sftp)
			}
			if test.ends {
				r.ended(u.ftp)
				_ = u.sftp.Wait()
			}
			if c, err := r.ftpAs("other", "pw"); err != nil {
				t.Error(err)
			} else if n, err := c.Size("stored"); err != nil || n != int64(len("stored")) {
				t.Errorf("a file that the session could not touch: %d bytes, %v", n, err)
			}
			if got := r.stored("other"); got[0] != "first second" || got[1] != "first second" {
				t.Errorf("stored are %q", got)
			}
		})
	}
}

// With "end", sessions end with their uploads, which are not committed.
func TestReloadEndsSessionsAtOnce(t *testing.T) {
	r := startReloadable(t)
	r.reload("", r.tenant("", "user \"u\" {\npassword_hash = HASH\non_change = \"end\"\n}")...)
	u := r.upload()
	r.reload("", r.tenant("", "")...)
	r.ended(u.idleFTP)
	if reply, err := u.ftp.Receive(); err != nil || reply.Code != 426 {
		t.Errorf("the upload gets %v, %v, want 426", reply, err)
	}
	r.ended(u.ftp)
	_ = u.idleSFTP.Wait()
	_ = u.sftp.Wait()
	if err := u.file.Close(); err == nil {
		t.Error("the upload over SFTP is committed")
	}
	if got := r.stored("other"); got[0] != "none" || got[1] != "none" {
		t.Errorf("stored are %q", got)
	}
}

// A user expires without a reload: its sessions end, and it cannot log in.
func TestExpiryEndsSessions(t *testing.T) {
	r := startReloadable(t)
	expires := time.Now().Add(patience.Scale(4 * time.Second)).UTC().Format(time.RFC3339)
	r.reload("", r.tenant("", fmt.Sprintf("user \"u\" {\npassword_hash = HASH\nexpires = %q\n}", expires))...)
	c, err := r.ftpAs("u", "pw")
	if err != nil {
		t.Fatal(err)
	}
	s, err := r.sftpAs("u", "pw")
	if err != nil {
		t.Fatal(err)
	}
	r.ended(c)
	_ = s.Wait()
	if _, err := r.ftpAs("u", "pw"); ftpclient.CodeOf(err) != 530 {
		t.Errorf("a login over FTP after the expiry: %v", err)
	}
	if _, err := r.sftpAs("u", "pw"); err == nil {
		t.Error("a login over SFTP after the expiry")
	}
}
