//go:build !unix

package main

import (
	"log/slog"
	"os"

	"github.com/tidegate/tidegate/cmd/internal/gateway"
	"github.com/tidegate/tidegate/frontends/listen"
)

// inheritSockets returns no sockets: nothing passes them on here.
func inheritSockets() (*listen.Sockets, *os.File, error) { return nil, nil, nil }

// replacer does nothing here.
type replacer struct{}

func newReplacer(*slog.Logger, *listen.Sockets, *manager) *replacer { return &replacer{} }

func (*replacer) follow(*gateway.Gateway) {}

func (*replacer) release() {}
