package azblob

import (
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
)

// onlineTier returns the access tier with that name, in any case, when blobs can be written
// to it and read from it at once. It returns "" for all others, such as the tiers of premium
// accounts, which accept none in a request.
func onlineTier(name string) blob.AccessTier {
	for _, tier := range []blob.AccessTier{blob.AccessTierHot, blob.AccessTierCool, blob.AccessTierCold} {
		if strings.EqualFold(name, string(tier)) {
			return tier
		}
	}
	return ""
}

// keptTier returns the tier that was chosen for the blob, for a copy of it or for a blob that
// replaces it; nil where it is the default of the account, or cannot be set.
func (b blobInfo) keptTier() *blob.AccessTier {
	if tier := onlineTier(string(b.tier)); tier != "" {
		return to.Ptr(tier)
	}
	return nil
}
