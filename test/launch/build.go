package launch

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"sync"
	"testing"

	"golang.org/x/crypto/bcrypt"
)

// program is the name of the file of tidegate.
const program = "tidegate"

// Main runs the tests of a package, removes what was built for them, and returns
// the status to exit with.
func Main(m *testing.M) int {
	code := m.Run()
	if dir, err := directory(); err == nil {
		_ = os.RemoveAll(dir)
	}
	return code
}

// Command returns a run of tidegate. Its working directory is an empty one.
func Command(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	cmd.Dir = t.TempDir()
	// The race detector reports a race when it happens. By default it also lets the program
	// sleep for a second before it exits, to find further races. What test/gotest sets comes
	// behind this, and counts.
	cmd.Env = append([]string{"GORACE=atexit_sleep_ms=0"}, cmd.Environ()...)
	return cmd
}

// Hash returns a cheap hash of a password, for configurations.
func Hash(t testing.TB, password string) string {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	return string(hash)
}

var directory = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "tidegate-test-") })

var built = sync.OnceValues(func() (string, error) {
	dir, err := directory()
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, program)
	// Unlike go build, go run keeps the linked program in Go's cache, where the next
	// package finds it. Here it is not run but copied.
	args := []string{"run", "-exec", "cp"}
	if RaceEnabled() {
		args = append(args, "-race")
	}
	// The working directory of the test is in the module, at an unknown place.
	out, err := exec.Command("go", append(args, "github.com/tidegate/tidegate/cmd/tidegate", path)...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go run: %w\n%s", err, out)
	}
	return path, nil
})

// RaceEnabled reports whether the test, and with it the program, has the race detector.
func RaceEnabled() bool {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return false
	}
	for _, s := range info.Settings {
		if s.Key == "-race" {
			return s.Value == "true"
		}
	}
	return false
}
