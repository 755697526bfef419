package azurite_test

import (
	"bytes"
	"io"
	"net"
	"net/url"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"

	"github.com/tidegate/tidegate/internal/testing/azurite"
)

func TestSharedKeepsContainersApart(t *testing.T) {
	s := azurite.Shared(t)
	if again := azurite.Shared(t); again != s {
		t.Fatalf("Shared gave two servers, %s and %s", s.Endpoint, again.Endpoint)
	}
	a, b := s.Container(t), s.Container(t)
	if a == b {
		t.Fatalf("Container gave %q twice", a)
	}

	client, err := azblob.NewClientFromConnectionString(s.ConnectionString(), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []byte("hello")
	if _, err := client.UploadBuffer(t.Context(), a, "dir/file", want, nil); err != nil {
		t.Fatal(err)
	}
	r, err := client.DownloadStream(t.Context(), a, "dir/file", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if got, err := io.ReadAll(r.Body); err != nil || !bytes.Equal(got, want) {
		t.Errorf("read %q, %v; want %q", got, err, want)
	}
	if _, err := client.DownloadStream(t.Context(), b, "dir/file", nil); err == nil {
		t.Errorf("the file written to container %s is in %s too", a, b)
	}
}

func TestStartEndsWithItsTest(t *testing.T) {
	var host string
	if !t.Run("own server", func(t *testing.T) {
		s := azurite.Start(t)
		u, err := url.Parse(s.Endpoint)
		if err != nil {
			t.Fatal(err)
		}
		host = u.Host
		s.Container(t)
	}) {
		return
	}
	if host == "" {
		t.Skip("azurite did not run")
	}
	if c, err := net.DialTimeout("tcp", host, time.Second); err == nil {
		c.Close()
		t.Errorf("%s still listens after its test", host)
	}
}
