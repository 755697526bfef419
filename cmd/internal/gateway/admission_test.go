package gateway

import (
	"crypto/tls"
	"fmt"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/internal/testing/ftpclient"
)

// overTLS logs in over FTP with TLS, and asks for data connections without it.
func (r *reloadable) overTLS(user, password string) (*ftpclient.Conn, error) {
	r.Helper()
	c, err := ftpclient.Dial(r.Context(), r.ftp, ftpclient.Options{
		Security: ftpclient.Explicit, TLS: &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // the server is ours
	})
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(c.Close)
	return c, c.Login(user, password)
}

// Where and by which protocols a user may log in holds for every frontend, and each refusal
// is the same reply.
func TestAdmission(t *testing.T) {
	const in, out = true, false
	r := startReloadable(t)
	with := func(line string) string { return "user \"u\" {\npassword_hash = HASH\n" + line + "\n}" }
	for name, test := range map[string]struct {
		user            string
		ftp, ftps, sftp bool
	}{
		"everything":          {with(""), in, in, in},
		"sftp":                {with(`protocols = ["sftp"]`), out, out, in},
		"ftps":                {with(`protocols = ["ftps"]`), out, in, out},
		"ftp":                 {with(`protocols = ["ftp"]`), in, out, out},
		"ftps and sftp":       {with(`protocols = ["ftps", "sftp"]`), out, in, in},
		"disabled":            {with(`enabled = false`), out, out, out},
		"expired":             {with(`expires = "2020-01-01"`), out, out, out},
		"not yet expired":     {with(`expires = "2100-01-01T00:00:00Z"`), in, in, in},
		"the user's networks": {with(`networks = ["192.0.2.0/24"]`), out, out, out},
		"the tenant's":        {with("") + "\nnetworks = [\"192.0.2.0/24\"]", out, out, out},
		"both":                {with(`networks = ["127.0.0.1"]`) + "\nnetworks = [\"127.0.0.0/8\"]", in, in, in},
		"one of both":         {with(`networks = ["127.0.0.1"]`) + "\nnetworks = [\"192.0.2.0/24\"]", out, out, out},
	} {
		// What is counted over connections is another test's, and makes each reply later.
		r.reload("guessing { enabled = false }", r.tenant("", test.user)...)
		_, ftp := r.ftpAs("u", "pw")
		_, ftps := r.overTLS("u", "pw")
		_, sftp := r.sftpAs("u", "pw")
		if got := []bool{ftp == nil, ftps == nil, sftp == nil}; fmt.Sprint(got) != fmt.Sprint([]bool{test.ftp, test.ftps, test.sftp}) {
			t.Errorf("%s: %v, %v, %v", name, ftp, ftps, sftp)
		}
		_, wrong := r.ftpAs("u", "wrong")
		for _, err := range []error{ftp, ftps} {
			if err != nil && err.Error() != wrong.Error() {
				t.Errorf("%s: the reply is %v, that of a wrong password %v", name, err, wrong)
			}
		}
	}
}

// A user that may only use FTP with TLS gets no data connection without it, also where the
// frontend allows those.
func TestDataOfUserThatNeedsTLS(t *testing.T) {
	r := startReloadable(t)
	r.reload("", r.tenant("", "user \"u\" {\npassword_hash = HASH\nprotocols = [\"ftps\"]\n}")...)
	c, err := r.overTLS("u", "pw")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Put("f", strings.NewReader("protected")); err != nil {
		t.Error(err)
	}
	if _, err := c.Do("PROT C", 200); ftpclient.CodeOf(err) != 534 {
		t.Errorf("PROT C: %v, want 534", err)
	}
	// A client that never sends PROT has data connections without TLS.
	c, err = ftpclient.Dial(t.Context(), r.ftp, ftpclient.Options{
		Security: ftpclient.Explicit, ClearData: true, TLS: &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // the server is ours
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Login("u", "pw"); err == nil {
		err = c.Put("g", strings.NewReader("in clear"))
		if ftpclient.CodeOf(err) != 521 {
			t.Errorf("an upload in clear: %v, want 521", err)
		}
	} else if ftpclient.CodeOf(err) != 534 {
		t.Error(err)
	}
}
