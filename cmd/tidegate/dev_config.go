package main

import (
	"bytes"
	_ "embed" // for dev.hcl
	"flag"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"text/template"

	"github.com/tidegate/tidegate/cmd/internal/gateway"
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/hostmemory"
)

// devSource is the configuration that dev serves, a template of HCL. So dev runs the same
// code as serve.
//
//go:embed dev.hcl
var devSource string

// devValues fill the template.
type devValues struct {
	Dir, Hash, Listen, Passive, SFTP, Certificate string

	HostKeys []string
	// Endpoint, Container and Key are those of Azurite, "" to serve Dir.
	Endpoint, Container, Key string
}

// text fills in the template.
func (v devValues) text() (string, error) {
	t, err := template.New("dev.hcl").Funcs(template.FuncMap{"quote": config.Quote}).Parse(devSource)
	if err != nil {
		return "", err
	}
	var text bytes.Buffer
	err = t.Execute(&text, v)
	return text.String(), err
}

// flags returns the text whose values are the names of the flags that they come from.
func (v devValues) flags() (string, error) {
	named := devValues{Dir: "DIR", Hash: "-password", Listen: "-listen", Passive: "-passive", SFTP: "-sftp", Certificate: "-state", HostKeys: []string{"-state"}}
	if v.Endpoint != "" {
		named.Endpoint, named.Container, named.Key = "-azurite", "-azurite", "-azurite"
	}
	return named.text()
}

// devConfig fills in the template. The user does not see its text, so a problem is reported
// with the flag that the value comes from.
func (p *program) devConfig(values devValues, flags *flag.FlagSet) (*config.Config, error) {
	text, err := values.text()
	if err != nil {
		return nil, err
	}
	named, err := values.flags()
	if err != nil {
		return nil, err
	}
	c, diags := config.Load([]config.Source{{Name: "dev.hcl", Bytes: []byte(text)}}, gateway.Registry(), hostmemory.Detect())
	for _, d := range diags {
		name := devFlag(named, d.Subject.Start.Line)
		message := fmt.Sprintf("dev: %s: %s. %s", name, d.Summary, devPlaces(named, d.Detail))
		if name == "" {
			// What the template has is wrong only for some addresses.
			message = fmt.Sprintf("dev: -listen: %s. Other hosts can reach this address, and dev serves clients with and without TLS. "+
				"Listen on 127.0.0.1, or write a configuration for tidegate serve.", d.Summary)
		}
		switch {
		case (config.Diagnostics{d}).HasErrors():
			return nil, usageError{message, flags.Name()}
		case name != "-state": // dev creates the keys that it needs
			fmt.Fprintf(p.stderr, "tidegate: warning: %s\n", message)
		}
	}
	return c, nil
}

// devFlag returns the flag whose value is on a line of the configuration, "" for none. named has the same
// lines, with the names of flags as values.
func devFlag(named string, line int) string {
	if lines := strings.Split(named, "\n"); line <= len(lines) {
		if name := regexp.MustCompile(`"(-[a-z]+|DIR)"`).FindStringSubmatch(lines[line-1]); name != nil {
			return name[1]
		}
	}
	return ""
}

// devPlaces replaces places in dev.hcl by flags.
func devPlaces(named, text string) string {
	return regexp.MustCompile(`at dev\.hcl:(\d+):\d+`).ReplaceAllStringFunc(text, func(place string) string {
		line, _ := strconv.Atoi(strings.Split(place, ":")[1])
		return "by " + devFlag(named, line)
	})
}
