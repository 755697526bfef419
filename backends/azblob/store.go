package azblob

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/tidegate/tidegate/internal/azurecode"
	"github.com/tidegate/tidegate/internal/storemetrics"
	"github.com/tidegate/tidegate/vfs"
)

// store sends the requests that several operations need. It deals with blobs, conditions
// and retries. Files, directories and the contract of vfs are above it.
type store struct {
	name        string // of the backend
	container   *container.Client
	log         *slog.Logger
	transport   http.RoundTripper
	apiVersion  string
	credential  credential
	interactive retryLimits // of requests whose end a client waits for
	bulk        retryLimits // of the bodies of uploads and downloads
	throttle    throttle
	notices     notices
	silence     silence
	metrics     *storemetrics.Metrics
	clock       serviceClock
	processors  processors
	stall       time.Duration // how long the service may send nothing of a body
	keepTags    bool
	showAccess  bool
}

func newStore(o Options) (*store, error) {
	s := &store{
		name: o.Name, log: o.Log, transport: o.Transport, apiVersion: o.APIVersion, credential: credentialOf(o),
		clock: serviceClock{start: time.Now()}, stall: stallTimeout, keepTags: o.KeepTags, showAccess: o.Hierarchical.ShowAccess,
		processors: newProcessors(o.Ledger), metrics: storemetrics.New(o.Metrics, "azblob."+o.Name),
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.silence.log, s.silence.notify = s.log, s.notify
	if s.transport == nil {
		s.transport = newTransport(o.Buffers)
	}
	s.interactive, s.bulk = defaultLimits()
	if o.Retry != nil {
		s.interactive = limitsOf(o.Retry)
		s.bulk = s.interactive
	}
	var err error
	s.container, err = newContainerClient(o, s.clientOptions(s.transport, o.Audience))
	if err != nil {
		return nil, fmt.Errorf("azblob: %w", err)
	}
	return s, nil
}

// newContainerClient returns the SDK's client with the credential of o.
func newContainerClient(o Options, client *container.ClientOptions) (*container.Client, error) {
	switch {
	case o.ConnectionString != "":
		return container.NewClientFromConnectionString(o.ConnectionString, o.ContainerURL, client)
	case o.SharedKey != nil:
		return container.NewClientWithSharedKeyCredential(o.ContainerURL, o.SharedKey, client)
	case o.Token != nil:
		return container.NewClient(o.ContainerURL, o.Token, client)
	default:
		return container.NewClientWithNoCredential(o.ContainerURL, client)
	}
}

// head requests the properties of one blob. The error has a kind.
func (s *store) head(ctx context.Context, name string) (properties, error) {
	var resp *http.Response
	answer, err := s.container.NewBlobClient(name).GetProperties(policy.WithCaptureResponse(ctx, &resp), nil)
	if err != nil {
		return properties{}, fail(ctx, err)
	}
	return properties{answer, resp.Header, s.showAccess}, nil
}

// remove deletes one blob of the given version.
func (s *store) remove(ctx context.Context, name, v string) error {
	counted, tries := counting(ctx)
	return s.removeCounted(counted, name, v, tries)
}

// removeCounted is remove in a context that counts the attempts.
func (s *store) removeCounted(ctx context.Context, name, v string, tries *attempts) error {
	_, err := s.container.NewBlobClient(name).Delete(ctx, &blob.DeleteOptions{AccessConditions: conditions(v, false)})
	if err == nil || notFound(err) && tries.repeated() {
		// Missing at the second attempt: the first one has deleted it.
		return nil
	}
	return fail(ctx, err)
}

// checkDeletable refuses a source that cannot be deleted, as far as its properties show
// that, before anything is copied.
func (s *store) checkDeletable(source blobInfo) error {
	switch {
	case source.leased:
		return &vfs.Error{Kind: vfs.KindLocked, Reason: azurecode.ReasonLeased}
	case source.held, source.retained != nil && source.retained.After(s.clock.now()):
		return &vfs.Error{Kind: vfs.KindLocked, Reason: azurecode.ReasonImmutable}
	}
	return nil
}

// moved returns the metadata of the blob under its new name: its own, its modification
// time where the metadata has none, and an identity that identifies the copy when the
// answer is lost.
func (s *store) moved(ctx context.Context, name string, info blobInfo) (metadata, error) {
	meta, err := s.spelled(ctx, name, info)
	if err != nil {
		return nil, err
	}
	meta.setTime(info.modTime())
	meta.set(metaUpload, newUploadID())
	return meta, nil
}

// scan calls add for the blobs whose names begin with prefix, until add returns false or,
// after a page, enough returns true. It reports whether all blobs that matter were seen. A
// page may be empty without being the last one.
func (s *store) scan(ctx context.Context, prefix string, add func(*container.BlobItem) bool, enough func() bool) (passed bool, err error) {
	pager := s.container.NewListBlobsFlatPager(&container.ListBlobsFlatOptions{
		Prefix: to.Ptr(prefix), MaxResults: to.Ptr[int32](lookSize), Include: container.ListBlobsInclude{Metadata: true},
	})
	for pager.More() {
		page, err := pager.NextPage(ctx)
		if err != nil {
			return false, fail(ctx, err)
		}
		if page.Segment == nil || len(page.Segment.BlobItems) == 0 {
			continue
		}
		for _, item := range page.Segment.BlobItems {
			if !add(item) {
				return true, nil
			}
		}
		if enough() {
			break
		}
	}
	return !pager.More(), nil
}
