package azblob

import (
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
)

// onlineTier returns the access tier of that name, in any case, when it is one
// that a blob can be written into and read from at once; "" for all others, such as
// those of premium accounts, which take none in a request.
func onlineTier(name string) blob.AccessTier {
	for _, tier := range []blob.AccessTier{blob.AccessTierHot, blob.AccessTierCool, blob.AccessTierCold} {
		if strings.EqualFold(name, string(tier)) {
			return tier
		}
	}
	return ""
}

// keptTier returns the tier that was chosen for the blob, for a copy of it and what
// replaces it; nil where it is the default of the account, or cannot be passed on.
func (b blobInfo) keptTier() *blob.AccessTier {
	if tier := onlineTier(string(b.tier)); tier != "" {
		return to.Ptr(tier)
	}
	return nil
}
