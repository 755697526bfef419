package azblob_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/internal/testing/azurite"
)

// TestEmulators says where the two services that this package is tested
// against answer differently, so that what depends on it is tested against the
// one that is right. The stub follows the documentation.
func TestEmulators(t *testing.T) {
	t.Parallel()
	body := func(text string) io.ReadSeekCloser { return streaming.NopCloser(strings.NewReader(text)) }
	id := func(length int) string {
		return base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", length)))
	}
	tests := []struct {
		name          string
		do            func(c *container.Client) error
		stub, azurite string
	}{
		{"a wrong CRC64 is noticed", func(c *container.Client) error {
			_, err := c.NewBlockBlobClient("crc").Upload(t.Context(), body("x"), &blockblob.UploadOptions{
				TransactionalValidation: blob.TransferValidationTypeCRC64(1),
			})
			return err
		}, "400 Crc64Mismatch", "ok"},
		{"reading from the end", func(c *container.Client) error {
			if _, err := c.NewBlockBlobClient("end").Upload(t.Context(), body("x"), nil); err != nil {
				return err
			}
			_, err := c.NewBlobClient("end").DownloadStream(t.Context(), &blob.DownloadStreamOptions{Range: blob.HTTPRange{Offset: 1, Count: 1}})
			return err
		}, "416 InvalidRange", "ok"},
		{"If-Match: * where nothing is", func(c *container.Client) error {
			_, err := c.NewBlockBlobClient("missing").Upload(t.Context(), body("x"), &blockblob.UploadOptions{
				AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: to.Ptr(azcore.ETagAny)}},
			})
			return err
		}, "412 ConditionNotMet", "ok"},
		{"Put Blob drops what waits for a commit", func(c *container.Client) error {
			b := c.NewBlockBlobClient("leftover")
			if _, err := b.StageBlock(t.Context(), id(5), body("x"), nil); err != nil {
				return err
			}
			if _, err := b.Upload(t.Context(), body("x"), nil); err != nil {
				return err
			}
			_, err := b.StageBlock(t.Context(), id(16), body("x"), nil)
			return err
		}, "ok", "400 InvalidBlobOrBlock"},
		{"ids of two lengths that wait", func(c *container.Client) error {
			b := c.NewBlockBlobClient("lengths")
			if _, err := b.StageBlock(t.Context(), id(5), body("x"), nil); err != nil {
				return err
			}
			_, err := b.StageBlock(t.Context(), id(16), body("x"), nil)
			return err
		}, "400 InvalidBlobOrBlock", "400 InvalidBlobOrBlock"},
		{"If-None-Match: * where one is", func(c *container.Client) error {
			b := c.NewBlockBlobClient("there")
			if _, err := b.Upload(t.Context(), body("x"), nil); err != nil {
				return err
			}
			_, err := b.Upload(t.Context(), body("x"), &blockblob.UploadOptions{
				AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}},
			})
			return err
		}, "409 BlobAlreadyExists", "409 BlobAlreadyExists"},
	}
	stub := azstub.Start(t, azstub.Options{})
	stub.CreateContainer(testContainer)
	emulator := azurite.Shared(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			onStub := sdk(t, azstub.DevAccount, azstub.DevKey, stub.URL()+"/"+testContainer)
			if got := outcome(test.do(onStub)); got != test.stub {
				t.Errorf("the stub says %q, want %q", got, test.stub)
			}
			onEmulator := sdk(t, emulator.Account, emulator.Key, emulator.Endpoint+"/"+emulator.Container(t))
			if got := outcome(test.do(onEmulator)); got != test.azurite {
				t.Errorf("Azurite says %q, want %q", got, test.azurite)
			}
		})
	}
}

func outcome(err error) string {
	if err == nil {
		return "ok"
	}
	if re, ok := errors.AsType[*azcore.ResponseError](err); ok {
		return fmt.Sprintf("%d %s", re.StatusCode, re.ErrorCode)
	}
	return err.Error()
}
