package ftp

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/tenant"
	"github.com/tidegate/tidegate/vfs"
)

// viewOf is a view of an empty store in memory, mounted at the root unless o
// says otherwise.
func viewOf(t testing.TB, o vfs.ViewOptions) *vfs.View {
	t.Helper()
	if o.Mounts == nil {
		o.Mounts = []vfs.Mount{{}}
	}
	for i := range o.Mounts {
		o.Mounts[i].Backend = memory.New()
	}
	view, err := vfs.NewView(o)
	if err != nil {
		t.Fatal(err)
	}
	return view
}

func TestListLine(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)
	file := vfs.Info{Name: "a b.txt", Type: vfs.TypeFile, Size: 1234}
	tests := []struct {
		name string
		t    time.Time
		want string
	}{
		{"within six months", now.Add(-time.Hour), "-rw-r--r-- 1 ftp ftp          1234 Jun 15 11:00 a b.txt"},
		{"other zone", now.Add(-time.Hour).In(time.FixedZone("", 7200)), "-rw-r--r-- 1 ftp ftp          1234 Jun 15 11:00 a b.txt"},
		{"older", now.AddDate(-1, 0, 0), "-rw-r--r-- 1 ftp ftp          1234 Jun 15  2025 a b.txt"},
		{"a little ahead", now.Add(time.Minute), "-rw-r--r-- 1 ftp ftp          1234 Jun 15 12:01 a b.txt"},
		{"far ahead", now.AddDate(0, 1, 0), "-rw-r--r-- 1 ftp ftp          1234 Jul 15  2026 a b.txt"},
		{"unknown", time.Time{}, "-rw-r--r-- 1 ftp ftp          1234 Jan  1  1970 a b.txt"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file.ModTime = tt.t
			if got := listLine(file, now); got != tt.want {
				t.Errorf("listLine = %q, want %q", got, tt.want)
			}
		})
	}
	file.ModTime = now.In(time.FixedZone("", 7200))
	if got, want := dosLine(file), "06-15-26  12:00PM                 1234 a b.txt"; got != want {
		t.Errorf("dosLine = %q, want %q", got, want)
	}
	dir := vfs.Info{Name: "d", Type: vfs.TypeDir, ModTime: now}
	if got, want := dosLine(dir), "06-15-26  12:00PM       <DIR>          d"; got != want {
		t.Errorf("dosLine = %q, want %q", got, want)
	}
	if got, want := listLine(dir, now), "drwxr-xr-x 1 ftp ftp             0 Jun 15 12:00 d"; got != want {
		t.Errorf("listLine = %q, want %q", got, want)
	}
}

func TestNewListing(t *testing.T) {
	t.Parallel()
	tests := []struct {
		verb, arg string
		want      string
	}{
		{"LIST", "", "/cwd|"},
		{"LIST", "sub", "/cwd/sub|sub/"},
		{"LIST", "/", "/|/"},
		{"LIST", "-la", "/cwd|"},
		{"LIST", "-la -CF sub", "/cwd/sub|sub/"},
		{"LIST", "-- -x", "/cwd/-x|-x/"},
		{"LIST", "./-x", "/cwd/-x|./-x/"},
		{"NLST", "*.txt", "/cwd/*.txt|*.txt/ /cwd *.txt|"},
		{"NLST", "-1 *.txt", "/cwd/*.txt|*.txt/ /cwd *.txt|"},
		{"NLST", "/a/b?", "/a/b?|/a/b?/ /a b?|/a/"},
		{"NLST", "/*", "/*|/*/ / *|/"},
		{"NLST", "[*", "/cwd/[*|[*/"},
		{"NLST", "[a]", "/cwd/[a]|[a]/"},
		{"NLST", "..", "/|../"},
		{"LIST", "a b", "/cwd/a b|a b/"},
		{"LIST", "*/x", "/cwd/*/x|*/x/"},
		{"MLSD", "*", "/cwd/*|*/"},
		{"MLSD", "-x", "/cwd/-x|-x/ /cwd|"},
		{"MLSD", "-a dir", "/cwd/-a dir|-a dir/ /cwd/dir|dir/"},
	}
	for _, tt := range tests {
		l, err := newListing(tt.verb, "/cwd", tt.arg)
		if err != nil {
			t.Errorf("%s %q: %v", tt.verb, tt.arg, err)
			continue
		}
		var readings []string
		for _, p := range l.readings {
			readings = append(readings, strings.TrimSpace(p.dir.String()+" "+p.pattern)+"|"+p.prefix)
		}
		if got := strings.Join(readings, " "); got != tt.want {
			t.Errorf("%s %q: %s, want %s", tt.verb, tt.arg, got, tt.want)
		}
	}
	if _, err := newListing("LIST", "/", "a\x00"); vfs.KindOf(err) != vfs.KindInvalid {
		t.Errorf("control character: %v, want %v", err, vfs.KindInvalid)
	}
}

func TestCutOptions(t *testing.T) {
	t.Parallel()
	got := map[string]string{}
	want := map[string]string{
		"": "", "-la": "", "-l -a": "", "-a dir": "dir", "-al  my dir": "my dir", "-report.txt": "", "dir -la": "dir -la",
		"-": "", "-1 -z": "", "-CF dir": "dir", "--color=auto dir": "dir", " -la dir": "dir", "-- -x": "-x", "--": "", "-la -- -x y": "-x y",
		"-- -- x": "-- x", "./-x": "./-x", " x": " x", "-a /": "/",
	}
	for arg := range want {
		got[arg] = cutOptions(arg)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("cutOptions (-want +got):\n%s", diff)
	}
}

// No entry can break out of its line, whatever its name.
func FuzzListing(f *testing.F) {
	view := viewOf(f, vfs.ViewOptions{Allow: vfs.PermAll})
	f.Add("plain.txt", int64(1), int64(0))
	f.Add("with space", int64(-1), int64(1<<40))
	f.Fuzz(func(t *testing.T, name string, size, unix int64) {
		p, err := vfs.Path{}.Child(name)
		if err != nil {
			t.Skip("no path can hold the name")
		}
		info := vfs.Info{Name: p.Base(), Type: vfs.TypeFile, Size: size, ModTime: time.Unix(unix%(1<<40), 0)}
		s := &session{par: parameters{facts: factNames()}, login: login{view: view, account: &auth.Account{User: &tenant.User{}}}}
		dos := &session{login: login{account: &auth.Account{User: &tenant.User{Dialect: tenant.Dialect{DOSList: true}}}}}
		for _, format := range []func(vfs.Info) string{
			newLister(s, &listing{verb: "LIST"}), newLister(s, &listing{verb: "NLST"}), newLister(s, &listing{verb: "MLSD"}),
			newLister(dos, &listing{verb: "LIST"}),
		} {
			got := format(info)
			if strings.ContainsAny(got, "\r\n\x00") || !strings.HasSuffix(got, name) {
				t.Errorf("line of %q = %q", name, got)
			}
		}
	})
}
