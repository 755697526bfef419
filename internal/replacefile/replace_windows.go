package replacefile

import "os"

// keepOwner does nothing: a new file has the permissions of its directory.
func keepOwner(*os.File, os.FileInfo) error { return nil }

// syncDir does nothing: directories cannot be synced.
func syncDir(string) error { return nil }
