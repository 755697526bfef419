package azblob_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/vfs"
)

// TestCopyKeeps: a copy has all that its source has, but a time and an identity
// of its own.
func TestCopyKeeps(t *testing.T) {
	s := azstub.Start(t, azstub.Options{})
	b := openStub(t, s, small())
	headers := azstub.Headers{
		ContentType: "text/plain", CacheControl: "max-age=1", ContentEncoding: "identity", ContentLanguage: "de", ContentDisposition: "inline",
		ContentMD5: []byte("0123456789abcdef"),
	}
	place(t, s, map[string]azstub.Blob{
		"from": {
			Content: []byte("content"), Headers: headers, Metadata: map[string]string{
				"owner": "somebody", "mtime": "2001-02-03T04:05:06Z", "tidegate_upload": "the first", "tidegate_crc64nvme": "0123456789abcdef",
			},
		},
		"timed": {Content: []byte("content"), Metadata: map[string]string{"mtime": "2001-02-03T04:05:06Z"}},
	})
	for name, o := range map[string]vfs.CopyOptions{"now": {}, "then": {ModTime: time.Unix(1e9, 5)}} {
		info, err := b.Copy(t.Context(), vfs.MustParse("/from"), vfs.MustParse("/to/"+name), o)
		if err != nil {
			t.Fatal(err)
		}
		if info.MD5 != "0123456789abcdef" || info.Size != 7 || info.Version == "" {
			t.Errorf("the copy is %+v", info)
		}
		got, _ := s.Blob(testContainer, "to/"+name)
		if diff := cmp.Diff(got.Headers, headers); diff != "" {
			t.Errorf("%s: headers, got -, want +:\n%s", name, diff)
		}
		if id := got.Metadata["tidegate_upload"]; id == "" || id == "the first" {
			t.Errorf("%s: the copy has the identity %q", name, id)
		}
		delete(got.Metadata, "tidegate_upload")
		want := map[string]string{"owner": "somebody", "tidegate_crc64nvme": "0123456789abcdef"}
		if !o.ModTime.IsZero() {
			want["mtime"] = "2001-09-09T01:46:40.000000005Z"
		}
		if diff := cmp.Diff(got.Metadata, want); diff != "" {
			t.Errorf("%s: metadata, got -, want +:\n%s", name, diff)
		}
	}
	// The service copies all metadata when it is given none.
	info, err := b.Copy(t.Context(), vfs.MustParse("/timed"), vfs.MustParse("/copy"), vfs.CopyOptions{})
	if err != nil || time.Since(info.ModTime).Abs() > time.Hour {
		t.Errorf("the copy is %+v, %v", info, err)
	}
}

// TestCopyLocked: what keeps the service from copying is said.
func TestCopyLocked(t *testing.T) {
	s := azstub.Start(t, azstub.Options{})
	b := openStub(t, s, small())
	place(t, s, map[string]azstub.Blob{
		"file":      {Content: []byte("new")},
		"archived":  {Content: []byte("x"), Tier: "Archive"},
		"immutable": {Content: []byte("x"), Immutable: true},
	})
	for _, test := range []struct{ from, to, want string }{
		{"/archived", "/new", "file is archived"},
		{"/archived", "/file", "file is archived"},
		{"/file", "/immutable", "file is protected by an immutability policy"},
	} {
		_, err := b.Copy(t.Context(), vfs.MustParse(test.from), vfs.MustParse(test.to), vfs.CopyOptions{})
		wantKind(t, err, vfs.KindLocked)
		if got := vfs.ReasonOf(err); got != test.want {
			t.Errorf("%s to %s: %q, want %q", test.from, test.to, got, test.want)
		}
	}
	wantNames(t, b, "/", "archived", "file", "immutable")
	if _, err := b.Copy(t.Context(), vfs.MustParse("/immutable"), vfs.MustParse("/new"), vfs.CopyOptions{}); err != nil {
		t.Errorf("the source is immutable: %v", err)
	}
}

