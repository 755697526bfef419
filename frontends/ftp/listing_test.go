package ftp

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/vfs"
)

func TestListLine(t *testing.T) {
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
	dir := vfs.Info{Name: "d", Type: vfs.TypeDir, ModTime: now}
	if got, want := listLine(dir, now), "drwxr-xr-x 1 ftp ftp             0 Jun 15 12:00 d"; got != want {
		t.Errorf("listLine = %q, want %q", got, want)
	}
}

func TestFacts(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 999, time.FixedZone("", 3600))
	for want, info := range map[string]vfs.Info{
		"type=file;size=7;modify=20260102020405;": {Type: vfs.TypeFile, Size: 7, ModTime: at},
		"type=dir;": {Type: vfs.TypeDir},
	} {
		if got := facts(info); got != want {
			t.Errorf("facts = %q, want %q", got, want)
		}
	}
}

func TestNewListing(t *testing.T) {
	tests := []struct {
		verb, arg string
		want      string
	}{
		{"LIST", "", "/cwd pattern= prefix="},
		{"LIST", "sub", "/cwd/sub pattern= prefix=sub/"},
		{"LIST", "/", "/ pattern= prefix=/"},
		{"NLST", "*.txt", "/cwd pattern=*.txt prefix="},
		{"NLST", "/a/b?", "/a pattern=b? prefix=/a/"},
		{"NLST", "/*", "/ pattern=* prefix=/"},
		{"NLST", "..", "/ pattern= prefix=../"},
		{"LIST", "a b", "/cwd/a b pattern= prefix=a b/"},
		{"LIST", "*/x", "/cwd/*/x pattern= prefix=*/x/"},
		{"MLSD", "*", "/cwd/* pattern= prefix=*/"},
	}
	for _, tt := range tests {
		l, err := newListing(tt.verb, "/cwd", tt.arg)
		if err != nil {
			t.Errorf("%s %q: %v", tt.verb, tt.arg, err)
			continue
		}
		if got := fmt.Sprintf("%s pattern=%s prefix=%s", l.dir, l.pattern, l.prefix); got != tt.want {
			t.Errorf("%s %q: %s, want %s", tt.verb, tt.arg, got, tt.want)
		}
	}
	if _, err := newListing("LIST", "/", "a\x00"); vfs.KindOf(err) != vfs.KindInvalid {
		t.Errorf("control character: %v, want %v", err, vfs.KindInvalid)
	}
}

func TestCutFlags(t *testing.T) {
	got := map[string]string{}
	want := map[string]string{
		"": "", "-la": "", "-l -a": "", "-a dir": "dir", "-al  my dir": "my dir", "-report.txt": "-report.txt", "dir -la": "dir -la",
		"-": "-", "-1 -z": "-z",
	}
	for arg := range want {
		got[arg] = cutFlags(arg)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("cutFlags (-want +got):\n%s", diff)
	}
}

// No entry can break out of its line, whatever its name.
func FuzzListing(f *testing.F) {
	f.Add("plain.txt", int64(1), int64(0))
	f.Add("with space", int64(-1), int64(1<<40))
	f.Fuzz(func(t *testing.T, name string, size, unix int64) {
		p, err := vfs.Path{}.Child(name)
		if err != nil {
			t.Skip("no path can hold the name")
		}
		info := vfs.Info{Name: p.Base(), Type: vfs.TypeFile, Size: size, ModTime: time.Unix(unix%(1<<40), 0)}
		for _, verb := range []string{"LIST", "NLST", "MLSD"} {
			got := newLister(verb, "")(info)
			if strings.ContainsAny(got, "\r\n\x00") || !strings.HasSuffix(got, name) {
				t.Errorf("%s line of %q = %q", verb, name, got)
			}
		}
	})
}
