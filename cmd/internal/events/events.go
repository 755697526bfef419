// Package events is the contract between the receivers of events and the process that sends
// them. It is not a registry: cmd/internal/gateway lists the receivers. How events are made,
// queued and sent again is in internal/notify.
//
// A kind of receiver is a package below this one. It has a struct Config with hcl tags, which
// implements the interface Config here, and a function that returns its type:
//
//	func Type() config.Type {
//		return events.TypeOf("webhook", func() Config { return Config{} })
//	}
//
// What all kinds have in common, such as filters, is decoded by package config.
package events

import (
	"context"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/notify"
)

// Config is the decoded body of a block `event "TYPE" "NAME" {}` without the arguments that
// all types have.
type Config interface {
	config.Body
	// Open reads the files that the block names and returns what sends the events. It sends
	// nothing: a receiver that does not answer is no reason not to start.
	Open(ctx context.Context) (Sender, error)
}

// Sender sends events to one receiver.
type Sender interface {
	notify.Sender
	// Check asks the receiver for an answer without sending an event. It returns what the
	// receiver has answered, or why events will not reach it, without a secret.
	Check(ctx context.Context) (answer string, err error)
}

// TypeOf returns the type called name whose blocks decode into a C. defaults returns the
// values of missing attributes.
func TypeOf[C any, P interface {
	*C
	Config
}](name string, defaults func() C) config.Type {
	return config.TypeOf[C, P](name, defaults)
}
