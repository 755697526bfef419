//go:build !unix

package ledger

import "errors"

func (c *ftpClient) shut() error { return errors.New("ledger: no half-close here") }
