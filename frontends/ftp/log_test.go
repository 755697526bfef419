package ftp_test

import (
	"bytes"
	"crypto/tls"
	"log/slog"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/frontends/ftp"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
)

// logOf returns what a server logs while a client does something with it. With await, that
// is until the session has ended.
func logOf(t *testing.T, change func(*ftp.Options), await bool, do func(g *gateway)) string {
	t.Helper()
	var b bytes.Buffer
	ended := announced{slog.NewTextHandler(&b, nil), "session ended", make(chan struct{}, 8)}
	g := start(t, memory.New(), func(o *ftp.Options) {
		if change != nil {
			change(o)
		}
		o.Log = slog.New(ended)
	})
	do(g)
	if await {
		<-ended.seen
	}
	if err := g.stop(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// What a client was refused before it came to the store leaves a line, with the
// setting that would take it.
func TestRefusedCommandsAreLogged(t *testing.T) {
	t.Parallel()
	required := func(o *ftp.Options) { o.TLSMode = ftp.TLSRequired }
	for name, tt := range map[string]struct {
		change func(*ftp.Options)
		do     func(g *gateway)
		want   string
	}{
		"PORT": {nil, func(g *gateway) {
			g.say(g.login(ftpclient.Options{}), "PORT 127,0,0,1,200,200", 502)
		}, `command=PORT reply="502 Active mode is off, use PASV or EPSV" cause=active_mode_off setting="active = true"`},
		"EPRT": {nil, func(g *gateway) {
			g.say(g.login(ftpclient.Options{}), "EPRT |1|127.0.0.1|51400|", 502)
		}, `command=EPRT reply="502 `},
		"CWD": {nil, func(g *gateway) {
			g.say(g.login(ftpclient.Options{}), "CWD incoming", 550)
		}, `command=CWD reply="550 No such file or directory" path=incoming`},
		"login in clear": {required, func(g *gateway) {
			g.say(g.connect(ftpclient.Options{}), "USER u", 530)
		}, `command=USER reply="530 Use AUTH TLS before the login" cause=tls_required setting="tls { mode = \"optional\" }"`},
		"certificate": {nil, func(g *gateway) {
			g.tls = &tls.Config{ServerName: "other.example"}
			if _, err := ftpclient.Dial(g.Context(), g.addr, ftpclient.Options{Security: ftpclient.Explicit, TLS: g.tls}); err == nil {
				g.Error("the certificate is trusted")
			}
		}, `reason="TLS handshake failed" cause=certificate_not_trusted setting=tls.cert_file hint=`},
	} {
		t.Run(name, func(t *testing.T) {
			if got := logOf(t, tt.change, name == "certificate", tt.do); !strings.Contains(got, tt.want) {
				t.Errorf("the log lacks %s:\n%s", tt.want, got)
			}
		})
	}
}
