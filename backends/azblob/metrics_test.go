package azblob

import (
	"net/http"
	"testing"

	"github.com/tidegate/tidegate/internal/observe/metrics"
)

// Requests are counted by what they ask for, with the number of the answer.
func TestRequestNames(t *testing.T) {
	for _, test := range []struct{ method, query, want string }{
		{http.MethodGet, "", "get_blob"},
		{http.MethodHead, "", "get_blob_properties"},
		{http.MethodPut, "", "put_blob"},
		{http.MethodPut, "timeout=60", "put_blob"},
		{http.MethodDelete, "", "delete_blob"},
		{http.MethodPut, "comp=block&blockid=x", "put_block"},
		{http.MethodPut, "comp=blocklist", "put_block_list"},
		{http.MethodGet, "comp=blocklist", "get_block_list"},
		{http.MethodGet, "comp=list&restype=container", "list_blobs"},
		{http.MethodPut, "comp=metadata", "set_metadata"},
		{http.MethodGet, "comp=tags", "get_tags"},
		{http.MethodGet, "restype=container", "other"},
		{http.MethodOptions, "", "other"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), test.method, "https://a.example/c/b?"+test.query, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if got := requestName(req); got != test.want {
			t.Errorf("%s ?%s is %s, want %s", test.method, test.query, got, test.want)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "https://a.example/c/b", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("x-ms-copy-source", "https://a.example/c/a")
	if got := requestName(req); got != "copy_blob" {
		t.Errorf("a copy is %s", got)
	}
}

// Each attempt counts, and a refused one as throttled and as a retry.
func TestRequestMetrics(t *testing.T) {
	m := newRequestMetrics(Options{Name: "files", Metrics: metrics.New()})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://a.example/c/b", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	m.attempt(req, &http.Response{StatusCode: http.StatusServiceUnavailable}, 1e9)
	m.retry(req)
	m.attempt(req, nil, 1e9)
	m.retry(req)
	m.attempt(req, &http.Response{StatusCode: http.StatusOK}, 1e9)
	for name, want := range map[string]float64{
		"tidegate_store_requests_total": 3, "tidegate_store_request_duration_seconds": 3,
		"tidegate_store_retries_total": 2, "tidegate_store_throttled_total": 1,
	} {
		if got := m.registry.Sum(name); got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	if n := m.registry.Counter(requestsTotal, "azblob.files", "get_blob", "none").Value(); n != 1 {
		t.Errorf("%d requests without an answer", n)
	}
}
