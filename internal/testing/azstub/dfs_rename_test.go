package azstub_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/sas"
	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/internal/testing/azstub"
)

func rename(t *testing.T, s *azstub.Server, from, to string, headers ...string) response {
	t.Helper()
	return exchangeDFS(t, s, "PUT", s.DFSURL()+"/files/"+to, append(headers, "x-ms-rename-source: /files/"+from)...)
}

func TestRename(t *testing.T) {
	t.Parallel()
	const alone = "If-None-Match: *"
	for _, tc := range []struct {
		name     string
		from, to string
		header   string
		want     string
		left     []string // nil: as before
	}{
		{"a file", "f", "d/g", "", "201", []string{"d/", "e/", "d/g", "d/x", "g"}},
		{"a file over a file", "f", "g", "", "201", []string{"d/", "e/", "d/x", "g"}},
		{"a file over a file that must not be there", "f", "g", alone, "409 PathAlreadyExists", nil},
		{"a file over another version", "f", "g", `If-Match: "0x1"`, "412 ConditionNotMet", nil},
		{"a file over a version of what is not there", "f", "h", `If-Match: "0x1"`, "412 ConditionNotMet", nil},
		{"another version", "f", "h", `x-ms-source-if-match: "0x1"`, "412 SourceConditionNotMet", nil},
		{"a file over a directory", "f", "e", "", "409 InvalidSourceOrDestinationResourceType", nil},
		{"a file below a file", "f", "g/h", "", "409 InvalidDestinationPath", nil},
		{"into a directory that is not there", "f", "none/f", "", "404 RenameDestinationParentPathNotFound", nil},
		{"nothing", "none", "h", "", "404 SourcePathNotFound", nil},
		{"a file to itself", "f", "f", "", "409 InvalidRenameSourcePath", nil},
		{"a directory", "d", "e/d2", alone, "201", []string{"e/", "e/d2/", "e/d2/x", "f", "g"}},
		{"a directory over a file", "d", "f", "", "409 InvalidSourceOrDestinationResourceType", nil},
		{"a directory into itself", "d", "d/d", "", "409 InvalidRenameSourcePath", nil},
		{"a directory that shares a prefix", "d", "d-2", alone, "201", []string{"d-2/", "e/", "d-2/x", "f", "g"}},
		{"a directory to a directory", "d", "e", "", "201", []string{"e/", "e/d/", "e/d/x", "f", "g"}},
		{"a directory to one that must not be there", "d", "e", alone, "409 PathAlreadyExists", nil},
		{"a directory over an empty one", "d", "e?mode=legacy", "", "201", []string{"e/", "e/x", "f", "g"}},
		{"a directory over a full one", "e", "d?mode=legacy", "", "409 DirectoryNotEmpty", nil},
		{"empty segments", "/d//x/", "/e//y", "", "201", []string{"d/", "e/", "e/y", "f", "g"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := tree(t, azstub.Options{}, "d/x", "e/", "f", "g")
			if tc.left == nil {
				tc.left = entries(s)
			}
			var headers []string
			if tc.header != "" {
				headers = append(headers, tc.header)
			}
			before, _ := s.Blob("files", "f")
			r := rename(t, s, tc.from, tc.to, headers...)
			r.want(t, tc.want)
			if diff := cmp.Diff(tc.left, entries(s)); diff != "" {
				t.Error(diff)
			}
			if r.status == 201 && (r.header.Get("ETag") != "" || r.header.Get("Last-Modified") != "") {
				t.Errorf("the answer has %v", r.header)
			}
			if tc.name == "a file over a file" {
				if g, _ := s.Blob("files", "g"); string(g.Content) != "f" || g.ETag != before.ETag {
					t.Errorf("the file has become %+v", g)
				}
			}
			// Whatever has moved, a directory can be removed when nothing is in it, and else not.
			for _, dir := range s.Directories("files") {
				want := "200"
				if slices.ContainsFunc(entries(s), func(name string) bool { return strings.HasPrefix(name, dir+"/") && name != dir+"/" }) {
					want = "409 DirectoryNotEmpty"
				}
				exchangeDFS(t, s, "DELETE", s.DFSURL()+"/files/"+dir+"?recursive=false").want(t, want)
			}
		})
	}
}

// TestRenameChangesETag is an account that gives what it moves a new ETag.
func TestRenameChangesETag(t *testing.T) {
	t.Parallel()
	s := tree(t, azstub.Options{RenameStamps: true}, "d/x")
	before, _ := s.Blob("files", "d/x")
	rename(t, s, "d", "e").want(t, "201")
	if after, ok := s.Blob("files", "e/x"); !ok || after.ETag == before.ETag {
		t.Errorf("got %+v", after)
	}
}

// TestRenameSource writes the source as a URL demands it, and otherwise.
func TestRenameSource(t *testing.T) {
	t.Parallel()
	names := []string{"a b", "a+b", "100%", "ä ö", "a?b", "a#b", "a&b=c", "~!$'()*,;:@"}
	s := tree(t, azstub.Options{}, names...)
	for _, name := range names {
		rename(t, s, url.PathEscape(name), "moved").want(t, "201")
		if b, _ := s.Blob("files", "moved"); string(b.Content) != name {
			t.Errorf("%q: moved %q", name, b.Content)
		}
	}
	wantNoError(t, s.Place("files", "a b", azstub.Blob{}))
	for _, raw := range []string{"a b", "ä", "100%", "a#b", ""} {
		rename(t, s, raw, "moved").want(t, "400 InvalidSourceUri")
	}
	rename(t, s, "a+b", "moved").want(t, "404 SourcePathNotFound") // a plus is no space
}

