package azblob

import (
	"math"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/tidegate/tidegate/internal/observe/metrics"
	"github.com/tidegate/tidegate/internal/storemetrics"
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
	registry := metrics.New()
	m, began := storemetrics.New(registry, "azblob.files"), time.Now().Add(-time.Second)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://a.example/c/b", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	attempted(m, req, &http.Response{StatusCode: http.StatusServiceUnavailable}, began, 1)
	m.Retried(requestName(req))
	attempted(m, req, nil, began, 1)
	m.Retried(requestName(req))
	attempted(m, req, &http.Response{StatusCode: http.StatusOK}, began, 1)
	for name, want := range map[string]float64{
		"tidegate_store_requests_total": 3, "tidegate_store_request_duration_seconds": 3,
		"tidegate_store_retries_total": 2, "tidegate_store_throttled_total": 1,
	} {
		if got := math.Floor(registry.Sum(name)); got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	requests, _ := registry.Family("tidegate_store_requests_total")
	if !slices.ContainsFunc(requests.Samples, func(s metrics.Sample) bool {
		return slices.Equal(s.Values, []string{"azblob.files", "get_blob", "none"}) && s.Value == 1
	}) {
		t.Errorf("no request without an answer: %v", requests.Samples)
	}
}
