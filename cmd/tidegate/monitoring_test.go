package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const monitoringDir = "../../deploy/monitoring"

// The alerts and the dashboard ask for metrics that the program has.
func TestMonitoringAsksForWhatIsCounted(t *testing.T) {
	known := map[string]bool{}
	for _, d := range metricsOf(t) {
		known[d.name] = true
	}
	for _, file := range []string{"tidegate.rules.yml", "tidegate.rules.test.yml", "grafana.json"} {
		text, err := os.ReadFile(filepath.Join(monitoringDir, file))
		if err != nil {
			t.Fatal(err)
		}
		names := regexp.MustCompile(`\btidegate(_[a-z]+)+\b`).FindAllString(string(text), -1)
		if len(names) < 10 {
			t.Errorf("%s asks for %d metrics: this test does not find them", file, len(names))
		}
		for _, name := range names {
			if !known[name] && !known[strings.TrimSuffix(name, "_bucket")] {
				t.Errorf("%s asks for %s, which nothing counts", file, name)
			}
		}
	}
}

// The alerts fire when they should, and only then.
func TestAlerts(t *testing.T) {
	path, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is not here")
	}
	for _, args := range [][]string{{"check", "rules", "tidegate.rules.yml"}, {"test", "rules", "tidegate.rules.test.yml"}} {
		cmd := exec.CommandContext(t.Context(), path, args...)
		cmd.Dir = monitoringDir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("promtool %v: %v\n%s", args, err, out)
		}
	}
}

// rectangle is the place of a panel on the dashboard.
type rectangle struct{ X, Y, W, H int }

func (a rectangle) overlaps(b rectangle) bool {
	return a.X < b.X+b.W && b.X < a.X+a.W && a.Y < b.Y+b.H && b.Y < a.Y+a.H
}

// Grafana refuses nothing of this, and shows it wrong.
func TestDashboard(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(monitoringDir, "grafana.json"))
	if err != nil {
		t.Fatal(err)
	}
	var d struct {
		Panels []struct {
			ID          int
			Type, Title string
			GridPos     rectangle
			FieldConfig struct{ Defaults struct{ Unit string } }
			Targets     []struct {
				Expr       string
				Datasource struct{ UID string }
			}
		}
	}
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	if len(d.Panels) < 20 {
		t.Fatalf("there are %d panels", len(d.Panels))
	}
	for i, p := range d.Panels {
		for _, other := range d.Panels[:i] {
			if p.ID == other.ID || p.GridPos.overlaps(other.GridPos) {
				t.Errorf("%q and %q have one number or one place", p.Title, other.Title)
			}
		}
		if p.GridPos.X+p.GridPos.W > 24 {
			t.Errorf("%q is beyond the right edge", p.Title)
		}
		if p.Type == "row" {
			continue
		}
		if p.FieldConfig.Defaults.Unit == "" || len(p.Targets) == 0 {
			t.Errorf("%q has no unit or asks for nothing", p.Title)
		}
		for _, target := range p.Targets {
			if target.Datasource.UID != "${DS_PROMETHEUS}" || !slices.ContainsFunc([]string{"$instance", "job="}, func(s string) bool { return strings.Contains(target.Expr, s) }) {
				t.Errorf("%q asks another source, or for all nodes: %s", p.Title, target.Expr)
			}
		}
	}
}