// TestRenameCredentials sends what the SDK signs.
func TestRenameCredentials(t *testing.T) {
	t.Parallel()
	s, right := start(t, azstub.Options{HNS: true, TLS: true})
	signed, err := right.GetSASURL(sas.ContainerPermissions{Read: true, Write: true, Delete: true}, s2099, nil)
	wantNoError(t, err)
	_, signature, _ := strings.Cut(signed, "?")
	key, err := container.NewSharedKeyCredential(azstub.DevAccount, azstub.DevKey)
	wantNoError(t, err)
	wrong, err := container.NewSharedKeyCredential(azstub.DevAccount, "d3Jvbmc=")
	wantNoError(t, err)
	target, o := s.DFSURL()+"/files/to", clientOptions(t, s)
	made := func(c *blockblob.Client, err error) *blockblob.Client {
		t.Helper()
		wantNoError(t, err)
		return c
	}
	source := new(renamePolicy)
	o.PerCallPolicies = []policy.Policy{source}
	blobOptions := &blockblob.ClientOptions{ClientOptions: o.ClientOptions}
	for _, tc := range []struct {
		name, query string
		client      *blockblob.Client
		status      int
		code        string
	}{
		{"key", "", made(blockblob.NewClientWithSharedKeyCredential(target, key, blobOptions)), 0, ""},
		{"wrong key", "", made(blockblob.NewClientWithSharedKeyCredential(target, wrong, blobOptions)), 403, "AuthenticationFailed"},
		{"token", "", made(blockblob.NewClient(target, token{}, blobOptions)), 0, ""},
		{"signatures of both", "?" + signature, made(blockblob.NewClientWithNoCredential(target+"?"+signature, blobOptions)), 0, ""},
		{"source without signature", "", made(blockblob.NewClientWithNoCredential(target+"?"+signature, blobOptions)), 403, "AuthenticationFailed"},
		{"nothing", "", made(blockblob.NewClientWithNoCredential(target, blobOptions)), 401, "NoAuthenticationInformation"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			wantNoError(t, s.Place("files", "from", azstub.Blob{}))
			source.source = "/files/from" + tc.query
			_, err := tc.client.Upload(t.Context(), body(nil), nil)
			if tc.status == 0 {
				wantNoError(t, err)
				return
			}
			wantCode(t, err, tc.status, tc.code)
		})
	}
}

// renamePolicy makes a rename of what the SDK takes for a Put Blob.
type renamePolicy struct{ source string }

func (p *renamePolicy) Do(r *policy.Request) (*http.Response, error) {
	r.Raw().Header.Set("x-ms-rename-source", p.source)
	return r.Next()
}

// TestRenameFaults loses answers of renames and carries them out late, and counts them.
func TestRenameFaults(t *testing.T) {
	t.Parallel()
	s := tree(t, azstub.Options{}, "d/x")
	kinds := []azstub.Kind{azstub.RenamePath}
	remove := s.AddRule(azstub.Rule{Kinds: kinds, Container: "files", Blob: "e", Times: 1, Fault: azstub.LostAnswer()})
	put := func(to, from string) (response, error) {
		return send(t, s, "PUT", s.DFSURL()+"/files/"+to, "", "x-ms-rename-source: /files/"+from)
	}
	if r, err := put("e", "d"); err == nil {
		t.Fatalf("an answer: %s", r)
	}
	remove()
	if diff := cmp.Diff([]string{"e/", "e/x"}, entries(s)); diff != "" {
		t.Error(diff)
	}
	s.AddRule(azstub.Rule{Kinds: kinds, Times: 1, Fault: azstub.ServerBusy()})
	r, err := put("f", "e")
	wantNoError(t, err)
	r.want(t, "503 ServerBusy")
	until := make(chan struct{})
	s.AddRule(azstub.Rule{Kinds: kinds, Times: 1, Fault: azstub.Hold(until)})
	done := make(chan response, 1)
	go func() {
		r, _ := put("f", "e")
		done <- r
	}()
	wantNoError(t, s.Wait(t.Context(), func(c azstub.Counts) bool { return c[azstub.RenamePath] == 3 }))
	if diff := cmp.Diff([]string{"e/", "e/x"}, entries(s)); diff != "" {
		t.Errorf("held: %s", diff)
	}
	close(until)
	(<-done).want(t, "201")
	if diff := cmp.Diff([]string{"f/", "f/x"}, entries(s)); diff != "" {
		t.Error(diff)
	}
	if got := s.Counts().String(); got != "RenamePath 3" {
		t.Errorf("counted %s", got)
	}
}

// TestRenameIsAtomic lists while a directory is renamed to and fro: each listing shows all of
// it, under one name.
func TestRenameIsAtomic(t *testing.T) {
	t.Parallel()
	names := []string{"a/1", "a/2", "a/sub/3"}
	s := tree(t, azstub.Options{}, names...)
	var renames sync.WaitGroup
	end := time.Now().Add(50 * time.Millisecond)
	renames.Go(func() {
		for from, to := "a", "b"; time.Now().Before(end); from, to = to, from {
			rename(t, s, from, to).want(t, "201")
		}
	})
	for time.Now().Before(end) {
		text := rawList(t, s, "showonly=files")
		if a, b := strings.Count(text, "<Name>a/"), strings.Count(text, "<Name>b/"); a+b != len(names) || a*b != 0 {
			t.Fatalf("a listing shows %d files below a and %d below b", a, b)
		}
	}
	renames.Wait()
}
