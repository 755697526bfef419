package azblob_test

import (
	"context"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/internal/azstub"
	"github.com/tidegate/tidegate/vfs"
)

// A copy that goes on after the answer is waited for; one that fails or is
// given up leaves the source, and nothing at the target.
func TestPendingCopy(t *testing.T) {
	for name, tt := range map[string]struct {
		plan   azstub.CopyPlan
		cancel bool
		want   string // what is there in the end
	}{
		"succeeds":    {plan: azstub.CopyPlan{Polls: 2}, want: "new"},
		"fails":       {plan: azstub.CopyPlan{Polls: 1, Fail: true}, want: "old"},
		"is given up": {plan: azstub.CopyPlan{Polls: -1}, cancel: true, want: "old"},
	} {
		t.Run(name, func(t *testing.T) {
			s := azstub.Start(t, azstub.Options{})
			b := openStub(t, s, azblob.Options{})
			if err := s.Place(testContainer, "old", azstub.Blob{Content: []byte("content")}); err != nil {
				t.Fatal(err)
			}
			s.SetCopyPlan(func(azstub.CopyRequest) azstub.CopyPlan { return tt.plan })
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if tt.cancel {
				before := s.Counts()
				go func() {
					_ = s.Wait(t.Context(), func(c azstub.Counts) bool { return c.Since(before).Of(azstub.HeadBlob) >= 2 })
					cancel()
				}()
			}
			err := b.Rename(ctx, vfs.MustParse("/old"), vfs.MustParse("/new"), vfs.RenameOptions{})
			if (err == nil) != (tt.want == "new") {
				t.Errorf("Rename: %v", err)
			}
			entries, err := list(t.Context(), b, "/")
			if err != nil || len(entries) != 1 || entries[0].Name != tt.want || entries[0].Size != 7 {
				t.Errorf("there are %+v, %v, want %s", entries, err, tt.want)
			}
		})
	}
	t.Run("positions that no blob has", func(t *testing.T) {
		s := azstub.Start(t, azstub.Options{})
		b := openStub(t, s, azblob.Options{})
		if _, err := store(t.Context(), b, "/f", vfs.CreateOptions{}, zeros(3)); err != nil {
			t.Fatal(err)
		}
		if _, err := load(t.Context(), b, "/f", vfs.OpenOptions{Offset: 1<<63 - 1}); vfs.KindOf(err) != vfs.KindOffset {
			t.Errorf("Open: %v, want %v", err, vfs.KindOffset)
		}
	})
}

// TestOlderCopy: a target that was copied from a source of the same name, but of
// another content, is not taken for the copy whose answer was lost, after which
// the source would be deleted.
func TestOlderCopy(t *testing.T) {
	for name, fault := range map[string]azstub.Fault{"busy": azstub.ServerBusy(), "failed": azstub.InternalError()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := azstub.Start(t, azstub.Options{})
			b := openStub(t, s, small())
			put := func(text string) {
				t.Helper()
				if _, err := store(t.Context(), b, "/from", vfs.CreateOptions{}, strings.NewReader(text)); err != nil {
					t.Fatal(err)
				}
			}
			rename := func() error {
				return b.Rename(t.Context(), vfs.MustParse("/from"), vfs.MustParse("/to"), vfs.RenameOptions{NoReplace: true})
			}
			put("old")
			if err := rename(); err != nil {
				t.Fatal(err)
			}
			put("new")
			s.AddRule(azstub.Rule{Kinds: []azstub.Kind{azstub.CopyBlob}, Times: 1, Fault: fault})
			wantKind(t, rename(), vfs.KindExist)
			wantContent(t, s, "from", []byte("new"))
			wantContent(t, s, "to", []byte("old"))
		})
	}
}
