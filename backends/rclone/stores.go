//go:build !rclone_all

package rclone

// The stores that are compiled in. rclone's backends can only be used after their init
// functions have registered them, so blank imports cannot be avoided; this is the only
// list. Each one costs between a few hundred kilobytes (memory) and ten megabytes and more
// (s3). The build tag rclone_all compiles in all of them.
import (
	_ "github.com/rclone/rclone/backend/azureblob"
	_ "github.com/rclone/rclone/backend/googlecloudstorage"
	_ "github.com/rclone/rclone/backend/local"
	_ "github.com/rclone/rclone/backend/memory"
	_ "github.com/rclone/rclone/backend/s3"
	_ "github.com/rclone/rclone/backend/sftp"
)

// allStores is true when all stores of rclone are compiled in.
const allStores = false
