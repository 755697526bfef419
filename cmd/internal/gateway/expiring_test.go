package gateway

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// ends returns the end of everything that ends, by what it is.
func (r *reloadable) ends() map[string]string {
	all := map[string]string{}
	for _, t := range r.expiring() {
		name, _, _ := strings.Cut(t.Name, " ")
		all[fmt.Sprintf("%s of %s %s: %s", t.What, t.Owner.Kind, t.Owner.Name, name)] = t.Ends.UTC().Format(time.DateOnly) + " " + t.Setting
	}
	return all
}

// What ends is that of the present configuration, with its owner and the setting that renews
// it, and has a metric without names of users.
func TestExpiring(t *testing.T) {
	r := startReloadable(t)
	// The metric is there from the beginning of Serve on.
	<-r.began
	certificate := ""
	for what, ends := range r.ends() {
		if !strings.HasPrefix(what, "certificate of frontend ftp.") || !strings.HasSuffix(ends, " tls.cert_file") || certificate != "" {
			t.Errorf("%s ends %s", what, ends)
		}
		certificate = what
	}
	const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJKRnFGDsFGfsRTqLNyBdbpJMvFGzHiWvMXDXzxAZNqD"
	r.reload("", r.tenant("", fmt.Sprintf(`user "u" {
		password_hash         = HASH
		expires               = "2060-01-01"
		password_changed      = "2059-01-01"
		password_max_age_days = 30
		authorized_keys       = ["expiry-time=\"20600301Z\" %s"]
	}`, key))...)
	got := r.ends()
	delete(got, certificate)
	want := map[string]string{
		"user of tenant acme: u": "2060-01-02 expires", "password of tenant acme: u": "2059-02-01 password_max_age_days", "key of tenant acme: u": "2060-03-01 authorized_keys",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("what ends (-want +got):\n%s", d)
	}
	series := map[string]bool{}
	for _, f := range r.observe.Metrics.Families() {
		if f.Name == "tidegate_expires_in_seconds" {
			for _, s := range f.Samples {
				series[strings.Join(s.Values, " ")] = s.Value > 0
			}
		}
	}
	if !series["user acme"] || !series["password acme"] || !series["key acme"] || len(series) != 4 {
		t.Errorf("the metric has %v", series)
	}
}