// TestCopyFaults: whatever happens to the request, what is said of the copy is
// true.
func TestCopyFaults(t *testing.T) {
	old, content := []byte("old"), []byte("content")
	head, request := []azstub.Kind{azstub.HeadBlob}, []azstub.Kind{azstub.CopyBlob}
	tests := []struct {
		name      string
		noReplace bool // and nothing is there
		rules     []azstub.Rule
		want      vfs.Kind // 0 is success
		made      bool
	}{
		{name: "busy", rules: []azstub.Rule{{Kinds: request, Times: 2, Fault: azstub.ServerBusy()}}, made: true},
		{name: "busy for ever", rules: []azstub.Rule{{Kinds: request, Fault: azstub.ServerBusy()}}, want: vfs.KindUnavailable},
		{name: "refused", rules: []azstub.Rule{{Kinds: request, Fault: azstub.Fail(azstub.BeforeBody(), 403, "AuthorizationFailure")}}, want: vfs.KindUnavailable},
		{name: "leased", rules: []azstub.Rule{{Kinds: request, Fault: azstub.Fail(azstub.BeforeBody(), 412, "LeaseIdMissing")}}, want: vfs.KindLocked},
		{name: "source changed", rules: []azstub.Rule{{Kinds: request, Fault: azstub.Fail(azstub.BeforeBody(), 412, "SourceConditionNotMet")}}, want: vfs.KindConflict},
		{name: "source changed, no replace", noReplace: true, rules: []azstub.Rule{{Kinds: request, Fault: azstub.Fail(azstub.BeforeBody(), 412, "SourceConditionNotMet")}}, want: vfs.KindConflict},
		{name: "source gone", rules: []azstub.Rule{{Kinds: request, Fault: azstub.Fail(azstub.BeforeBody(), 404, "CannotVerifyCopySource")}}, want: vfs.KindNotExist},
		{name: "answer lost", rules: []azstub.Rule{{Kinds: request, Times: 1, Fault: azstub.LostAnswer()}}, made: true},
		{name: "answer lost, no replace", noReplace: true, rules: []azstub.Rule{{Kinds: request, Times: 1, Fault: azstub.LostAnswer()}}, made: true},
		{name: "every answer lost", rules: []azstub.Rule{{Kinds: request, Fault: azstub.LostAnswer()}}, made: true},
		{name: "every answer lost, no replace", noReplace: true, rules: []azstub.Rule{{Kinds: request, Fault: azstub.LostAnswer()}}, made: true},
		{name: "answer lost and nobody to ask", rules: []azstub.Rule{
			{Kinds: request, Fault: azstub.LostAnswer()},
			{Kinds: head, Skip: 1, Fault: azstub.ServerBusy()},
		}, want: vfs.KindUnavailable, made: true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := azstub.Start(t, azstub.Options{})
			b := openStub(t, s, small())
			place(t, s, map[string]azstub.Blob{"from": {Content: content}})
			if !test.noReplace {
				place(t, s, map[string]azstub.Blob{"to": {Content: old}})
			}
			for _, rule := range test.rules {
				s.AddRule(rule)
			}
			info, err := b.Copy(t.Context(), vfs.MustParse("/from"), vfs.MustParse("/to"), vfs.CopyOptions{NoReplace: test.noReplace})
			if test.want != 0 {
				wantKind(t, err, test.want)
			} else if err != nil {
				t.Fatal(err)
			}
			wantContent(t, s, "from", content)
			switch blob, there := s.Blob(testContainer, "to"); {
			case test.made:
				wantContent(t, s, "to", content)
				if err == nil && info.Version != strings.Trim(blob.ETag, `"`) {
					t.Errorf("version %q, want that of %q", info.Version, blob.ETag)
				}
			case test.noReplace:
				if there {
					t.Error("the target is there")
				}
			default:
				wantContent(t, s, "to", old)
			}
		})
	}
}

// TestCopyCanceled ends the context while the request is under way: nobody can
// know whether it will be carried out.
func TestCopyCanceled(t *testing.T) {
	for name, o := range map[string]vfs.CopyOptions{"replacing": {}, "no replace": {NoReplace: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := azstub.Start(t, azstub.Options{})
			b := openStub(t, s, small())
			place(t, s, map[string]azstub.Blob{"from": {Content: []byte("content")}})
			late := make(chan struct{})
			s.AddRule(azstub.Rule{Kinds: []azstub.Kind{azstub.CopyBlob}, Times: 1, Fault: azstub.Late(late)})
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				_ = s.Wait(t.Context(), func(c azstub.Counts) bool { return c[azstub.CopyBlob] > 0 })
				cancel()
			}()
			_, err := b.Copy(ctx, vfs.MustParse("/from"), vfs.MustParse("/to"), o)
			wantKind(t, err, vfs.KindUnavailable)
			close(late)
			if err := s.Idle(t.Context()); err != nil {
				t.Fatal(err)
			}
			wantContent(t, s, "to", []byte("content"))
		})
	}
}
