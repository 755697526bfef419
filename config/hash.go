package config

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
)

// Hash returns a short hash of what a configuration was loaded from, which is the same on
// every node with equal files. It is for the log: it shows whether two nodes have the same
// configuration.
func Hash(sources []Source) string {
	sum := sha256.New()
	for _, s := range sources {
		fmt.Fprintf(sum, "%q %d\n", filepath.Base(s.Name), len(s.Bytes))
		_, _ = sum.Write(s.Bytes)
	}
	return hex.EncodeToString(sum.Sum(nil)[:6])
}
