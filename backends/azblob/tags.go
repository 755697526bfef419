package azblob

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/tidegate/tidegate/vfs"
)

// scanned is the prefix of the index tags in which Defender for Storage stores the results of
// its scans. They are results for the scanned content, and must never be set for other
// content: a program that waits for "No threats found" would accept unscanned content.
const scanned = "Malware Scanning"

// keptTags returns the index tags of a blob for a copy of it or for a blob that replaces it:
// with Options.KeepTags all but the results of scans, otherwise none. It takes a request
// when there are tags to keep.
func (s *store) keptTags(ctx context.Context, name string, info blobInfo) (map[string]string, error) {
	if !s.keepTags || !info.tagged {
		return nil, nil
	}
	answer, err := s.container.NewBlobClient(name).GetTags(ctx, nil)
	if hasStatus(err, http.StatusForbidden) {
		return nil, &vfs.Error{
			Kind: vfs.KindUnavailable, Reason: "index tags of the file cannot be read",
			Err: fmt.Errorf("azblob: keep_tags needs the role Storage Blob Data Owner, or a SAS with the permission t: %w", fail(ctx, err)),
		}
	}
	if err != nil {
		return nil, fail(ctx, err)
	}
	var tags map[string]string
	for _, tag := range answer.BlobTagSet {
		if tag.Key == nil || tag.Value == nil || strings.HasPrefix(*tag.Key, scanned) {
			continue
		}
		if tags == nil {
			tags = map[string]string{}
		}
		tags[*tag.Key] = *tag.Value
	}
	return tags, nil
}

// tagSpaces writes spaces in x-ms-tags as %20. The SDK writes "+", which is a
// character that a tag may hold.
type tagSpaces struct{}

func (tagSpaces) Do(req *policy.Request) (*http.Response, error) {
	for header, values := range req.Raw().Header { // not canonical: the SDK spells its own way
		if strings.EqualFold(header, "x-ms-tags") {
			for i, tags := range values {
				values[i] = strings.ReplaceAll(tags, "+", "%20")
			}
		}
	}
	return req.Next()
}
