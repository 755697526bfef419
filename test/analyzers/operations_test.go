package analyzers

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/minio/crc64nvme"

	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// use lets clients of both protocols do everything that has a line.
func (s *site) use() {
	for _, protocol := range []string{"ftp", "sftp"} {
		u := s.urls[protocol]
		s.succeeds("-T", "-", u+protocol+"%20a.txt")
		s.succeeds("-a", "-T", "-", u+protocol+"%20a.txt")
		s.succeeds(u + protocol + "%20a.txt")
		if s.curl(u+"none") == 0 {
			s.Error("a missing file is downloaded")
		}
		if s.curl("-u", "camera 02:wrong", u) == 0 {
			s.Error("a wrong password lets in")
		}
	}
	s.succeeds(s.urls["ftp"], "-Q", "MKD /ftp", "-Q", "RNFR /ftp a.txt", "-Q", "RNTO /ftp/b.txt", "-Q", "DELE /ftp/b.txt", "-Q", "RMD /ftp", "-Q", "*DELE /none")
	s.succeeds(s.urls["sftp"], "-Q", "mkdir /sftp", "-Q", `rename "/sftp a.txt" /sftp/b.txt`, "-Q", "rm /sftp/b.txt", "-Q", "rmdir /sftp", "-Q", "*rm /none")
}

// values returns the values of the lines of the W3C log by the names of the fields.
func (s *site) values() []map[string]string {
	var all []map[string]string
	var fields []string
	for line := range strings.Lines(s.text("w3c")) {
		line = strings.TrimSuffix(line, "\r\n")
		if names, ok := strings.CutPrefix(line, "#Fields: "); ok {
			fields = strings.Split(names, " ")
		}
		if strings.HasPrefix(line, "#") {
			continue
		}
		values := map[string]string{}
		for i, value := range strings.Split(line, " ") {
			values[fields[i]] = value
		}
		all = append(all, values)
	}
	return all
}

// Each operation of a client is one line, with the same names and codes over both protocols,
// and the audit has the proof of the store.
func TestOperations(t *testing.T) {
	s := newSite(t)
	s.use()
	s.gateway.Signal(syscall.SIGHUP)
	s.gateway.Find("the end of the reload", func(line string) bool { return strings.Contains(line, `"configuration reloaded"`) })
	s.gateway.Stop() // it loses no line

	t.Run("w3c", s.wantW3C)
	t.Run("w3c/IIS", s.wantUploadAsIIS)
	t.Run("xferlog", func(t *testing.T) {
		var got []string
		for line := range strings.Lines(s.text("xferlog")) {
			f := strings.Fields(line)
			if len(f) != 18 {
				t.Fatalf("%d words: %q", len(f), line)
			}
			got = append(got, strings.Join([]string{f[11], f[8], f[7], f[13], f[14], f[17]}, " "))
		}
		for _, p := range []string{"ftp", "sftp"} {
			for _, want := range []string{"i /P_a.txt 7", "o /P_a.txt 14", "d /P/b.txt 14"} {
				if want := strings.ReplaceAll(want, "P", p) + ` contoso\camera_02 ` + p + " c"; !slices.Contains(got, want) {
					t.Errorf("there is no line %q in %q", want, got)
				}
			}
		}
	})
	t.Run("audit", s.wantAudit)
}

// wantW3C checks that both protocols have the same lines about what use has done.
func (s *site) wantW3C(t *testing.T) {
	got := map[string][]string{}
	for _, v := range s.values() {
		if v["x-fullpath"] == "-" && v["cs-method"] != "PASS" || v["cs-uri-stem"] == "***" && v["sc-status"] == "230" {
			continue
		}
		if v["c-ip"] != "127.0.0.1" || v["s-sitename"] != v["x-protocol"]+".public" || !strings.HasSuffix(s.urls[v["x-protocol"]], v["s-ip"]+":"+v["s-port"]+"/") {
			t.Errorf("wrong ends: %v", v)
		}
		if want := `contoso\camera+02`; v["cs-username"] != want && v["cs-method"] != "PASS" {
			t.Errorf("the user is %q", v["cs-username"])
		}
		if n, err := strconv.Atoi(v["x-store-requests"]); err != nil || v["cs-method"] == "STOR" && n == 0 {
			t.Errorf("%q requests: %v", v["x-store-requests"], v)
		}
		got[v["x-protocol"]] = append(got[v["x-protocol"]], fmt.Sprint(v["cs-method"], " ", v["x-fullpath"], " ", v["sc-status"], " ", v["sc-bytes"], " ", v["cs-bytes"]))
	}
	for _, p := range []string{"ftp", "sftp"} {
		want := []string{
			"STOR /" + p + "+a.txt 226 0 7", "APPE /" + p + "+a.txt 226 0 7", "RETR /" + p + "+a.txt 226 14 0", "DELE /none 550 0 0", "PASS - 530 0 0",
			"MKD /" + p + " 257 0 0", "RNFR /" + p + "+a.txt 350 0 0", "RNTO /" + p + "/b.txt 250 0 0", "DELE /" + p + "/b.txt 250 0 0", "RMD /" + p + " 250 0 0",
		}
		if p == "sftp" {
			want[1] = strings.Replace(want[1], "APPE", "STOR", 1) // SFTP has no other word for it
		}
		for _, line := range want {
			i := slices.Index(got[p], line)
			if i < 0 {
				t.Errorf("%s: there is no line %q in %q", p, line, got[p])
				continue
			}
			got[p] = slices.Delete(got[p], i, i+1)
		}
		for _, line := range got[p] {
			verb, _, _ := strings.Cut(line, " ")
			looks := slices.Contains([]string{"MLSD", "LIST", "CWD", "SIZE", "MDTM"}, verb)
			if !looks && !strings.HasPrefix(line, "RETR /none") && !strings.HasPrefix(line, "PASS - 530") { // curl tries a password in two ways
				t.Errorf("%s: one line more: %q", p, line)
			}
		}
	}
}

