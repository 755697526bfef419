package main

import (
	"encoding/json"
	"io"

	"github.com/tidegate/tidegate/config"
)

// jsonResult is the document of -format json. docs/configuration.md describes it.
type jsonResult struct {
	Configuration string           `json:"configuration"`
	OK            bool             `json:"ok"`
	Errors        int              `json:"errors"`
	Warnings      int              `json:"warnings"`
	Problems      []config.Finding `json:"problems"`
	// Blocks and Stores are missing after an error.
	Blocks *totals     `json:"blocks,omitempty"`
	Stores []jsonStore `json:"stores,omitempty"`
}

type jsonStore struct {
	Name string `json:"name"`
	// LargestFile is missing where there is no limit.
	LargestFile int64 `json:"largest_file,omitempty"`
}

// writeJSON writes one JSON document.
func writeJSON(w io.Writer, r result) error {
	doc := jsonResult{Configuration: r.path, OK: !r.diags.HasErrors(), Errors: len(r.diags.Errs()), Problems: config.Findings(r.diags)}
	doc.Warnings = len(r.diags) - doc.Errors
	if doc.OK {
		t := totalsOf(r.config)
		doc.Blocks = &t
		for _, b := range r.config.Backends {
			bytes, _ := largestFile(r.config, b)
			doc.Stores = append(doc.Stores, jsonStore{Name: b.Type + "." + b.Name, LargestFile: bytes})
		}
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
