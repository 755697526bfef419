//go:build !unix

package ledger

import "errors"

func (s *session) shut() error { return errors.New("ledger: no half-close here") }
