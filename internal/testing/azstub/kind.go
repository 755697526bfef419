package azstub

import (
	"net/http"
	"net/url"
	"strings"
)

// Kind is the operation that a request asks for.
type Kind uint8

// The operations of the Blob service, and after them those of the Data Lake endpoint. Unknown
// stands for everything that the stub does not offer.
const (
	Unknown Kind = iota
	PutBlob
	PutBlobFromURL
	PutBlock
	PutBlockFromURL
	PutBlockList
	GetBlockList
	GetBlob
	HeadBlob
	ListBlobs
	CopyBlob
	CopyFromURL
	AbortCopy
	DeleteBlob
	SetMetadata
	SetProperties
	SetTier
	SnapshotBlob
	LeaseBlob
	CreateContainer
	DeleteContainer
	GetContainer
	ListContainers
	AccountInfo
	BatchDelete
	GetTags
	SetTags
	CreateDirectory
	CreateFile
	RenamePath
	DeletePath
	HeadPath
	HeadFilesystem
	AppendFile
	FlushFile
	SetAccess // permissions and ACL
	SetOwner  // owner or group, with permissions and ACL or without
	numKinds
)

// String returns the name of the constant.
func (k Kind) String() string {
	names := [numKinds]string{
		"Unknown", "PutBlob", "PutBlobFromURL", "PutBlock", "PutBlockFromURL", "PutBlockList",
		"GetBlockList", "GetBlob", "HeadBlob", "ListBlobs", "CopyBlob", "CopyFromURL", "AbortCopy",
		"DeleteBlob", "SetMetadata", "SetProperties", "SetTier", "SnapshotBlob", "LeaseBlob",
		"CreateContainer", "DeleteContainer", "GetContainer", "ListContainers", "AccountInfo", "BatchDelete",
		"GetTags", "SetTags",
		"CreateDirectory", "CreateFile", "RenamePath", "DeletePath", "HeadPath", "HeadFilesystem", "AppendFile",
		"FlushFile", "SetAccess", "SetOwner",
	}
	if k >= numKinds {
		return "Unknown"
	}
	return names[k]
}

// KindOf is the operation of a request of the Blob service, or of the Data Lake endpoint, to any
// account; below is what the escaped path has after the account.
func KindOf(r *http.Request, below string, dfs bool) Kind {
	t, err := parseTarget("/account/" + strings.TrimPrefix(below, "/"))
	if err != nil {
		return Unknown
	}
	h := http.Header{} // the SDK spells names as they are documented
	for name, values := range r.Header {
		h[http.CanonicalHeaderKey(name)] = values
	}
	if dfs {
		return classifyDFS(r.Method, t, r.URL.Query(), h)
	}
	return classify(r.Method, t, r.URL.Query(), h)
}

// classify finds the operation from method, addressed resource and query.
func classify(method string, t target, q url.Values, h http.Header) Kind {
	comp, restype := q.Get("comp"), q.Get("restype")
	switch {
	case restype == "account" && comp == "properties" && (method == http.MethodGet || method == http.MethodHead):
		return AccountInfo
	case comp == "batch" && method == http.MethodPost:
		return BatchDelete
	case t.container == "":
		if comp == "list" && method == http.MethodGet {
			return ListContainers
		}
		return Unknown
	case t.blob == "":
		return classifyContainer(method, comp, restype)
	}
	return classifyBlob(method, comp, h)
}

func classifyContainer(method, comp, restype string) Kind {
	switch {
	case restype != "container":
		return Unknown
	case comp == "list" && method == http.MethodGet:
		return ListBlobs
	case comp != "":
		return Unknown
	case method == http.MethodPut:
		return CreateContainer
	case method == http.MethodDelete:
		return DeleteContainer
	case method == http.MethodGet, method == http.MethodHead:
		return GetContainer
	}
	return Unknown
}

func classifyBlob(method, comp string, h http.Header) Kind {
	fromURL := h.Get("x-ms-copy-source") != ""
	switch method {
	case http.MethodGet:
		switch comp {
		case "":
			return GetBlob
		case "blocklist":
			return GetBlockList
		case "tags":
			return GetTags
		}
	case http.MethodHead:
		if comp == "" || comp == "metadata" {
			return HeadBlob
		}
	case http.MethodDelete:
		if comp == "" {
			return DeleteBlob
		}
	case http.MethodPut:
		switch comp {
		case "":
			switch {
			case !fromURL:
				return PutBlob
			case h.Get("x-ms-blob-type") != "":
				return PutBlobFromURL
			case h.Get("x-ms-requires-sync") == "true":
				return CopyFromURL
			}
			return CopyBlob
		case "block":
			if fromURL {
				return PutBlockFromURL
			}
			return PutBlock
		case "blocklist":
			return PutBlockList
		case "metadata":
			return SetMetadata
		case "properties":
			return SetProperties
		case "tier":
			return SetTier
		case "snapshot":
			return SnapshotBlob
		case "lease":
			return LeaseBlob
		case "copy":
			return AbortCopy
		case "tags":
			return SetTags
		}
	}
	return Unknown
}
