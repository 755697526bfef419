package gateway

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"github.com/tidegate/tidegate/internal/testing/ftpclient"
	"github.com/tidegate/tidegate/internal/testing/planted"
)

// No metric has a secret in a label, nor what a client has sent as a name: a user may type the
// password there, and each new name would be a new series.
func TestMetricsShowNoSecrets(t *testing.T) {
	r := startReloadable(t)
	hash, err := bcrypt.GenerateFromPassword([]byte(planted.Password), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	r.reload("", r.hash, string(hash))
	c, err := r.ftpAs("u", planted.Password)
	if err != nil {
		t.Fatal(err)
	}
	const typed = "typed-as-a-name"
	if err := c.Put(typed, strings.NewReader("content")); err != nil {
		t.Fatal(err)
	}
	for _, login := range [][2]string{{"u", "wrong"}, {typed, "wrong"}, {"acme/" + typed, "wrong"}} {
		if _, err := r.ftpAs(login[0], login[1]); ftpclient.CodeOf(err) != 530 {
			t.Errorf("a wrong login over FTP: %v", err)
		}
		if _, err := r.sftpAs(login[0], login[1]); err == nil {
			t.Error("a wrong login over SFTP")
		}
	}
	if s, err := r.sftpAs("u", planted.Password); err != nil {
		t.Error(err)
	} else if _, err := s.Stat(typed); err != nil {
		t.Error(err)
	}
	all := fmt.Sprint(r.observe.Metrics.Families())
	if !strings.Contains(all, "tidegate_logins_total") {
		t.Errorf("no refused logins in %s", all)
	}
	if name := planted.In(all); name != "" || strings.Contains(all, typed) || strings.Contains(all, string(hash)) {
		t.Errorf("the metrics have a secret (%s) or a name that a client has sent: %s", name, all)
	}
}
