package azblob

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"path"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
)

// reach asks for the container, which shows whether the endpoint answers.
func (d *dfs) reach(ctx context.Context) error {
	_, err := d.do(ctx, dfsRequest{method: http.MethodHead, query: url.Values{"resource": {"filesystem"}}})
	return err
}

// makeDir makes a directory and its parents, on condition that nothing is there. upload
// becomes its metadata metaUpload.
func (d *dfs) makeDir(ctx context.Context, name, upload string) error {
	_, err := d.do(ctx, dfsRequest{
		method: http.MethodPut, name: name, query: url.Values{"resource": {"directory"}},
		header: http.Header{
			"If-None-Match":   {"*"},
			"X-Ms-Properties": {metaUpload + "=" + base64.StdEncoding.EncodeToString([]byte(upload))},
		},
	})
	return err
}

// removeDir removes an empty directory of the given version.
func (d *dfs) removeDir(ctx context.Context, name, v string) error {
	_, err := d.do(ctx, dfsRequest{
		method: http.MethodDelete, name: name, query: url.Values{"recursive": {"false"}},
		header: http.Header{"If-Match": {string(*etagOf(v))}},
	})
	return err
}

// rename moves the version v of a file, or of a directory with all its content, when the
// target meets the conditions. The service moves a very large directory in parts only where
// it has to check rights on each entry; then it asks to be called again.
func (d *dfs) rename(ctx context.Context, src, dst, v string, on *blob.AccessConditions) error {
	source := "/" + path.Base(d.base.Path) + "/" + escapeName(src)
	if d.sas != "" {
		source += "?" + d.sas
	}
	header := conditionHeaders(on)
	header.Set("X-Ms-Rename-Source", source)
	header.Set("X-Ms-Source-If-Match", string(*etagOf(v)))
	query := url.Values{}
	for {
		answer, err := d.do(ctx, dfsRequest{method: http.MethodPut, name: dst, query: query, header: header})
		if err != nil {
			return err
		}
		next := answer.Get("X-Ms-Continuation")
		if next == "" {
			return nil
		}
		query.Set("continuation", next)
	}
}

// setAccess sets owner, group and ACL of the version v of a file, and returns the new
// version.
func (d *dfs) setAccess(ctx context.Context, name, v string, a access) (string, error) {
	header := http.Header{"If-Match": {string(*etagOf(v))}}
	for key, value := range map[string]string{"X-Ms-Owner": a.owner, "X-Ms-Group": a.group, "X-Ms-Acl": a.acl} {
		if value != "" {
			header.Set(key, value)
		}
	}
	if a.acl == "" && a.permissions != "" {
		header.Set("X-Ms-Permissions", a.permissions)
	}
	answer, err := d.do(ctx, dfsRequest{
		method: http.MethodPatch, name: name, query: url.Values{"action": {"setAccessControl"}}, header: header,
	})
	if err != nil {
		return "", err
	}
	return versionOf(answer.Get("Etag")), nil
}

// conditionHeaders returns the headers of conditions.
func conditionHeaders(on *blob.AccessConditions) http.Header {
	header := http.Header{}
	m := on.ModifiedAccessConditions
	if m.IfMatch != nil {
		header.Set("If-Match", string(*m.IfMatch))
	}
	if m.IfNoneMatch != nil {
		header.Set("If-None-Match", string(*m.IfNoneMatch))
	}
	if m.IfUnmodifiedSince != nil {
		header.Set("If-Unmodified-Since", m.IfUnmodifiedSince.UTC().Format(http.TimeFormat))
	}
	return header
}
