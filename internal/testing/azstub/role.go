package azstub

import (
	"math/rand/v2"
	"slices"
	"time"
)

// DataContributor is what the role Storage Blob Data Contributor on a container
// does not allow, for Options.Deny.
func DataContributor() []Kind {
	return []Kind{AccountInfo, CreateContainer, DeleteContainer, GetContainer, ListContainers, GetTags, SetTags, SetOwner}
}

// ContainerSAS is what a shared access signature for a container with the
// permissions racwdl does not allow, for Options.Deny.
func ContainerSAS() []Kind { return append(DataContributor(), SetAccess) }

// authorize refuses operations that the caller has no right to. The refusal of an
// authenticated caller comes before the lookup of the resource.
func (c *call) authorize() error {
	deny := c.srv.opts.Deny
	if slices.Contains(deny, c.rec.Kind) || c.http.Header.Get("x-ms-tags") != "" && slices.Contains(deny, SetTags) {
		return errPermissionMismatch
	}
	return nil
}

// skewed returns a clock that is wrong by at most skew, by another amount each time.
func skewed(clock func() time.Time, skew time.Duration) func() time.Time {
	return func() time.Time { return clock().Add(rand.N(2*skew+1) - skew) }
}
