package azblob

import (
	"net/http"
	"strconv"
	"time"

	"github.com/tidegate/tidegate/internal/storemetrics"
	"github.com/tidegate/tidegate/internal/tracing"
	"github.com/tidegate/tidegate/vfs"
)

// attempted counts one attempt that has got its answer now, and records its span. try counts
// from 1.
func attempted(m *storemetrics.Metrics, req *http.Request, resp *http.Response, began time.Time, try int) {
	vfs.NoteRequest(req.Context())
	result := "none"
	if resp != nil {
		result = strconv.Itoa(resp.StatusCode)
	}
	m.Ended(requestName(req), result, time.Since(began))
	if asksForLess(resp) {
		m.Throttled()
	}
	traceAttempt(m.Backend(), req, resp, began, try)
}

// traceAttempt records the span of an attempt, where the session that it is made for is traced. try
// counts from 1.
func traceAttempt(backend string, req *http.Request, resp *http.Response, began time.Time, try int) {
	if !tracing.Traced(req.Context()) {
		return
	}
	r := tracing.Request{
		Backend: backend, Name: requestName(req), Began: began,
		Method: req.Method, Host: req.URL.Hostname(), Resend: try - 1, Failure: "no_answer",
	}
	if resp != nil {
		r.Status, r.ID, r.Failure = resp.StatusCode, resp.Header.Get("x-ms-request-id"), failureOf(resp)
	}
	tracing.RecordRequest(req.Context(), r)
}

// failureOf returns the kind of failure that an answer reports, in one word. The answers that
// nothing is there, that something is there, or that a condition is not met are not failures:
// the request asked for that.
func failureOf(resp *http.Response) string {
	switch status := resp.StatusCode; status {
	case http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed:
		return ""
	default:
		if status < http.StatusBadRequest {
			return ""
		}
		return strconv.Itoa(status)
	}
}

// requestName returns the operation of the Blob service, or of Data Lake Storage, in its words.
func requestName(req *http.Request) string {
	query := req.URL.Query()
	comp := query.Get("comp")
	switch {
	case req.Header.Get("x-ms-rename-source") != "":
		return "rename_path"
	case query.Get("resource") == "directory":
		return "create_directory"
	case query.Get("resource") == "filesystem":
		return "get_filesystem"
	case query.Get("recursive") != "":
		return "delete_directory"
	case query.Get("action") == "setAccessControl":
		return "set_access_control"
	case req.Method == http.MethodPut && comp == "" && req.Header.Get("x-ms-copy-source") != "":
		return "copy_blob"
	case comp == "list":
		return "list_blobs"
	case comp == "block", comp == "blocklist":
		verb := map[string]string{http.MethodPut: "put", http.MethodGet: "get"}[req.Method]
		return verb + map[string]string{"block": "_block", "blocklist": "_block_list"}[comp]
	case comp == "metadata", comp == "properties", comp == "tags", comp == "tier", comp == "lease", comp == "snapshot", comp == "batch":
		verb := "set"
		if req.Method == http.MethodGet || req.Method == http.MethodHead {
			verb = "get"
		}
		return verb + "_" + comp
	case comp != "" || query.Get("restype") != "":
		return "other"
	}
	switch req.Method {
	case http.MethodGet:
		return "get_blob"
	case http.MethodHead:
		return "get_blob_properties"
	case http.MethodPut:
		return "put_blob"
	case http.MethodDelete:
		return "delete_blob"
	}
	return "other"
}
