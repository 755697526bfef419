package ftpclient

import (
	"bufio"
	"context"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// fake is the server's side of one scripted conversation. A step that does not
// meet what the client sent fails the test and ends the conversation.
type fake struct {
	t    *testing.T
	l    net.Listener
	conn net.Conn
	r    *bufio.Reader
}

// converse runs script as a server and returns a client that has read its
// greeting. The test waits for the script's end.
func converse(t *testing.T, o Options, script func(f *fake)) *Conn {
	t.Helper()
	addr := serveScript(t, script)
	c, err := Dial(t.Context(), addr, o)
	if err != nil {
		t.Fatalf("Dial: %v", err)
	}
	t.Cleanup(c.Close)
	return c
}

func serveScript(t *testing.T, script func(f *fake)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		nc, err := l.Accept()
		if err != nil {
			return
		}
		defer nc.Close()
		_ = nc.SetDeadline(time.Now().Add(patience.Limit()))
		script(&fake{t: t, conn: nc, r: bufio.NewReader(nc)})
	}()
	t.Cleanup(func() {
		l.Close()
		<-done
	})
	return l.Addr().String()
}

func (f *fake) say(lines ...string) {
	if _, err := io.WriteString(f.conn, strings.Join(lines, "\r\n")+"\r\n"); err != nil {
		f.t.Errorf("script: say %q: %v", lines, err)
	}
}

// expect reads one line and compares it. It reports whether the script can continue.
func (f *fake) expect(want string) bool {
	got, err := f.r.ReadString('\n')
	if err != nil || got != want+"\r\n" {
		f.t.Errorf("script: heard %q, %v; want %q", got, err, want)
		return false
	}
	return true
}

// epsv answers EPSV with a listener of its own.
func (f *fake) epsv() bool {
	if !f.expect("EPSV") {
		return false
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.t.Errorf("script: %v", err)
		return false
	}
	f.l = l
	_, port, _ := net.SplitHostPort(l.Addr().String())
	f.say("229 Extended passive (|||" + port + "|)")
	return true
}

// data accepts the data connection that epsv promised.
func (f *fake) data() net.Conn {
	nc, err := f.l.Accept()
	f.l.Close()
	if err != nil {
		f.t.Errorf("script: data connection: %v", err)
		return nil
	}
	_ = nc.SetDeadline(time.Now().Add(patience.Limit()))
	return nc
}

func TestDialRefused(t *testing.T) {
	addr := serveScript(t, func(f *fake) { f.say("421 Too many connections") })
	_, err := Dial(t.Context(), addr, Options{})
	if got, want := CodeOf(err), 421; got != want {
		t.Errorf("Dial: %v, want a reply %d", err, want)
	}
}

func TestContextEndsSession(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	addr := serveScript(t, func(f *fake) {
		f.say("220 ready")
		f.expect("NOOP")
		cancel()
		if n, err := f.conn.Read(make([]byte, 1)); n != 0 || err == nil {
			f.t.Error("script: the connection is still open after the context's end")
		}
	})
	c, err := Dial(ctx, addr, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Cmd("NOOP"); err == nil {
		t.Error("Cmd after the context's end: no error")
	}
}

func TestLogin(t *testing.T) {
	tests := []struct {
		name     string
		replies  []string // to USER, PASS, TYPE
		wantCode int
	}{
		{"password", []string{"331 Password", "230 In", "200 Binary"}, 0},
		{"no password needed", []string{"230 In", "", "200 Binary"}, 0},
		{"wrong", []string{"331 Password", "530 Login incorrect", ""}, 530},
		{"unknown at once", []string{"530 No", "", ""}, 530},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var trace []string
			o := Options{Trace: func(d byte, line string) { trace = append(trace, string(d)+line) }}
			c := converse(t, o, func(f *fake) {
				f.say("220 ready")
				for i, line := range []string{"USER ann", "PASS s3cret word", "TYPE I"} {
					if test.replies[i] == "" {
						continue
					}
					if !f.expect(line) {
						return
					}
					f.say(test.replies[i])
					if test.replies[i][0] == '5' {
						return
					}
				}
			})
			err := c.Login("ann", "s3cret word")
			if got := CodeOf(err); got != test.wantCode || (err != nil) != (test.wantCode != 0) {
				t.Errorf("Login: %v, want code %d", err, test.wantCode)
			}
			if all := strings.Join(trace, "\n"); strings.Contains(all, "s3cret") {
				t.Errorf("trace shows the password:\n%s", all)
			}
			if err != nil && strings.Contains(err.Error(), "s3cret") {
				t.Errorf("error shows the password: %v", err)
			}
		})
	}
}

