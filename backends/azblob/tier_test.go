package azblob_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"

	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/vfs"
)

// TestTierOfAppends: what is appended to stays in the tier that was chosen for
// it, and no other tier is ever sent.
func TestTierOfAppends(t *testing.T) {
	for _, accessTier := range []blob.AccessTier{"", blob.AccessTierCold} {
		for tier, sent := range map[string]string{"": "", "Hot": "Hot", "Cool": "Cool", "Cold": "Cold", "Premium": "", "P10": "", "Smart": ""} {
			for _, content := range []string{"", "content"} {
				t.Run(fmt.Sprintf("%q, %d bytes, default %q", tier, len(content), accessTier), func(t *testing.T) {
					s := azstub.Start(t, azstub.Options{})
					o := small()
					o.AccessTier = accessTier
					b := openStub(t, s, o)
					place(t, s, map[string]azstub.Blob{"log": {Content: []byte(content), Tier: tier}})
					if _, err := store(t.Context(), b, "/log", vfs.CreateOptions{Mode: vfs.ModeAppend}, strings.NewReader("more")); err != nil {
						t.Fatal(err)
					}
					wantSent(t, s, sent)
				})
			}
		}
	}
}

// TestAccessTier: new blobs get the tier that is configured, however they are
// stored, and so does what replaces a blob in another tier.
func TestAccessTier(t *testing.T) {
	for _, tier := range []blob.AccessTier{"", blob.AccessTierHot, blob.AccessTierCool, blob.AccessTierCold} {
		for _, size := range []int64{0, 10, 3 * suiteBlock} {
			for _, mode := range []vfs.Mode{vfs.ModeReplace, vfs.ModeExclusive, vfs.ModeAppend} {
				s := azstub.Start(t, azstub.Options{})
				o := small()
				o.AccessTier = tier
				b := openStub(t, s, o)
				if mode == vfs.ModeReplace {
					place(t, s, map[string]azstub.Blob{"file": {Content: []byte("old"), Tier: "Cool"}})
				}
				if _, err := store(t.Context(), b, "/file", vfs.CreateOptions{Mode: mode}, zeros(size)); err != nil {
					t.Fatal(err)
				}
				wantSent(t, s, string(tier))
				want := string(tier)
				if want == "" && mode == vfs.ModeReplace {
					want = "Cool" // the service keeps it
				}
				if got, _ := s.Blob(testContainer, "file"); got.Tier != want {
					t.Errorf("%d bytes, mode %d: tier %q, want %q", size, mode, got.Tier, want)
				}
			}
		}
	}
}

// wantSent checks the tier in the request that made the blob.
func wantSent(t *testing.T, s *azstub.Server, tier string) {
	t.Helper()
	for _, r := range s.Requests(0) {
		if got := r.Header.Get("x-ms-access-tier"); got != tier && (r.Kind == azstub.PutBlob || r.Kind == azstub.PutBlockList) {
			t.Errorf("%v sends tier %q, want %q", r.Kind, got, tier)
		}
	}
}

// TestAppendCopyLimit: no more than the limit is stored again, whoever made the
// blob, and appending to blocks is not bounded by it.
func TestAppendCopyLimit(t *testing.T) {
	for _, test := range []struct {
		name  string
		blob  azstub.Blob
		limit int64
		want  vfs.Kind
	}{
		{name: "as much as allowed", blob: azstub.Blob{Content: random(1000)}, limit: 1000},
		{name: "a byte more", blob: azstub.Blob{Content: random(1001)}, limit: 1000, want: vfs.KindTooLarge},
		{name: "the default", blob: azstub.Blob{Size: 256<<20 + 1}, want: vfs.KindTooLarge},
		{name: "blocks", blob: *blocksOf(random(5000), 100, true), limit: 1},
		{name: "many small blocks", blob: *blocksOf(random(3300), 3, true), limit: 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := azstub.Start(t, azstub.Options{})
			o := small()
			o.AppendCopyLimit = test.limit
			b := openStub(t, s, o)
			place(t, s, map[string]azstub.Blob{"log": test.blob})
			before := s.Counts()
			_, err := store(t.Context(), b, "/log", vfs.CreateOptions{Mode: vfs.ModeAppend}, strings.NewReader("more"))
			if test.want == 0 {
				if err != nil {
					t.Fatal(err)
				}
				wantContent(t, s, "log", append(test.blob.Content, "more"...))
				return
			}
			wantKind(t, err, test.want)
			if reason := vfs.ReasonOf(err); reason != "too much of the file would have to be stored again" {
				t.Errorf("reason %q", reason)
			}
			if !strings.Contains(err.Error(), "append_copy_limit") {
				t.Errorf("the log is told %q", err)
			}
			if got := s.Counts().Since(before).String(); got != "GetBlockList 1, HeadBlob 1" {
				t.Errorf("requests: %s", got)
			}
		})
	}
}
