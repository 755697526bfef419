package replace

import (
	"testing"

	"github.com/tidegate/tidegate/internal/testing/ftpclient"
	"github.com/tidegate/tidegate/test/launch"
)

// A process with inherited sockets is stopped, and another process is started after it has ended.
// Running transfers are finished, clients that connect meanwhile wait for the next process, and no
// client is refused.
func TestRestart(t *testing.T) {
	s := newService(t, "1m")
	p := s.start()
	l := startLoad(t, s)
	for range 3 {
		before := l.done.Load()
		slow, upload := beginUpload(t, s, "slow")
		p.Terminate()
		p.Find("the line about the stop", launch.Wrote("stopping"))
		s.await(p.PID(), "READY=1", "STOPPING=1")
		finishUpload(t, slow, upload)
		if err := p.Wait(); err != nil {
			t.Fatalf("the program ended with %v", err)
		}
		p = s.start()
		l.awaitMore(before + 6)
	}
	l.stop()
	t.Logf("%d uploads, %d repeated", l.done.Load(), l.repeated.Load())
	p.Stop()
}

// beginUpload begins an upload that is half-way until finishUpload.
func beginUpload(t *testing.T, s *service, name string) (*ftpclient.Conn, *ftpclient.Transfer) {
	t.Helper()
	c, err := ftpclient.Dial(t.Context(), s.ftp, ftpclient.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if err := c.Login("ann", password); err != nil {
		t.Fatal(err)
	}
	upload, err := c.Transfer("STOR "+name, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := upload.Write([]byte("first, ")); err != nil {
		t.Fatal(err)
	}
	return c, upload
}

// finishUpload finishes an upload during a stop: it is complete, and then the session ends.
func finishUpload(t *testing.T, c *ftpclient.Conn, upload *ftpclient.Transfer) {
	t.Helper()
	if _, err := upload.Write([]byte("second")); err != nil {
		t.Fatal(err)
	}
	if err := upload.Finish(); err != nil {
		t.Errorf("an upload that ran at the stop: %v", err)
	}
	if reply, err := c.Receive(); err != nil || reply.Code != 421 {
		t.Errorf("after the upload comes %v, %v, want 421", reply, err)
	}
}
