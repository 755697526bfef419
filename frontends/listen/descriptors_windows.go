package listen

import "math"

// MaxDescriptors returns how many handles the process may have. Windows has no such limit.
func MaxDescriptors() int64 { return math.MaxInt64 }
