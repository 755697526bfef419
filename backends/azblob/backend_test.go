package azblob_test

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/internal/testing/azurite"
	"github.com/tidegate/tidegate/vfs"
	"github.com/tidegate/tidegate/vfs/vfstest"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

const testContainer = "files"

// quick are retries for tests, almost without a pause. (Without any, the SDK
// takes the delay for one that has overflowed and waits as long as it may.)
func quick() *policy.RetryOptions {
	return &policy.RetryOptions{MaxRetries: 3, RetryDelay: time.Millisecond, MaxRetryDelay: time.Second, TryTimeout: patience.Limit()}
}

// open returns the container with the options of the test.
func open(t *testing.T, account, key, containerURL string, o azblob.Options) *azblob.Backend {
	t.Helper()
	cred, err := container.NewSharedKeyCredential(account, key)
	if err != nil {
		t.Fatal(err)
	}
	o.ContainerURL, o.SharedKey = containerURL, cred
	if o.Retry == nil {
		o.Retry = quick()
	}
	if o.Chunks == nil {
		o.Chunks = chunk.New(64 << 20)
	}
	b, err := azblob.New(o)
	if err != nil {
		t.Fatal(err)
	}
	chunks := o.Chunks
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
		if s := chunks.Stats(); s.InUse != 0 || s.Waiting != 0 || s.Accounts != 0 || s.Outbound != 0 {
			t.Errorf("the pool is not idle at the end: %+v", s)
		}
	})
	return b
}

func openStub(t *testing.T, s *azstub.Server, o azblob.Options) *azblob.Backend {
	t.Helper()
	s.CreateContainer(testContainer)
	return open(t, azstub.DevAccount, azstub.DevKey, s.URL()+"/"+testContainer, o)
}

// The suite's sizes: small, so that a few kilobytes and entries are many.
const (
	suiteBlock = 64 << 10
	suitePage  = 50
)

// eachMarkers runs a test with each form of markers.
func eachMarkers(t *testing.T, test func(*testing.T, azblob.Markers)) {
	t.Helper()
	for _, m := range []azblob.Markers{azblob.MarkersHDI, azblob.MarkersSlash, azblob.MarkersNone} {
		t.Run(string(m), func(t *testing.T) { test(t, m) })
	}
}

// TestBackendOnStub runs the whole suite. test/stores runs what depends on the other forms
// of markers, and each guarantee over Azurite.
func TestBackendOnStub(t *testing.T) {
	vfstest.Run(t, vfstest.Target{
		New: func(t *testing.T) vfs.Backend {
			s := azstub.Start(t, azstub.Options{Limits: azstub.Limits{Page: suitePage}})
			return openStub(t, s, azblob.Options{BlockSize: suiteBlock, PageSize: suitePage, Chunks: chunk.New(4 << 20)})
		},
		BlockSize: suiteBlock,
		PageSize:  suitePage,
		Refuses:   azstub.CannotHold,
	})
}

// onAzurite makes a container of Azurite's for one test, over connections of
// its own.
func onAzurite(t *testing.T, s *azurite.Server, o azblob.Options) *azblob.Backend {
	t.Helper()
	transport := &http.Transport{}
	cred, err := container.NewSharedKeyCredential(s.Account, s.Key)
	if err != nil {
		t.Fatal(err)
	}
	url := s.Endpoint + "/t" + strconv.FormatInt(time.Now().UnixNano(), 36)
	client, err := container.NewClientWithSharedKeyCredential(url, cred, &container.ClientOptions{
		ClientOptions: policy.ClientOptions{Transport: &http.Client{Transport: transport}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Create(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := client.Delete(context.Background(), nil); err != nil {
			t.Error(err)
		}
		transport.CloseIdleConnections()
	})
	return open(t, s.Account, s.Key, url, o)
}

// TestDirectoriesOnAzurite: a directory of each form is listed once, entered, moved with what
// it holds, and removed.
func TestDirectoriesOnAzurite(t *testing.T) {
	t.Parallel()
	s := azurite.Shared(t)
	eachMarkers(t, func(t *testing.T, m azblob.Markers) {
		b := onAzurite(t, s, azblob.Options{Markers: m})
		dir, moved := vfs.MustParse("/dir ä/sub"), vfs.MustParse("/moved/dir")
		if err := b.Mkdir(t.Context(), dir); err != nil {
			t.Fatal(err)
		}
		wantKind(t, b.Mkdir(t.Context(), dir), vfs.KindExist)
		wantKind(t, b.Remove(t.Context(), dir.Dir(), vfs.TypeDir), vfs.KindNotEmpty)
		if _, err := store(t.Context(), b, dir.String()+"/file", vfs.CreateOptions{}, strings.NewReader("content")); err != nil {
			t.Fatal(err)
		}
		if err := b.Rename(t.Context(), dir, moved, vfs.RenameOptions{}); err != nil {
			t.Fatal(err)
		}
		wantLoad(t, b, moved.String()+"/file", "content")
		for name, want := range map[string][]string{"/moved": {"dir/"}, "/moved/dir": {"file"}} {
			if got := names(t, b, name); !slices.Equal(got, want) {
				t.Errorf("%s is listed as %q, want %q", name, got, want)
			}
			if info, err := b.Stat(t.Context(), vfs.MustParse(name), vfs.TypeAny); err != nil || !info.IsDir() {
				t.Errorf("Stat(%s) = %+v, %v", name, info, err)
			}
		}
		if err := b.Remove(t.Context(), vfs.MustParse("/moved/dir/file"), vfs.TypeFile); err != nil {
			t.Fatal(err)
		}
		// Without markers, a directory may go with its last file.
		if err := b.Remove(t.Context(), moved, vfs.TypeDir); err != nil && m != azblob.MarkersNone {
			t.Errorf("Remove: %v", err)
		}
		_, err := b.Stat(t.Context(), moved, vfs.TypeAny)
		wantKind(t, err, vfs.KindNotExist)
	})
}
