package azblob

import (
	"cmp"
	"errors"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"

	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/memory"
	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/internal/observe/metrics"
	"github.com/tidegate/tidegate/vfs"
)

const (
	defaultRenameEntries = 5000
	defaultBlockSize     = 8 << 20
	defaultPageSize      = 5000
	// defaultAppendCopy is the most that the SDKs of other languages send with one Put
	// Blob.
	defaultAppendCopy = 256 << 20
)

// Options describe one container.
type Options struct {
	// Name is the name of the store in the configuration.
	Name string
	// ContainerURL is the URL of the container, with the SAS where that is the credential.
	// With a ConnectionString it is only the name of the container.
	ContainerURL     string
	ConnectionString string
	// At most one of SharedKey and Token is set. Without both, the SAS in the URL or
	// anonymous access is used.
	SharedKey *azblob.SharedKeyCredential
	Token     azcore.TokenCredential
	// RenameEntries is the most blobs of a directory that can be renamed; 0 means 5,000.
	RenameEntries int
	// BlockSize is the size of the first blocks of an upload and of the ranges of a
	// download, in bytes; 0 means 8 MiB. Blocks are at most an eighth of the chunk pool.
	BlockSize int64
	// PageSize is how many entries one request lists; 0 means 5,000, the maximum.
	PageSize int32
	// Markers is the form of the markers that Mkdir makes; "" means MarkersHDI.
	Markers Markers
	// ContentMD5 gives every new blob the MD5 of its content.
	ContentMD5 bool
	// KeepTags keeps the index tags of a blob when it is appended to, copied or renamed,
	// except for the results of malware scans.
	KeepTags bool
	// AccessTier is the tier of uploaded blobs: Hot, Cool or Cold. Without it new blobs get
	// the default of the account, and replaced ones keep their tier.
	AccessTier blob.AccessTier
	// AppendCopyLimit is the most bytes of a blob that are read and stored again to append
	// to it; 0 means 256 MiB.
	AppendCopyLimit int64
	// DFSEndpoint is the URL of the account's endpoint for Data Lake Storage, where it cannot
	// be derived from that of the Blob service, or is another. Hierarchical has the options
	// for accounts that have it.
	DFSEndpoint  string
	Hierarchical HierarchicalOptions
	// Chunks is the memory of uploads, and of downloads as far as it is free. It must be
	// set.
	Chunks *chunk.Pool
	// Ledger counts the bodies of uploads in flight, and the pages of listings that are
	// being decoded. nil makes a new one.
	Ledger *fairshare.Ledger
	// Buffers is the memory for buffers of TLS. nil is no limit.
	Buffers *memory.Part
	// Log and Metrics may be nil.
	Log     *slog.Logger
	Metrics *metrics.Registry
	// Audience is the audience of tokens; "" means that of the public
	// cloud, which the other public clouds accept too.
	Audience string
	// APIVersion is the protocol version, such as "2021-12-02", for services that do not
	// know the version of the SDK, which "" means.
	APIVersion string
	// Place is where the credential is configured, such as "store.hcl:12", for messages.
	Place string
	// Retry, when not nil, replaces the limits of this package for failed attempts:
	// TryTimeout bounds each attempt and MaxRetries their number.
	Retry *policy.RetryOptions
	// Transport, when not nil, replaces the HTTP transport of the backend.
	Transport http.RoundTripper
}

// HierarchicalOptions are the options for accounts with a hierarchical namespace.
type HierarchicalOptions struct {
	// CopyFiles renames files by a copy and a deletion, as in flat accounts, so that the
	// service reports the new name as a created blob.
	CopyFiles bool
	// KeepACL gives a file that is replaced its owner, group and ACL back.
	KeepACL bool
	// ShowAccess lists owner, group and permissions.
	ShowAccess bool
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
	// clock is how far the clock of the service is ahead, nil before Probe.
	clock atomic.Pointer[time.Duration]
	// hierarchical makes dirs for an account with a hierarchical namespace.
	hierarchical func() (*hierarchical, error)
	sweeping     sweeping
}

var _ vfs.Backend = (*Backend)(nil)

// New returns the container that o describes. It sends no request: Probe finds out whether
// the container can be used, and how its account represents directories. Before Probe it is
// taken for flat.
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

		hierarchical: func() (*hierarchical, error) { return newHierarchical(s, o) },
	}, nil
}

// Caps returns the facts about the account.
func (b *Backend) Caps() vfs.Caps {
	c := vfs.Caps{
		Append:          true,
		Copy:            true,
		ExclusiveCreate: true,
		AtomicReplace:   true,
		SetModTime:      true,
		RenameDir:       true,
		Versions:        true,
		TimePrecision:   time.Nanosecond,
	}
	b.dirs.caps(&c)
	return c
}

// CountsRequests implements vfs.RequestCounter.
func (b *Backend) CountsRequests() bool { return true }

// Sweep removes, now and then daily until Close, what processes that have died left in an
// account with a hierarchical namespace. It is called once, after Probe.
func (b *Backend) Sweep() {
	if h, ok := b.dirs.(*hierarchical); ok {
		b.sweeping.begin(h.sweep, b.store.log)
	}
}

// Close ends Sweep and closes the idle connections; those in use end with their requests.
func (b *Backend) Close() error {
	b.sweeping.end()
	if t, ok := b.store.transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
	return nil
}
