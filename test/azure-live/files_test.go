package azurelive

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/internal/testing/azstub"
)

// files is a container of an account, with what sends any request to it.
type files struct {
	account *account
	name    string
	sdk     *container.Client
	any     *blob.Client // signs what rewrite makes of its request
	wire    *counter
}

// newFiles makes an empty container.
func (a *account) newFiles(t *testing.T) *files {
	t.Helper()
	f := &files{account: a, name: a.container(t), wire: &counter{account: a, transport: &http.Transport{}}}
	t.Cleanup(f.wire.CloseIdleConnections)
	o := &container.ClientOptions{ClientOptions: azcore.ClientOptions{
		Transport: &http.Client{Transport: f.wire},
		Retry:     policy.RetryOptions{MaxRetries: -1},
	}}
	f.sdk = a.client(t, a.url+"/"+f.name, o)
	rewritten := *o
	rewritten.PerCallPolicies = []policy.Policy{rewrite{}}
	f.any = a.client(t, a.url+"/"+f.name, &rewritten).NewBlobClient("any")
	return f
}

// Open implements requests.Container: it counts all that the backend sends.
func (f *files) Open(t *testing.T, o azblob.Options) *azblob.Backend {
	t.Helper()
	o.Transport = f.wire
	return f.open(t, o)
}

// open opens the container as a store.
func (f *files) open(t *testing.T, o azblob.Options) *azblob.Backend {
	t.Helper()
	o.ContainerURL, o.SharedKey, o.Token, o.DFSEndpoint = f.account.url+"/"+f.name, f.account.key, f.account.token, f.account.dfs
	b, err := azblob.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := b.Probe(t.Context(), azblob.NamespaceAuto); err != nil {
		t.Fatal(err)
	}
	return b
}

// Counts implements requests.Container.
func (f *files) Counts() azstub.Counts { return f.wire.counts() }

// Place implements requests.Container.
func (f *files) Place(t *testing.T, name string, b azstub.Blob) {
	t.Helper()
	if b.Metadata["hdi_isfolder"] != "" && f.account.hns {
		f.dfs(t, http.MethodPut, name+"?resource=directory", nil).want(t, http.StatusCreated)
		return
	}
	header := http.Header{"X-Ms-Blob-Type": {"BlockBlob"}}
	for key, value := range b.Metadata {
		header.Set("x-ms-meta-"+key, value)
	}
	if b.Headers.ContentMD5 != nil {
		header.Set("x-ms-blob-content-md5", base64.StdEncoding.EncodeToString(b.Headers.ContentMD5))
	}
	if b.Blocks == nil {
		f.blob(t, http.MethodPut, name, header, string(b.Content)).want(t, http.StatusCreated)
		return
	}
	header.Del("x-ms-blob-type")
	list, at := new(strings.Builder), int64(0)
	for _, block := range b.Blocks {
		f.blob(t, http.MethodPut, name+"?comp=block&blockid="+url.QueryEscape(block.ID), nil, string(b.Content[at:at+block.Size])).want(t, http.StatusCreated)
		fmt.Fprintf(list, "<Latest>%s</Latest>", block.ID)
		at += block.Size
	}
	f.blob(t, http.MethodPut, name+"?comp=blocklist", header, "<BlockList>"+list.String()+"</BlockList>").want(t, http.StatusCreated)
}

// answer is what the service says.
type answer struct {
	status int
	code   string // of the error
	header http.Header
	body   string
}

// String is "ok", or the status and the code.
func (a answer) String() string {
	if a.status < 300 {
		return "ok"
	}
	return fmt.Sprintf("%d %s", a.status, a.code)
}

func (a answer) want(t *testing.T, status int) {
	t.Helper()
	if a.status != status {
		t.Fatalf("the answer is %d %s: %s", a.status, a.code, a.body)
	}
}

// blob sends a request about a blob, or about the container when below begins with "?".
func (f *files) blob(t *testing.T, method, below string, header http.Header, body string) answer {
	t.Helper()
	return f.send(t, f.account.url, method, below, header, body)
}

// dfs sends a request to the Data Lake endpoint.
func (f *files) dfs(t *testing.T, method, below string, header http.Header) answer {
	t.Helper()
	return f.send(t, f.account.dfs, method, below, header, "")
}

// write appends to a file over the Data Lake endpoint.
func (f *files) write(t *testing.T, below, body string) answer {
	t.Helper()
	return f.send(t, f.account.dfs, http.MethodPatch, below, nil, body)
}

// send signs and sends any request. The path is escaped segment by segment.
func (f *files) send(t *testing.T, at, method, below string, header http.Header, body string) answer {
	t.Helper()
	name, query, _ := strings.Cut(below, "?")
	segments := strings.Split(name, "/")
	for i, segment := range segments {
		segments[i] = url.PathEscape(segment)
	}
	to := at + "/" + f.name
	if name != "" {
		to += "/" + strings.Join(segments, "/")
	}
	if query != "" {
		to += "?" + query
	}
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	var resp *http.Response
	ctx := policy.WithCaptureResponse(t.Context(), &resp)
	ctx = context.WithValue(ctx, rewriteKey{}, rewritten{method, u, header, body})
	if _, err := f.any.GetProperties(ctx, nil); resp == nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header.Get("x-ms-error-code"), resp.Header, string(text)}
}

// rewrite changes a request of the SDK into another request before the SDK signs it: the SDK can
// sign with each kind of credential, but it has no requests to the Data Lake endpoint.
type rewrite struct{}

type rewriteKey struct{}

type rewritten struct {
	method string
	url    *url.URL
	header http.Header
	body   string
}

func (rewrite) Do(r *policy.Request) (*http.Response, error) {
	to, _ := r.Raw().Context().Value(rewriteKey{}).(rewritten)
	raw := r.Raw()
	raw.Method, raw.URL, raw.Host = to.method, to.url, to.url.Host
	if err := r.SetBody(streaming.NopCloser(bytes.NewReader([]byte(to.body))), ""); err != nil {
		return nil, err
	}
	for name, values := range to.header {
		raw.Header[name] = values
	}
	return r.Next()
}

// counter is a transport that counts requests and looks at answers.
type counter struct {
	account   *account
	transport *http.Transport

	mu  sync.Mutex
	all azstub.Counts
}

func (c *counter) RoundTrip(r *http.Request) (*http.Response, error) {
	c.count(r)
	resp, err := c.transport.RoundTrip(r)
	if err == nil {
		c.account.seen.observe(resp)
	}
	return resp, err
}

func (c *counter) count(r *http.Request) {
	for _, at := range []string{c.account.url, c.account.dfs} {
		base, err := url.Parse(at)
		if at == "" || err != nil || base.Host != r.URL.Host {
			continue
		}
		kind := azstub.KindOf(r, strings.TrimPrefix(r.URL.EscapedPath(), base.EscapedPath()), at == c.account.dfs)
		c.mu.Lock()
		c.all[kind]++
		c.mu.Unlock()
		return
	}
}

func (c *counter) counts() azstub.Counts {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.all
}

// CloseIdleConnections ends what net/http keeps.
func (c *counter) CloseIdleConnections() { c.transport.CloseIdleConnections() }
