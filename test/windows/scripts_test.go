package windows

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const scripts = "../../deploy/azure"

// parse runs a parser of PowerShell on files. V8 would take half a minute to optimize it.
func parse(files ...string) (string, error) {
	out, err := exec.Command("node", append([]string{"--liftoff-only", "parse.mjs"}, files...)...).CombinedOutput()
	return string(out), err
}

// The scripts are PowerShell, as a parser sees it that is not PowerShell's own, and the parser
// finds mistakes.
func TestScriptsParse(t *testing.T) {
	files := []string{filepath.Join(scripts, "windows.ps1"), filepath.Join(scripts, "windows", "install.ps1")}
	if out, err := parse(files...); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	for _, f := range files {
		text := read(t, f)
		end := strings.LastIndex(text, "\n}")
		if end < 0 {
			t.Fatalf("%s has no block", f)
		}
		broken := filepath.Join(t.TempDir(), "broken.ps1")
		if err := os.WriteFile(broken, []byte(text[:end+1]+text[end+2:]), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := parse(broken); err == nil || !strings.Contains(out, "not PowerShell") {
			t.Errorf("without the last brace of %s: %v\n%s", f, err, out)
		}
	}
}

// windows.ps1 calls install.ps1 with all its mandatory parameters, and with no other than it
// has.
func TestScriptsAgree(t *testing.T) {
	install := read(t, filepath.Join(scripts, "windows", "install.ps1"))
	known := map[string]bool{} // to whether it is mandatory
	for _, m := range regexp.MustCompile(`(?m)^    (\[Parameter\(Mandatory = \$true\)\] )?\[\w+\] \$(\w+)`).FindAllStringSubmatch(install, -1) {
		known[m[2]] = m[1] != ""
	}
	_, call, found := strings.Cut(read(t, filepath.Join(scripts, "windows.ps1")), "-File install.ps1 ")
	call, _, ended := strings.Cut(call, "# The time")
	if !found || !ended {
		t.Fatal("windows.ps1 has no call of install.ps1")
	}
	given := map[string]bool{}
	for _, m := range regexp.MustCompile(`-([A-Z]\w+)`).FindAllStringSubmatch(call, -1) {
		given[m[1]] = true
		if _, ok := known[m[1]]; !ok {
			t.Errorf("install.ps1 has no parameter -%s", m[1])
		}
	}
	for name, mandatory := range known {
		if mandatory && !given[name] {
			t.Errorf("windows.ps1 does not give -%s", name)
		}
	}
	if len(given) < 6 || len(known) < 6 {
		t.Errorf("found only %v of %v", given, known)
	}
}

// The configuration takes the variables that install.ps1 writes.
func TestScriptsWriteTheVariables(t *testing.T) {
	install := read(t, filepath.Join(scripts, "windows", "install.ps1"))
	used := regexp.MustCompile(`env\("(\w+)"\)`).FindAllStringSubmatch(read(t, filepath.Join(scripts, "windows", "tidegate.hcl")), -1)
	if len(used) < 5 {
		t.Errorf("the configuration takes only %v", used)
	}
	for _, m := range used {
		if !strings.Contains(install, `"`+m[1]+"=") {
			t.Errorf("install.ps1 does not write %s", m[1])
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
