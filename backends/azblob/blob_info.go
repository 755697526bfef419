package azblob

import (
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/lease"

	"github.com/tidegate/tidegate/vfs"
)

// blobInfo is what an answer of the service contains about one blob, for all kinds of
// requests.
type blobInfo struct {
	size         int64
	lastModified *time.Time
	etag         *azcore.ETag
	meta         metadata
	// exact says that the keys of meta have their original case.
	exact bool
	// md5 is the property Content-MD5; nil where there is none.
	md5 []byte
	// tier is the access tier that was chosen for this blob; "" for the default of the
	// account.
	tier blob.AccessTier
	// These prevent a deletion: a lease, a legal hold, a policy until that time. Those of
	// the container are not in the answer.
	leased, held bool
	retained     *time.Time
	// tagged says that the blob has index tags. It may be false for a credential that may
	// not read them.
	tagged bool

	// With a hierarchical namespace alone: whether this is a directory, who may use it, and
	// whether clients see that.
	isDir  bool
	access access
	shown  bool
	// created is the time at which the name, or one that it was renamed from, came to be.
	created *time.Time
}

// access is who owns a file or directory of a hierarchical namespace and what others may do
// with it, in the words of the service. A listing does not have the ACL.
type access struct{ owner, group, permissions, acl string }

// modTime returns the time that a client set, or otherwise that of the service.
func (b blobInfo) modTime() time.Time {
	if t := b.meta.time(); !t.IsZero() || b.lastModified == nil {
		return t
	}
	return *b.lastModified
}

// isMarker reports whether the blob is a directory, or marks one.
func (b blobInfo) isMarker() bool { return b.isDir || b.meta.isMarker(b.size) }

// same reports whether two answers are about one file or directory, possibly under two names.
func (b blobInfo) same(o blobInfo) bool {
	switch id := b.meta.get(metaUpload); {
	case b.isMarker() != o.isMarker() || b.size != o.size:
		return false
	case id != "" || o.meta.get(metaUpload) != "":
		return id == o.meta.get(metaUpload)
	case version(b.etag) == version(o.etag):
		return true
	}
	return b.created != nil && o.created != nil && b.created.Equal(*o.created)
}

// entry returns the entry called name that the blob is: the directory that it marks, or the
// file.
func (b blobInfo) entry(name string) vfs.Info {
	var shown *vfs.Access
	if b.shown {
		shown = &vfs.Access{Owner: b.access.owner, Group: b.access.group, Permissions: b.access.permissions}
	}
	if b.isMarker() {
		return vfs.Info{Name: name, Type: vfs.TypeDir, ModTime: b.modTime(), Access: shown}
	}
	return vfs.Info{
		Name: name, Type: vfs.TypeFile, Size: b.size, ModTime: b.modTime(), Version: version(b.etag),
		MD5: string(b.md5), Access: shown,
	}
}

// properties are the answer to a HEAD.
type properties struct {
	blob.GetPropertiesResponse
	header http.Header // has what the SDK does not know
	shows  bool        // clients see the access
}

func (p properties) info() blobInfo {
	i := blobInfo{lastModified: p.LastModified, etag: p.ETag, meta: p.Metadata, md5: p.ContentMD5, created: p.CreationTime}
	i.isDir = p.header.Get("x-ms-resource-type") == resourceDir
	i.access = access{p.header.Get("x-ms-owner"), p.header.Get("x-ms-group"), p.header.Get("x-ms-permissions"), p.header.Get("x-ms-acl")}
	i.shown = p.shows && i.access.owner != ""
	if p.ContentLength != nil {
		i.size = *p.ContentLength
	}
	if p.AccessTier != nil && (p.AccessTierInferred == nil || !*p.AccessTierInferred) {
		i.tier = blob.AccessTier(*p.AccessTier)
	}
	i.tagged = p.TagCount != nil && *p.TagCount > 0
	i.leased = p.LeaseStatus != nil && *p.LeaseStatus == lease.StatusTypeLocked
	i.held, i.retained = p.LegalHold != nil && *p.LegalHold, p.ImmutabilityPolicyExpiresOn
	return i
}

// resourceDir is the type of a directory in the answers of a hierarchical namespace.
const resourceDir = "directory"

// itemInfo returns what a listing contains about a blob.
func itemInfo(item *container.BlobItem) blobInfo {
	i := blobInfo{meta: item.Metadata}
	if p := item.Properties; p != nil {
		i.lastModified, i.etag, i.md5 = p.LastModified, p.ETag, p.ContentMD5
		i.isDir = p.ResourceType != nil && *p.ResourceType == resourceDir
		if i.shown = p.Owner != nil && p.Group != nil && p.Permissions != nil; i.shown { // only sent when they were asked for
			i.access = access{owner: *p.Owner, group: *p.Group, permissions: *p.Permissions}
		}
		if p.ContentLength != nil {
			i.size = *p.ContentLength
		}
		if p.AccessTier != nil && (p.AccessTierInferred == nil || !*p.AccessTierInferred) {
			i.tier = *p.AccessTier
		}
		i.tagged = p.TagCount != nil && *p.TagCount > 0
		i.leased = p.LeaseStatus != nil && *p.LeaseStatus == lease.StatusTypeLocked
		i.held, i.retained = p.LegalHold != nil && *p.LegalHold, p.ImmutabilityPolicyExpiresOn
	}
	return i
}

// version returns an ETag as a Version. Headers hold it in quotation marks,
// listings without.
func version(etag *azcore.ETag) string {
	if etag == nil {
		return ""
	}
	return versionOf(string(*etag))
}

func versionOf(etag string) string { return strings.Trim(etag, `"`) }

// etagOf is the reverse of version; nil for "".
func etagOf(version string) *azcore.ETag {
	if version == "" {
		return nil
	}
	return to.Ptr(azcore.ETag(`"` + version + `"`))
}

// conditions returns the conditions of a request: the blob is the version
// ifMatch, or, with absent, is not there.
func conditions(ifMatch string, absent bool) *blob.AccessConditions {
	m := &blob.ModifiedAccessConditions{IfMatch: etagOf(ifMatch)}
	if absent {
		m.IfNoneMatch = to.Ptr(azcore.ETagAny)
	}
	return &blob.AccessConditions{ModifiedAccessConditions: m}
}
