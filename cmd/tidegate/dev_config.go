package main

import (
	"bytes"
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

// devValues fill the template.
type devValues struct {
	Dir, Hash, Listen, Passive, SFTP, Certificate string

	HostKeys []string
}

// devConfig fills in the template. The user does not see its text, so a problem is reported
// with the flag that the value comes from.
func (p *program) devConfig(values devValues, flags *flag.FlagSet) (*config.Config, error) {
	t, err := template.New("dev.hcl").Funcs(template.FuncMap{"quote": config.Quote}).Parse(devSource)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	if err := t.Execute(&text, values); err != nil {
		return nil, err
	}
	c, diags := config.Load([]config.Source{{Name: "dev.hcl", Bytes: text.Bytes()}}, gateway.Registry(), hostmemory.Detect())
	for _, d := range diags {
		name := devFlag(d.Subject.Start.Line)
		message := fmt.Sprintf("dev: %s: %s. %s", name, d.Summary, devPlaces(d.Detail))
		switch {
		case (config.Diagnostics{d}).HasErrors():
			return nil, usageError{message, helpOf(flags)}
		case name != "-host-key": // dev creates the keys that it needs
			fmt.Fprintf(p.stderr, "tidegate: warning: %s\n", message)
		}
	}
	return c, nil
}

// devFlag returns the flag whose value is on a line of the configuration. The template has
// the same lines, with the name of the value in its place.
func devFlag(line int) string {
	lines := strings.Split(devSource, "\n")
	for field, name := range map[string]string{
		".Listen": "-listen", ".Passive": "-passive", ".SFTP": "-sftp", ".HostKeys": "-host-key",
		".Certificate": "-host-key", ".Hash": "-password", ".Dir": "DIR",
	} {
		if line <= len(lines) && strings.Contains(lines[line-1], field) {
			return name
		}
	}
	return "dev.hcl"
}

// devPlaces replaces places in dev.hcl by flags.
func devPlaces(text string) string {
	return regexp.MustCompile(`at dev\.hcl:(\d+):\d+`).ReplaceAllStringFunc(text, func(place string) string {
		line, _ := strconv.Atoi(strings.Split(place, ":")[1])
		return "by " + devFlag(line)
	})
}
