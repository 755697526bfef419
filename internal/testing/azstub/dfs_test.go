package azstub_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/internal/testing/azstub"
)

// tree runs an account with a hierarchical namespace that asks for no credentials, with files
// in the container "files".
func tree(t *testing.T, opts azstub.Options, names ...string) *azstub.Server {
	t.Helper()
	opts.HNS, opts.Auth = true, azstub.NoAuth
	s := azstub.Start(t, opts)
	s.CreateContainer("files")
	for _, name := range names {
		wantNoError(t, s.Place("files", name, azstub.Blob{Content: []byte(name), Directory: strings.HasSuffix(name, "/")}))
	}
	return s
}

// response is what a raw request got.
type response struct {
	status int
	code   string
	header http.Header
	body   string
}

// exchangeDFS sends a request with headers "Name: value".
func exchangeDFS(t *testing.T, s *azstub.Server, method, url string, headers ...string) response {
	t.Helper()
	r, err := send(t, s, method, url, "", headers...)
	wantNoError(t, err)
	return r
}

func send(t *testing.T, s *azstub.Server, method, url, content string, headers ...string) (response, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(content))
	wantNoError(t, err)
	r.Header.Set("x-ms-version", "2023-11-03")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	hc, err := s.Client()
	wantNoError(t, err)
	resp, err := hc.Do(r)
	if err != nil {
		return response{}, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return response{resp.StatusCode, resp.Header.Get("x-ms-error-code"), resp.Header, string(text)}, err
}

func (r response) String() string { return strings.TrimSpace(fmt.Sprint(r.status, " ", r.code)) }

func (r response) want(t *testing.T, want string) {
	t.Helper()
	if r.String() != want {
		t.Errorf("got %s, want %s", r, want)
	}
}

// entries are the files and, with a slash at the end, the directories of a container.
func entries(s *azstub.Server) []string {
	var all []string
	for _, name := range s.Directories("files") {
		all = append(all, name+"/")
	}
	return append(all, s.Names("files")...)
}

func TestMakeAndRemoveDirectories(t *testing.T) {
	t.Parallel()
	s := tree(t, azstub.Options{}, "file", "full/x")
	at := func(path string) string { return s.DFSURL() + "/files/" + path }
	const alone = "If-None-Match: *"
	for _, step := range []struct {
		method, path, header, want string
	}{
		{"PUT", "new?resource=directory", alone, "201"},
		{"PUT", "new?resource=directory", alone, "409 PathAlreadyExists"},
		{"PUT", "new?resource=directory", "", "201"},
		{"PUT", "full?resource=directory", "", "201"}, // and the content stays
		{"PUT", "deep/er/dir?resource=directory", alone, "201"},
		{"PUT", "file?resource=directory", alone, "409 PathAlreadyExists"},
		{"PUT", "file?resource=directory", "", "409 PathConflict"},
		{"PUT", "file/below?resource=directory", alone, "409 PathConflict"},
		{"PUT", "full?resource=file", "", "409 PathConflict"},
		{"PUT", "made?resource=file", alone, "201"},
		{"DELETE", "full", "", "400 MissingRequiredQueryParameter"},
		{"DELETE", "full?recursive=false", "", "409 DirectoryNotEmpty"},
		{"DELETE", "full?recursive=false", `If-Match: "0x1"`, "412 ConditionNotMet"},
		{"DELETE", "none?recursive=false", "", "404 PathNotFound"},
		{"DELETE", "new?recursive=false", "", "200"},
		{"DELETE", "made", "", "200"},
		{"DELETE", "deep?recursive=true", "", "200"},
		{"HEAD", "full", "", "200"},
		{"HEAD", "new", "", "404 PathNotFound"},
	} {
		var headers []string
		if step.header != "" {
			headers = append(headers, step.header)
		}
		r := exchangeDFS(t, s, step.method, at(step.path), headers...)
		if r.String() != step.want {
			t.Errorf("%s %s %s: got %s, want %s", step.method, step.path, step.header, r, step.want)
		}
	}
	if diff := cmp.Diff([]string{"full/", "file", "full/x"}, entries(s)); diff != "" {
		t.Error(diff)
	}
	r := exchangeDFS(t, s, "DELETE", at("none"))
	var failure struct {
		Error struct{ Code, Message string }
	}
	if err := json.Unmarshal([]byte(r.body), &failure); err != nil || failure.Error.Code != "PathNotFound" || failure.Error.Message == "" {
		t.Errorf("the answer of a failure is %s", r.body)
	}
}

// TestRemoveInPages removes a directory with more entries than a page has.
func TestRemoveInPages(t *testing.T) {
	t.Parallel()
	s := tree(t, azstub.Options{Limits: azstub.Limits{Page: 2}}, "d/1", "d/2", "d/sub/3", "d/sub/4", "other")
	url := s.DFSURL() + "/files/d?recursive=true&paginated=true"
	for n, marker := 1, ""; ; n++ {
		r := exchangeDFS(t, s, "DELETE", url+"&continuation="+marker)
		r.want(t, "200")
		if marker = r.header.Get("x-ms-continuation"); marker == "" {
			if n != 3 {
				t.Errorf("%d requests", n)
			}
			break
		}
		if n == 3 {
			t.Fatal("it does not end")
		}
	}
	if diff := cmp.Diff([]string{"other"}, entries(s)); diff != "" {
		t.Error(diff)
	}
}

func TestHeadPath(t *testing.T) {
	t.Parallel()
	s := tree(t, azstub.Options{}, "d/file")
	for path, want := range map[string]string{
		"?resource=filesystem":           "200",
		"d/file":                         "200",
		"d":                              "200",
		"d?action=getAccessControl":      "200",
		"?action=getAccessControl":       "200",
		"none":                           "404 PathNotFound",
		"d?action=checkAccess&fsAction=": "400 InvalidQueryParameterValue",
	} {
		if r := exchangeDFS(t, s, "HEAD", s.DFSURL()+"/files/"+path); r.String() != want {
			t.Errorf("HEAD %q: got %s, want %s", path, r, want)
		}
	}
	exchangeDFS(t, s, "HEAD", s.DFSURL()+"/other?resource=filesystem").want(t, "404 FilesystemNotFound")
	for url, want := range map[string][3]string{
		s.DFSURL() + "/files/d/file": {"file", "rw-r-----", "6"},
		s.URL() + "/files/d/file":    {"file", "rw-r-----", "6"},
		s.DFSURL() + "/files/d":      {"directory", "rwxr-x---", "0"},
		s.URL() + "/files/d":         {"directory", "rwxr-x---", "0"},
	} {
		h := exchangeDFS(t, s, "HEAD", url).header
		got := [3]string{h.Get("x-ms-resource-type"), h.Get("x-ms-permissions"), h.Get("Content-Length")}
		if got != want || h.Get("x-ms-owner") != azstub.Superuser || h.Get("x-ms-group") == "" || !strings.HasPrefix(h.Get("x-ms-acl"), "user::rw") {
			t.Errorf("HEAD %s: %v", url, h)
		}
		old := exchangeDFS(t, s, "HEAD", url, "x-ms-version: 2021-12-02")
		if old.header.Get("x-ms-acl") != "" {
			t.Errorf("HEAD %s: an old version has an ACL", url)
		}
	}
}

// TestFlatHasNoDFS: a flat account says that it is one, and has no other port.
func TestFlatHasNoDFS(t *testing.T) {
	t.Parallel()
	s := azstub.Start(t, azstub.Options{Auth: azstub.NoAuth})
	if url := s.DFSURL(); url != "" {
		t.Errorf("a flat account has a Data Lake endpoint at %s", url)
	}
}
