package sftp_test

import (
	"testing"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/frontends/frontendtest"
	"github.com/tidegate/tidegate/frontends/frontendtest/sftptest"
	"github.com/tidegate/tidegate/frontends/sftp"
	"github.com/tidegate/tidegate/frontends/sftp/sftpclient"
	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/vfs"
)

// Modes and owners are accepted where they can be ignored, and only from users who
// may change something.
func TestAttributes(t *testing.T) {
	const setstat, attrOwner, attrMode, attrTimes = 9, 2, 4, 8
	requests := map[string][]byte{
		"chown": join(sftpclient.Uint32(attrOwner), sftpclient.Uint32(0), sftpclient.Uint32(0)),
		"chmod": join(sftpclient.Uint32(attrMode), sftpclient.Uint32(0o700)),
		"utime": join(sftpclient.Uint32(attrTimes), sftpclient.Uint32(1), sftpclient.Uint32(1)),
		"all": join(sftpclient.Uint32(attrOwner|attrMode|attrTimes), sftpclient.Uint32(0), sftpclient.Uint32(0), sftpclient.Uint32(0o700),
			sftpclient.Uint32(1), sftpclient.Uint32(1)),
	}
	for name, row := range map[string]struct {
		allow    vfs.Permission
		readOnly bool
		refuse   bool
		want     map[string]uint32
	}{
		"all rights":      {allow: vfs.PermAll},
		"reading alone":   {allow: vfs.PermList | vfs.PermRead, want: map[string]uint32{"chown": codeDenied, "chmod": codeDenied, "utime": codeDenied, "all": codeDenied}},
		"read-only mount": {allow: vfs.PermAll, readOnly: true, want: map[string]uint32{"chown": codeDenied, "chmod": codeDenied, "utime": codeDenied, "all": codeDenied}},
		"refused":         {allow: vfs.PermAll, refuse: true, want: map[string]uint32{"chown": codeUnsupported, "chmod": codeUnsupported, "all": codeUnsupported}},
	} {
		t.Run(name, func(t *testing.T) {
			store := memory.New()
			w, err := store.Create(t.Context(), vfs.MustParse("/dir/f"), vfs.CreateOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Commit(t.Context(), vfs.CommitOptions{}); err != nil {
				t.Fatal(err)
			}
			view, err := vfs.NewView(vfs.ViewOptions{Mounts: []vfs.Mount{{Backend: store, ReadOnly: row.readOnly}}, Allow: row.allow})
			if err != nil {
				t.Fatal(err)
			}
			target := sftptest.Target(configWith(t, func(o *sftp.Options) { o.RefuseAttributes = row.refuse }))
			target.Account = func(a *auth.Account, _ string) { a.User.View = view }
			c := talkTo(t, frontendtest.Serve(t, target))
			file, dir := c.open("/dir/f", wire.OpenRead), c.opendir("/dir")
			for what, attrs := range requests {
				want := row.want[what]
				for _, name := range []string{"/dir/f", "/dir", "/"} {
					t.Log(what, name)
					c.want(want, setstat, sftpclient.String(name), attrs)
					c.want(want, wire.TypeExtended, sftpclient.String("lsetstat@openssh.com"), sftpclient.String(name), attrs)
				}
				for _, h := range [][]byte{file, dir} {
					c.want(want, wire.TypeFsetstat, h, attrs)
				}
				if want == codeOK {
					c.want(codeNoFile, setstat, sftpclient.String("/none"), attrs)
					h := c.open("/dir/f", wire.OpenWrite)
					c.want(want, wire.TypeFsetstat, h, attrs)
					c.close(codeOK, h)
				}
			}
			c.close(codeOK, file)
			c.close(codeOK, dir)
		})
	}
}
