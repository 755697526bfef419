//go:build !rclone_all

package rclone

// The stores that are compiled in. rclone's backends register themselves in
// their init functions and offer no other way to be reached, so importing them
// for that effect cannot be avoided; this is the only list. Each one costs
// between a few hundred kilobytes (memory) and ten megabytes and more (s3).
// Build with the tag rclone_all for all of them.
import (
	_ "github.com/rclone/rclone/backend/azureblob"
	_ "github.com/rclone/rclone/backend/googlecloudstorage"
	_ "github.com/rclone/rclone/backend/local"
	_ "github.com/rclone/rclone/backend/memory"
	_ "github.com/rclone/rclone/backend/s3"
	_ "github.com/rclone/rclone/backend/sftp"
)

// allStores reports whether all the stores that rclone knows are compiled in.
const allStores = false
