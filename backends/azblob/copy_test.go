package azblob_test

import (
	"context"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/vfs"
)

// A copy that continues after the answer is waited for; one that fails or is
// cancelled leaves the source, and nothing at the target.
func TestPendingCopy(t *testing.T) {
	rename := func(ctx context.Context, b *azblob.Backend) error {
		return b.Rename(ctx, vfs.MustParse("/old"), vfs.MustParse("/new"), vfs.RenameOptions{})
	}
	copyFile := func(ctx context.Context, b *azblob.Backend) error {
		_, err := b.Copy(ctx, vfs.MustParse("/old"), vfs.MustParse("/new"), vfs.CopyOptions{})
		return err
	}
	for name, tt := range map[string]struct {
		do     func(context.Context, *azblob.Backend) error
		plan   azstub.CopyPlan
		cancel bool
		want   string // what is there in the end
		kind   vfs.Kind
	}{
		"of a rename succeeds":    {do: rename, plan: azstub.CopyPlan{Polls: 2}, want: "new"},
		"of a rename fails":       {do: rename, plan: azstub.CopyPlan{Polls: 1, Fail: true}, want: "old", kind: vfs.KindUnavailable},
		"of a rename is given up": {do: rename, plan: azstub.CopyPlan{Polls: -1}, cancel: true, want: "old", kind: vfs.KindCanceled},
		"of a file succeeds":      {do: copyFile, plan: azstub.CopyPlan{Polls: 2}, want: "new old"},
		"of a file fails":         {do: copyFile, plan: azstub.CopyPlan{Polls: 1, Fail: true}, want: "old", kind: vfs.KindUnavailable},
		"of a file is given up":   {do: copyFile, plan: azstub.CopyPlan{Polls: -1}, cancel: true, want: "old", kind: vfs.KindCanceled},
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
			err := tt.do(ctx, b)
			if tt.kind != 0 {
				wantKind(t, err, tt.kind)
			} else if err != nil {
				t.Error(err)
			}
			wantNames(t, b, "/", strings.Fields(tt.want)...)
			for name := range strings.FieldsSeq(tt.want) {
				wantContent(t, s, name, []byte("content"))
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

// TestGivingUpACopy: after the attempt to abort a copy, Copy returns the true result: nil
// if the copy has been completed, otherwise KindCanceled, and then there is no copy.
func TestGivingUpACopy(t *testing.T) {
	const polls = 5
	for name, tt := range map[string]struct {
		fault func(aborting chan struct{}) azstub.Fault
		want  string // what is there in the end
		kind  vfs.Kind
	}{
		"that has just become whole": {fault: func(c chan struct{}) azstub.Fault { return azstub.Hold(c) }, want: "new old"},
		"with a lost answer":         {fault: func(chan struct{}) azstub.Fault { return azstub.LostAnswer() }, want: "old", kind: vfs.KindCanceled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := azstub.Start(t, azstub.Options{})
			b := openStub(t, s, small())
			place(t, s, map[string]azstub.Blob{"old": {Content: []byte("content")}})
			s.SetCopyPlan(func(azstub.CopyRequest) azstub.CopyPlan { return azstub.CopyPlan{Polls: polls} })
			aborting := make(chan struct{})
			s.AddRule(azstub.Rule{Kinds: []azstub.Kind{azstub.AbortCopy}, Times: 1, Fault: tt.fault(aborting)})
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				_ = s.Wait(t.Context(), func(c azstub.Counts) bool { return c[azstub.HeadBlob] >= 2 })
				cancel()
				_ = s.Wait(t.Context(), func(c azstub.Counts) bool { return c[azstub.AbortCopy] >= 1 })
				if tt.kind == 0 {
					for range polls { // each brings the copy nearer to its end
						_, _ = b.Stat(t.Context(), vfs.MustParse("/new"), vfs.TypeFile)
					}
				}
				close(aborting)
			}()
			_, err := b.Copy(ctx, vfs.MustParse("/old"), vfs.MustParse("/new"), vfs.CopyOptions{})
			if tt.kind != 0 {
				wantKind(t, err, tt.kind)
			} else if err != nil {
				t.Error(err)
			}
			wantNames(t, b, "/", strings.Fields(tt.want)...)
			for name := range strings.FieldsSeq(tt.want) {
				wantContent(t, s, name, []byte("content"))
			}
		})
	}
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
