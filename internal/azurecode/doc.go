// Package azurecode is the table of the error codes of Azure Blob Storage: what each
// means to the gateway, as a vfs.Kind and, where that would not help a client, a reason.
// Every backend that can have a container of that service uses it: backends/azblob, and
// backends/rclone, whose Azure stores answer with the same codes.
//
//	kind, reason, ok := azurecode.Kind(bloberror.Code(re.ErrorCode), re.StatusCode)
//	if !ok {
//		kind = azurecode.KindOfStatus(re.StatusCode)
//	}
//
// It knows codes, and no errors: what a condition that was not met means, say, is up to
// the caller, who knows what was asked.
package azurecode
