package mediatype

import (
	"mime"
	"os"
	"regexp"
	"strings"
	"testing"
)

func TestByName(t *testing.T) {
	tests := []struct {
		name string
		file string
		want string
	}{
		{"image", "snap.jpg", "image/jpeg"},
		{"upper case", "DSC_0001.JPG", "image/jpeg"},
		{"mixed case", "clip.Mp4", "video/mp4"},
		{"with directories", "/cam/2024.05/a.png", "image/png"},
		{"dot in a directory only", "/cam.jpg/readme", ""},
		{"last extension counts", "backup.tar.gz", "application/gzip"},
		{"text has a charset", "app.log", "text/plain; charset=utf-8"},
		{"csv has a charset", "a.csv", "text/csv; charset=utf-8"},
		{"html says itself", "index.html", "text/html"},
		{"xml says itself", "a.xml", "application/xml"},
		{"json is always UTF-8", "a.json", "application/json"},
		{"transport stream", "seg1.ts", "video/mp2t"},
		{"playlist", "live.m3u8", "application/vnd.apple.mpegurl"},
		{"office", "a.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
		{"no extension", "README", ""},
		{"only a dot file", ".jpg", ""},
		{"dot file with extension", ".hidden.jpg", "image/jpeg"},
		{"trailing dot", "a.", ""},
		{"unknown", "a.qqq", ""},
		{"very long extension", "a." + strings.Repeat("x", 1<<16), ""},
		{"space before", "a b.pdf", "application/pdf"},
		{"empty", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := ByName(tt.file); got != tt.want {
				t.Errorf("ByName(%.60q) = %q, want %q", tt.file, got, tt.want)
			}
		})
	}
}

// The table is read from its source, so that a row that is added is checked.
func TestTableIsWellFormed(t *testing.T) {
	source, err := os.ReadFile("table.go")
	if err != nil {
		t.Fatal(err)
	}
	var extensions []string
	for _, line := range regexp.MustCompile(`(?m)^\tcase (.*):$`).FindAllSubmatch(source, -1) {
		for _, quoted := range strings.Split(string(line[1]), ", ") {
			extensions = append(extensions, strings.Trim(quoted, `"`))
		}
	}
	if len(extensions) < 200 {
		t.Fatalf("found %d extensions in table.go, want at least 200", len(extensions))
	}
	for _, ext := range extensions {
		got := ByName("file." + ext)
		if got == "" {
			t.Errorf("%q: cannot be reached: not in lower case or longer than maxExtension", ext)
			continue
		}
		full, params, err := mime.ParseMediaType(got)
		if err != nil || !strings.Contains(full, "/") {
			t.Errorf("%q: %q is no media type: %v", ext, got, err)
			continue
		}
		wantCharset := strings.HasPrefix(full, "text/") && full != "text/html"
		if has := params["charset"] == "utf-8"; has != wantCharset {
			t.Errorf("%q: %q: has charset=utf-8 is %t, want %t", ext, got, has, wantCharset)
		}
	}
}
