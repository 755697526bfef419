package azblob

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/tidegate/tidegate/internal/chunk"
	"github.com/tidegate/tidegate/vfs"
)

const (
	defaultRenameEntries = 5000
	defaultBlockSize     = 8 << 20
	defaultPageSize      = 5000
	// defaultAppendCopy holds what the SDKs of other languages send with one
	// Put Blob.
	defaultAppendCopy = 256 << 20
)

// Options describe one container.
type Options struct {
	// ContainerURL is the container with its scheme, and with the SAS where
	// that is the credential. With a ConnectionString it is the container's
	// name alone.
	ContainerURL     string
	ConnectionString string
	// At most one of SharedKey and Token is set. Neither means that the URL's
	// SAS or anonymous access must do.
	SharedKey *azblob.SharedKeyCredential
	Token     azcore.TokenCredential
	// RenameEntries is how many blobs a directory that is renamed may hold;
	// 0 means 5000.
	RenameEntries int
	// BlockSize is the size of an upload's first blocks and of the ranges of
	// a download, in bytes; 0 means 8 MiB. The eighth part of the chunk pool
	// bounds it.
	BlockSize int64
	// PageSize is how many entries one request lists; 0 means 5,000, which
	// is the most.
	PageSize int32
	// Markers is the form of the markers that Mkdir makes; "" means MarkersHDI.
	Markers Markers
	// ContentMD5 gives every new blob the MD5 of its content.
	ContentMD5 bool
	// KeepTags lets the index tags of a blob stay when it is appended to or
	// copied, but for the verdicts of malware scans.
	KeepTags bool
	// AccessTier is the tier of uploaded blobs: Hot, Cool or Cold. Without it new
	// ones get the default of the account, and others keep theirs.
	AccessTier blob.AccessTier
	// AppendCopyLimit is how many bytes of a blob may be read and stored again to
	// append to it; 0 means 256 MiB.
	AppendCopyLimit int64
	// Chunks is the memory that uploads use, and downloads what is left of it.
	// It must be set.
	Chunks *chunk.Pool
	// Log may be nil.
	Log *slog.Logger
	// Retry replaces what this package does about failed attempts; nil
	// leaves it.
	Retry *policy.RetryOptions
	// Transport replaces the backend's own connections; nil leaves them.
	Transport http.RoundTripper
}

// Backend is one container.
type Backend struct {
	log           *slog.Logger
	container     *container.Client
	transport     http.RoundTripper
	retry         policy.RetryOptions
	chunks        *chunk.Pool
	renameEntries int
	blockSize     int64
	pageSize      int32
	markers       Markers
	contentMD5    bool
	keepTags      bool
	accessTier    blob.AccessTier
	appendCopy    int64
	sending       tokens // one for each body of an upload on its way
	stall         time.Duration
	clock         serviceClock
}

var _ vfs.Backend = (*Backend)(nil)

// New returns the container that o describes. It sends no request: Probe asks
// whether the container can be used.
func New(o Options) (*Backend, error) {
	if o.Chunks == nil {
		return nil, errors.New("azblob: Options.Chunks is missing")
	}
	b := &Backend{
		log:           o.Log,
		transport:     o.Transport,
		chunks:        o.Chunks,
		renameEntries: o.RenameEntries,
		blockSize:     o.BlockSize,
		pageSize:      o.PageSize,
		markers:       cmp.Or(o.Markers, MarkersHDI),
		contentMD5:    o.ContentMD5,
		keepTags:      o.KeepTags,
		accessTier:    o.AccessTier,
		appendCopy:    cmp.Or(o.AppendCopyLimit, defaultAppendCopy),
		sending:       make(tokens, maxSending),
		stall:         stallTimeout,
		clock:         serviceClock{start: time.Now()},
		retry: policy.RetryOptions{
			MaxRetries: maxRetries, RetryDelay: retryDelay, MaxRetryDelay: maxRetryDelay, TryTimeout: tryTimeout,
		},
	}
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	if b.transport == nil {
		b.transport = newTransport()
	}
	if b.renameEntries == 0 {
		b.renameEntries = defaultRenameEntries
	}
	if b.blockSize == 0 {
		b.blockSize = defaultBlockSize
	}
	if b.pageSize == 0 {
		b.pageSize = defaultPageSize
	}
	if o.Retry != nil {
		b.retry = *o.Retry
	}
	var err error
	client := b.clientOptions(b.transport)
	switch {
	case o.ConnectionString != "":
		b.container, err = container.NewClientFromConnectionString(o.ConnectionString, o.ContainerURL, client)
	case o.SharedKey != nil:
		b.container, err = container.NewClientWithSharedKeyCredential(o.ContainerURL, o.SharedKey, client)
	case o.Token != nil:
		b.container, err = container.NewClient(o.ContainerURL, o.Token, client)
	default:
		b.container, err = container.NewClientWithNoCredential(o.ContainerURL, client)
	}
	if err != nil {
		return nil, fmt.Errorf("azblob: %w", err)
	}
	return b, nil
}

