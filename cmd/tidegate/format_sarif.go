package main

import (
	"io"
	"net/url"
	"path/filepath"

	"github.com/tidegate/tidegate/config"
)

// The parts of SARIF 2.1.0 that check writes: one run, with a rule for each kind of problem
// that was found.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID    string       `json:"id"`
		Short sarifMessage `json:"shortDescription"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		RuleIndex int             `json:"ruleIndex"`
		Level     string          `json:"level"`
		Message   sarifMessage    `json:"message"`
		Locations []sarifLocation `json:"locations,omitempty"`
	}
	sarifMessage struct {
		Text string `json:"text"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
		EndLine     int `json:"endLine,omitempty"`
		EndColumn   int `json:"endColumn,omitempty"`
	}
)

const sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

// writeSARIF writes a log of SARIF 2.1.0.
func writeSARIF(w io.Writer, r result) error {
	run := sarifRun{
		Tool:       sarifTool{sarifDriver{Name: "tidegate", Version: versionName(), Rules: []sarifRule{}}},
		ColumnKind: "unicodeCodePoints", Results: []sarifResult{},
	}
	driver := &run.Tool.Driver
	known := map[string]int{}
	for _, f := range config.Findings(r.diags) {
		index, ok := known[f.Rule]
		if !ok {
			index = len(driver.Rules)
			known[f.Rule] = index
			driver.Rules = append(driver.Rules, sarifRule{ID: f.Rule, Short: sarifMessage{f.Summary}})
		}
		run.Results = append(run.Results, sarifResult{
			RuleID: f.Rule, RuleIndex: index, Level: f.Severity, Message: sarifMessage{f.Summary + ": " + f.Detail}, Locations: sarifPlace(f),
		})
	}
	return indented(w, sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{run}})
}

// sarifPlace returns the place of a problem, nil without one.
func sarifPlace(f config.Finding) []sarifLocation {
	if f.File == "" {
		return nil
	}
	region := sarifRegion{StartLine: f.Line, StartColumn: f.Column}
	if f.EndLine > f.Line || f.EndLine == f.Line && f.EndColumn > f.Column {
		region.EndLine, region.EndColumn = f.EndLine, f.EndColumn
	}
	return []sarifLocation{{sarifPhysical{sarifArtifact{fileURI(f.File)}, region}}}
}

// fileURI returns a path as a URI: a relative one stays relative.
func fileURI(path string) string {
	u := url.URL{Path: filepath.ToSlash(path)}
	if filepath.IsAbs(path) {
		u.Scheme = "file"
		if u.Path[0] != '/' { // C:/…
			u.Path = "/" + u.Path
		}
	}
	return u.String()
}