// wantUploadAsIIS checks that the first session, an upload by curl, has the lines that IIS
// writes about it, in their order.
func (s *site) wantUploadAsIIS(t *testing.T) {
	var got []string
	all := s.values()
	for _, v := range all {
		if v["x-session"] == all[0]["x-session"] {
			got = append(got, strings.Join([]string{v["cs-method"], v["cs-uri-stem"], v["sc-status"], v["x-fullpath"]}, " "))
		}
		control := strings.HasSuffix(s.urls["ftp"], ":"+v["s-port"]+"/")
		if strings.HasPrefix(v["cs-method"], "DataChannel") && control {
			t.Errorf("a data connection has the port of the control connection: %v", v)
		}
	}
	want := []string{
		"ControlChannelOpened - - -", "USER camera+02 331 -", "PASS *** 230 /", "PWD - 257 -", "EPSV - 229 -", "TYPE I 200 -",
		"DataChannelOpened - - -", "DataChannelClosed - - -", "STOR ftp+a.txt 226 /ftp+a.txt", "QUIT - 221 -", "ControlChannelClosed - - -",
	}
	if !slices.Equal(got, want) {
		t.Errorf("an upload is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// audited is a line of the audit.
type audited struct {
	Event, Proto, Op, Result, Path, To, Cause, URL, ETag, CRC64 string
	Size                                                        int64
}

// wantAudit checks the audit of use.
func (s *site) wantAudit(t *testing.T) {
	count := map[string]int{}
	wantCRC := fmt.Sprintf("%016x", crc64nvme.Checksum([]byte("contentcontent")))
	for line := range strings.Lines(s.text("audit")) {
		var a audited
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			t.Fatalf("%v: %q", err, line)
		}
		count[strings.TrimSpace(a.Proto+" "+a.Event+" "+a.Op+" "+a.Result+" "+a.Cause)]++
		if a.Op == "rename" && (a.CRC64 != wantCRC || a.Size != 14 || a.ETag == "" || a.URL != s.store.URL()+"/files/"+a.Proto+"/b.txt") {
			t.Errorf("the receipt of a rename: %s", line)
		}
	}
	for _, p := range []string{"ftp ", "sftp "} {
		for _, want := range []string{
			"login_refused   wrong_password", "operation_finished write ok", "operation_finished read ok", "operation_finished mkdir ok",
			"operation_finished rename ok", "operation_finished remove ok", "login_succeeded", "session_ended",
		} {
			if count[p+want] == 0 {
				t.Errorf("there is no line %q", p+want)
			}
		}
	}
	for _, want := range []string{"process_started", "configuration_changed", "process_stopping", "process_stopped"} {
		if count[want] == 0 {
			t.Errorf("there is no line %q", want)
		}
	}
	if t.Failed() {
		t.Logf("%v", count)
	}
}

// A rename and SIGHUP, as logrotate does it, opens the file again.
func TestRename(t *testing.T) {
	s := newSite(t)
	s.succeeds("-T", "-", s.urls["ftp"]+"before.txt")
	// The client has its reply before the line is written.
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for limit := time.Now().Add(patience.Limit()); !strings.Contains(s.text("xferlog"), "/before.txt"); <-again.C {
		if time.Now().After(limit) {
			t.Fatal("there is no line about the file before the rename")
		}
	}
	if err := os.Rename(s.file("xferlog"), s.file("old")); err != nil {
		t.Fatal(err)
	}
	s.gateway.Signal(syscall.SIGHUP)
	for { // SIGHUP has no answer but the new file
		if _, err := os.Stat(s.file("xferlog")); err == nil {
			break
		}
		if s.curl("-T", "-", s.urls["ftp"]+"meanwhile.txt") != 0 || t.Context().Err() != nil {
			t.Fatal("the file was not opened again")
		}
	}
	s.succeeds("-T", "-", s.urls["ftp"]+"after.txt")
	s.gateway.Stop()
	if text := s.text("old"); !strings.Contains(text, "/before.txt") || strings.Contains(text, "/after.txt") {
		t.Errorf("the renamed file has\n%s", text)
	}
	if text := s.text("xferlog"); strings.Contains(text, "/before.txt") || !strings.Contains(text, "/after.txt") {
		t.Errorf("the new file has\n%s", text)
	}
}