func TestGet(t *testing.T) {
	tests := []struct {
		name   string
		offset int64
		final  string
		want   string
		code   int
	}{
		{"whole", 0, "226 Done", "hello", 0},
		{"from an offset", 3, "226 Done", "lo", 0},
		{"broken off", 0, "451 Storage is not available", "hello", 451},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := converse(t, Options{}, func(f *fake) {
				f.say("220 ready")
				if !f.epsv() {
					return
				}
				if test.offset != 0 {
					f.expect("REST " + strconv.FormatInt(test.offset, 10))
					f.say("350 Restarting")
				}
				f.expect("RETR a b")
				f.say("150 Here it comes")
				if nc := f.data(); nc != nil {
					_, _ = io.WriteString(nc, "hello"[test.offset:])
					nc.Close()
				}
				f.say(test.final)
			})
			var got strings.Builder
			_, err := c.Get("a b", test.offset, &got)
			if CodeOf(err) != test.code || (err != nil) != (test.code != 0) {
				t.Errorf("Get: %v, want code %d", err, test.code)
			}
			if got.String() != test.want {
				t.Errorf("Get: %q, want %q", got.String(), test.want)
			}
		})
	}
}

// TestRefusedTransfer proves that a refusal closes the data connection.
func TestRefusedTransfer(t *testing.T) {
	c := converse(t, Options{}, func(f *fake) {
		f.say("220 ready")
		if !f.epsv() {
			return
		}
		nc := f.data()
		f.expect("STOR a")
		f.say("553 No")
		if n, err := nc.Read(make([]byte, 1)); n != 0 || err != io.EOF {
			f.t.Errorf("script: data connection after the refusal: %d, %v; want EOF", n, err)
		}
		nc.Close()
	})
	if err := c.Put("a", strings.NewReader("x")); CodeOf(err) != 553 {
		t.Errorf("Put: %v, want 553", err)
	}
}

func TestAbortStyles(t *testing.T) {
	tests := []struct {
		style AbortStyle
		wire  string // as a server without SO_OOBINLINE reads it
	}{
		{AbortPlain, "ABOR\r\n"},
		{AbortTelnet, "\xff\xf4\xff\xf2ABOR\r\n"},
		{AbortSynch, "\xff\xf4\xffABOR\r\n"},
		{AbortBSD, "\xff\xf4\xf2ABOR\r\n"},
		{AbortUrgent, "ABOR\r"},
	}
	for _, test := range tests {
		t.Run(test.style.String(), func(t *testing.T) {
			c := converse(t, Options{}, func(f *fake) {
				f.say("220 ready")
				if !f.epsv() {
					return
				}
				f.expect("STOR a")
				f.say("150 Go")
				nc := f.data()
				got := make([]byte, len(test.wire))
				if _, err := io.ReadFull(f.r, got); err != nil || string(got) != test.wire {
					f.t.Errorf("script: read %q, %v; want %q", got, err, test.wire)
				}
				f.say("426 Aborted", "226 Abort successful")
				nc.Close()
				f.expect("NOOP")
				f.say("200 Yes")
			})
			tr, err := c.Transfer("STOR a", 0)
			if err != nil {
				t.Fatal(err)
			}
			final, err := tr.Abort(test.style)
			if err != nil || final.Code != 426 {
				t.Errorf("Abort: %v, %v; want 426", final, err)
			}
			if _, err := c.Do("NOOP", 200); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestActive(t *testing.T) {
	tests := []struct {
		name string
		mode DataMode
		verb string
	}{
		{"PORT", PORT, "PORT 127,0,0,1,"},
		{"EPRT", EPRT, "EPRT |1|127.0.0.1|"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := converse(t, Options{Data: test.mode}, func(f *fake) {
				f.say("220 ready")
				line, err := f.r.ReadString('\n')
				rest, ok := strings.CutPrefix(strings.TrimSpace(line), test.verb)
				if err != nil || !ok {
					f.t.Errorf("script: heard %q, %v; want %q", line, err, test.verb)
					return
				}
				var port int
				if test.mode == PORT {
					high, low, _ := strings.Cut(rest, ",")
					h, _ := strconv.Atoi(high)
					l, _ := strconv.Atoi(low)
					port = h<<8 | l
				} else {
					port, _ = strconv.Atoi(strings.TrimSuffix(rest, "|"))
				}
				f.say("200 Okay")
				f.expect("RETR a")
				f.say("150 Here")
				nc, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
				if err != nil {
					f.t.Errorf("script: %v", err)
					return
				}
				_, _ = io.WriteString(nc, "active")
				nc.Close()
				f.say("226 Done")
				// A refusal must not leave the client waiting for a connection.
				_, _ = f.r.ReadString('\n')
				f.say("200 Okay")
				f.expect("RETR b")
				f.say("550 No such file")
			})
			var got strings.Builder
			if _, err := c.Get("a", 0, &got); err != nil || got.String() != "active" {
				t.Errorf("Get: %q, %v", got.String(), err)
			}
			if _, err := c.Get("b", 0, io.Discard); CodeOf(err) != 550 {
				t.Errorf("Get: %v, want 550", err)
			}
		})
	}
}
