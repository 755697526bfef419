package azblob

import (
	"cmp"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"

	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/memory/chunk"
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
	// Name is that of the store in the configuration.
	Name string
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
	// KeepTags lets the index tags of a blob stay when it is appended to, copied or
	// renamed, but for the verdicts of malware scans.
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
	// Ledger counts the bodies of uploads on their way, and the pages of listings that
	// are decoded at once. nil makes one.
	Ledger *fairshare.Ledger
	// Log may be nil.
	Log *slog.Logger
	// Audience is the audience of tokens; "" means that of the public
	// cloud, which the other public clouds accept too.
	Audience string
	// APIVersion is the version of the service's protocol, for services that
	// do not know the SDK's: "2021-12-02"; "" leaves the SDK's.
	APIVersion string
	// Place says in messages where the credential is written: "store.hcl:12".
	Place string
	// Retry replaces what this package does about failed attempts: TryTimeout
	// bounds each and MaxRetries their number. Nil leaves it.
	Retry *policy.RetryOptions
	// Transport replaces the backend's own connections; nil leaves them.
	Transport http.RoundTripper
}

// Backend is one container.
type Backend struct {
	store      *store
	dirs       directories
	chunks     *chunk.Pool
	blockSize  int64
	contentMD5 bool
	accessTier blob.AccessTier
	appendCopy int64
	sending    sending
	replaced   replaced
}

var _ vfs.Backend = (*Backend)(nil)

// New returns the container that o describes. It sends no request: Probe asks
// whether the container can be used.
func New(o Options) (*Backend, error) {
	if o.Chunks == nil {
		return nil, errors.New("azblob: Options.Chunks is missing")
	}
	if o.Ledger == nil {
		o.Ledger = fairshare.New()
	}
	s, err := newStore(o)
	if err != nil {
		return nil, err
	}
	return &Backend{
		store:      s,
		dirs:       newFlat(s, o),
		chunks:     o.Chunks,
		blockSize:  cmp.Or(o.BlockSize, defaultBlockSize),
		contentMD5: o.ContentMD5,
		accessTier: o.AccessTier,
		appendCopy: cmp.Or(o.AppendCopyLimit, defaultAppendCopy),
		sending:    newSending(o.Ledger, o.Name),
	}, nil
}

// Caps tells the facts about a flat account.
func (b *Backend) Caps() vfs.Caps {
	return vfs.Caps{
		Append:          true,
		Copy:            true,
		ExclusiveCreate: true,
		AtomicReplace:   true,
		SetModTime:      true,
		DirTimes:        b.dirs.times(),
		RenameDir:       true,
		Versions:        true,
		TimePrecision:   time.Nanosecond,
	}
}

// Close closes the idle connections; those in use end with their requests.
func (b *Backend) Close() error {
	if t, ok := b.store.transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
	return nil
}