// Caps tells the facts about a flat account.
func (b *Backend) Caps() vfs.Caps {
	return vfs.Caps{
		Append:          true,
		Copy:            true,
		ExclusiveCreate: true,
		AtomicReplace:   true,
		SetModTime:      true,
		DirTimes:        b.markers == MarkersHDI,
		RenameDir:       true,
		Versions:        true,
		TimePrecision:   time.Nanosecond,
	}
}

// Close closes the idle connections; those in use end with their requests.
func (b *Backend) Close() error {
	if t, ok := b.transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
	return nil
}

// Namespace says what is known of the account's hierarchical namespace.
type Namespace uint8

// The answers.
const (
	// NamespaceAuto asks the account.
	NamespaceAuto Namespace = iota
	// NamespaceFlat is a common account.
	NamespaceFlat
	// NamespaceHierarchical is Azure Data Lake Storage: refused.
	NamespaceHierarchical
)

// errHierarchical says why such an account is refused.
var errHierarchical = errors.New("the account has a hierarchical namespace (Azure Data Lake Storage), which is not supported yet: " +
	"use an account without it")

// Probe asks, with two requests side by side, whether the container is there,
// may be listed, and lies in a flat account. Its error tells an operator what
// to do.
func (b *Backend) Probe(ctx context.Context, ns Namespace) error {
	if ns == NamespaceHierarchical {
		return errHierarchical
	}
	asked := make(chan error, 1)
	hierarchical := false
	if ns == NamespaceAuto {
		go func() {
			info, err := b.container.GetAccountInfo(ctx, nil)
			hierarchical = err == nil && info.IsHierarchicalNamespaceEnabled != nil && *info.IsHierarchicalNamespaceEnabled
			asked <- err
		}()
	} else {
		asked <- nil
	}
	page, err := b.container.NewListBlobsFlatPager(&container.ListBlobsFlatOptions{MaxResults: to.Ptr[int32](1)}).NextPage(ctx)
	infoErr := <-asked
	if err != nil {
		return b.explain(ctx, err)
	}
	if ns == NamespaceAuto && page.Segment != nil {
		for _, item := range page.Segment.BlobItems {
			// Only accounts with a hierarchical namespace speak of owners.
			hierarchical = hierarchical || item.Properties != nil && item.Properties.Owner != nil
		}
	}
	if hierarchical {
		return errHierarchical
	}
	if infoErr != nil {
		// A SAS, or a role for this container alone, may not ask.
		b.log.WarnContext(ctx, "cannot ask whether the account has a hierarchical namespace: taken for flat", "err", infoErr)
	}
	return nil
}

// explain turns the first answer of a container into what the operator needs.
func (b *Backend) explain(ctx context.Context, err error) error {
	text := "container cannot be listed"
	switch {
	case bloberror.HasCode(err, bloberror.ContainerNotFound):
		text = "the account has no such container: create it, or correct `container`"
	case bloberror.HasCode(err, bloberror.ContainerBeingDeleted):
		text = "the container is being deleted"
	case isUnknownHost(err):
		text = "the account is not known: its host name does not exist; correct `account` or `endpoint`"
	case vfs.KindOf(fail(ctx, err)) == vfs.KindPermission:
		text = "the account refuses the credential, or it may not list this container: " +
			"it needs the role Storage Blob Data Contributor, or a SAS with the permissions racwdl"
	}
	return fmt.Errorf("azblob: %s: %w", text, fail(ctx, err))
}
