// Package azurecode is the table of the error codes of Azure Blob Storage. It maps each code
// to a vfs.Kind and, where the kind alone would not help a client, to a reason.
// Every backend that can have a container of that service uses it: backends/azblob, and
// backends/rclone, whose Azure stores answer with the same codes.
//
//	kind, reason, ok := azurecode.Kind(bloberror.Code(re.ErrorCode), re.StatusCode)
//	if !ok {
//		kind = azurecode.KindOfStatus(re.StatusCode)
//	}
//
// It maps codes and not errors: for example, the caller decides what a condition that is not
// met means, because that depends on the request.
package azurecode
