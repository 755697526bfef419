//go:build rclone_all

package rclone

// All the stores that rclone knows; see stores.go for why this is an import.
import _ "github.com/rclone/rclone/backend/all"

// allStores: see stores.go.
const allStores = true
