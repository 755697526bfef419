//go:build rclone_all

package rclone

// All stores of rclone; stores.go says why this is an import.
import _ "github.com/rclone/rclone/backend/all"

// allStores: see stores.go.
const allStores = true
