package main

import (
	"encoding/json"
	"io"

	"github.com/tidegate/tidegate/cmd/internal/gateway"
	"github.com/tidegate/tidegate/config"
)

// jsonResult is the document of -format json. docs/configuration.md describes it.
type jsonResult struct {
	Configuration string           `json:"configuration"`
	OK            bool             `json:"ok"`
	Errors        int              `json:"errors"`
	Warnings      int              `json:"warnings"`
	Problems      []config.Finding `json:"problems"`
	// Blocks and Stores are missing when the configuration is wrong.
	Blocks *totals     `json:"blocks,omitempty"`
	Stores []jsonStore `json:"stores,omitempty"`
	// Receivers are those of events, with -online.
	Receivers []jsonReceiver `json:"receivers,omitempty"`
}

// jsonReceiver is a receiver of events.
type jsonReceiver struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	// TookMS is how long its answer took, in milliseconds.
	TookMS int64  `json:"took_ms"`
	Answer string `json:"answer,omitempty"`
}

type jsonStore struct {
	Name string `json:"name"`
	// LargestFile is missing where there is no limit.
	LargestFile int64 `json:"largest_file,omitempty"`
	// Online has what -online has found.
	Online *jsonOnline `json:"online,omitempty"`
}

type jsonOnline struct {
	OK bool `json:"ok"`
	// TookMS is how long it took, in milliseconds.
	TookMS int64 `json:"took_ms"`
	// ClockAheadMS is how far the store's clock is ahead, where it is known.
	ClockAheadMS *int64 `json:"clock_ahead_ms,omitempty"`
	Wrote        string `json:"wrote,omitempty"`
}

func onlineOf(s gateway.StoreCheck) *jsonOnline {
	o := &jsonOnline{OK: s.Err == nil, TookMS: s.Took.Milliseconds(), Wrote: s.Wrote}
	if s.ClockKnown {
		ahead := s.Clock.Milliseconds()
		o.ClockAheadMS = &ahead
	}
	return o
}

// writeJSON writes one JSON document.
func writeJSON(w io.Writer, r result) error {
	doc := jsonResult{Configuration: r.path, OK: !r.diags.HasErrors(), Errors: len(r.diags.Errs()), Problems: config.Findings(r.diags)}
	doc.Warnings = len(r.diags) - doc.Errors
	if doc.OK || len(r.stores) > 0 {
		t := totalsOf(r.config)
		doc.Blocks = &t
		for i, b := range r.config.Backends {
			bytes, _ := largestFile(r.config, b)
			store := jsonStore{Name: b.Type + "." + b.Name, LargestFile: bytes}
			if i < len(r.stores) {
				store.Online = onlineOf(r.stores[i])
			}
			doc.Stores = append(doc.Stores, store)
		}
	}
	for _, e := range r.receivers {
		doc.Receivers = append(doc.Receivers, jsonReceiver{e.Event.Type + "." + e.Event.Name, e.Err == nil, e.Took.Milliseconds(), e.Answer})
	}
	return indented(w, doc)
}

// indented writes a value as JSON for programs and people.
func indented(w io.Writer, value any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(value)
}
