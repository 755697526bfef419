package azurelive

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/internal/testing/azstub"
)

// TestLive runs the program as `make live` does, with the stub instead of the accounts, and with
// only one question, to save time.
func TestLive(t *testing.T) {
	if *live {
		t.Skip("this is that run") // asks nothing of an account
	}
	flat, tree := azstub.Start(t, azstub.Options{}), azstub.Start(t, azstub.Options{HNS: true})
	// An account that gives files another ETag when it renames them.
	other := azstub.Start(t, azstub.Options{HNS: true, RenameStamps: true})
	named := func(hns *azstub.Server) []string {
		return []string{
			flatVariable + "=" + flat.URL(), flatVariable + "_KEY=" + azstub.DevKey,
			hnsVariable + "=" + hns.URL(), hnsVariable + "_KEY=" + azstub.DevKey, hnsVariable + "_DFS=" + hns.DFSURL(),
		}
	}
	for _, tc := range []struct {
		name   string
		env    []string
		status int
		says   string
	}{
		{"no account", nil, refused, "TIDEGATE_LIVE_FLAT is not set"},
		{"one account", named(tree)[:2], refused, "TIDEGATE_LIVE_HNS is not set"},
		{"two accounts", named(tree), 0, "The accounts answer as the stub does."},
		{"an account that differs", named(other), differs, "1 answers differ"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-live", "-test.run=^TestQuestions$/./(the_ETag_of_a_file_after_a_rename|Put_Block_without_content)$")
			cmd.Env = append(without(os.Environ(), "TIDEGATE_LIVE_"), tc.env...)
			var out bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &out
			err := cmd.Run()
			status := 0
			if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
				status = exit.ExitCode()
			} else if err != nil {
				t.Fatal(err)
			}
			if status != tc.status || !strings.Contains(out.String(), tc.says) {
				t.Errorf("exit status %d, want %d and %q: %s", status, tc.status, tc.says, &out)
			}
		})
	}
	if a := flat.Counts(); a[azstub.CreateContainer] == 0 || a[azstub.CreateContainer] != a[azstub.DeleteContainer] {
		t.Errorf("not all containers are deleted: %v", a)
	}
}

// without leaves out the variables that begin with a prefix.
func without(env []string, prefix string) (kept []string) {
	for _, v := range env {
		if !strings.HasPrefix(v, prefix) {
			kept = append(kept, v)
		}
	}
	return kept
}
