package azblob

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
)

// dfs sends requests to the endpoint for Data Lake Storage ("dfs") of an account with a
// hierarchical namespace. It implements only the operations that the Blob endpoint lacks
// (dfs_requests.go).
//
// The requests go through a client of the Blob SDK for the same container at that endpoint.
// So they have the credentials, the signatures and all the policies of the other requests.
// dfsSender replaces the request that the SDK has made.
type dfs struct {
	client *container.Client
	// base is the URL of the container at the endpoint, without a query; sas is the query
	// that carries the credential, or "".
	base *url.URL
	sas  string
}

// newDFS returns the client for the container of s. endpoint is the URL of the account's
// endpoint for Data Lake Storage; "" derives it from that of the Blob service.
func newDFS(s *store, o Options) (*dfs, error) {
	at, err := url.Parse(s.container.URL())
	if err != nil {
		return nil, err
	}
	d := &dfs{sas: at.RawQuery}
	at.RawQuery = ""
	if d.base, err = dfsURL(at, o.DFSEndpoint); err != nil {
		return nil, err
	}
	if o.ConnectionString != "" {
		o.ConnectionString = atEndpoint(o.ConnectionString, strings.TrimSuffix(d.base.String(), "/"+o.ContainerURL))
	} else {
		o.ContainerURL = d.base.String()
		if d.sas != "" {
			o.ContainerURL += "?" + d.sas
		}
	}
	client := s.clientOptions(s.transport, o.Audience)
	client.PerCallPolicies = append([]policy.Policy{dfsSender{}}, client.PerCallPolicies...)
	d.client, err = newContainerClient(o, client)
	return d, err
}

// errNoDFS is the error when the URL of the Blob service does not show that of the endpoint.
var errNoDFS = errors.New("the account has a hierarchical namespace, and its endpoint for Data Lake Storage cannot be derived from that of the Blob service: " +
	`write dfs_endpoint = "https://NAME.dfs.…" in the backend's block`)

// dfsURL returns the URL of the container at the endpoint.
func dfsURL(atBlob *url.URL, endpoint string) (*url.URL, error) {
	if endpoint != "" {
		base, err := url.Parse(strings.TrimRight(endpoint, "/"))
		if err != nil {
			return nil, err
		}
		return base.JoinPath(path.Base(atBlob.Path)), nil
	}
	base := *atBlob
	if base.Host = strings.Replace(atBlob.Host, ".blob.", ".dfs.", 1); base.Host == atBlob.Host {
		return nil, errNoDFS
	}
	return &base, nil
}

// atEndpoint returns the connection string with another endpoint of the Blob service.
func atEndpoint(text, endpoint string) string {
	settings := slices.DeleteFunc(strings.Split(text, ";"), func(setting string) bool {
		name, _, _ := strings.Cut(setting, "=")
		return name == "" || name == "BlobEndpoint" || name == "DefaultEndpointsProtocol"
	})
	return strings.Join(append(settings, "BlobEndpoint="+endpoint), ";")
}

// dfsRequest is one request without a body.
type dfsRequest struct {
	method string
	name   string // of the file or directory, "" for the container
	query  url.Values
	header http.Header
}

type dfsKey struct{}

// do sends the request and returns the header of the answer. Errors are those of the SDK.
func (d *dfs) do(ctx context.Context, r dfsRequest) (http.Header, error) {
	at := *d.base
	at.RawQuery = r.query.Encode()
	if r.name != "" {
		at.RawPath = at.EscapedPath() + "/" + escapeName(r.name)
		at.Path += "/" + r.name
	}
	if d.sas != "" && at.RawQuery != "" {
		at.RawQuery += "&"
	}
	at.RawQuery += d.sas
	var answer *http.Response
	ctx = policy.WithCaptureResponse(context.WithValue(ctx, dfsKey{}, sentDFS{r, &at}), &answer)
	if _, err := d.client.NewBlobClient("-").GetProperties(ctx, &blob.GetPropertiesOptions{}); err != nil {
		return nil, err
	}
	return answer.Header, nil
}

// sentDFS is a request with its URL.
type sentDFS struct {
	dfsRequest
	at *url.URL
}

// dfsSender replaces the request of the SDK, a HEAD of a blob, by the one of the context. It
// precedes the policies that repeat and sign requests. The SDK expects the status of a HEAD.
type dfsSender struct{}

func (dfsSender) Do(req *policy.Request) (*http.Response, error) {
	r, ok := req.Raw().Context().Value(dfsKey{}).(sentDFS)
	if !ok {
		return req.Next()
	}
	raw := req.Raw()
	raw.Method, raw.URL, raw.Host = r.method, r.at, r.at.Host
	raw.Header["Accept"] = []string{"application/json"}
	maps.Copy(raw.Header, r.header)
	resp, err := req.Next()
	if err == nil && resp.StatusCode/100 == 2 {
		resp.StatusCode = http.StatusOK
	}
	return resp, err
}

// escapeName returns the name as a part of a URL. Everything is escaped that any program
// could take for something else, such as "+" for a space.
func escapeName(name string) string {
	return strings.NewReplacer("+", "%20", "%2F", "/").Replace(url.QueryEscape(name))
}
