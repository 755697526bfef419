package azblob_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/internal/testing/azurite"
	"github.com/tidegate/tidegate/vfs"
	"github.com/tidegate/tidegate/vfs/vfstest"
)

type listKey struct{}

// listPolicy sends, in the place of a Put Block List's body, the one of its
// context: the SDK's own lists know no <Committed>.
type listPolicy struct{}

func (listPolicy) Do(req *policy.Request) (*http.Response, error) {
	if body, ok := req.Raw().Context().Value(listKey{}).(string); ok {
		if err := req.SetBody(streaming.NopCloser(strings.NewReader(body)), "application/xml"); err != nil {
			return nil, err
		}
	}
	return req.Next()
}

// commitList commits blocks, each named by its element and its id.
func commitList(t *testing.T, c *container.Client, name string, blocks ...string) {
	t.Helper()
	var body strings.Builder
	for _, block := range blocks {
		element, id, _ := strings.Cut(block, " ")
		body.WriteString("<" + element + ">" + otherID(id) + "</" + element + ">")
	}
	ctx := context.WithValue(t.Context(), listKey{}, "<BlockList>"+body.String()+"</BlockList>")
	if _, err := c.NewBlockBlobClient(name).CommitBlockList(ctx, nil, nil); err != nil {
		t.Fatal(err)
	}
}

// onBoth runs a test on the stub and on Azurite. The other program is a client of
// the same container.
func onBoth(t *testing.T, test func(t *testing.T, b *azblob.Backend, other *container.Client)) {
	t.Helper()
	onBothWith(t, small(), test)
}

func onBothWith(t *testing.T, o azblob.Options, test func(t *testing.T, b *azblob.Backend, other *container.Client)) {
	t.Helper()
	t.Run("stub", func(t *testing.T) {
		s := azstub.Start(t, azstub.Options{})
		b := openStub(t, s, o)
		test(t, b, sdk(t, azstub.DevAccount, azstub.DevKey, s.URL()+"/"+testContainer))
	})
	t.Run("Azurite", func(t *testing.T) {
		s := azurite.Shared(t)
		url := s.Endpoint + "/" + s.Container(t)
		test(t, open(t, s.Account, s.Key, url, o), sdk(t, s.Account, s.Key, url))
	})
}

// otherID is a block id as other programs make them: the same for every upload.
func otherID(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func stageAs(t *testing.T, c *container.Client, name, id, content string) {
	t.Helper()
	body := streaming.NopCloser(strings.NewReader(content))
	if _, err := c.NewBlockBlobClient(name).StageBlock(t.Context(), otherID(id), body, nil); err != nil {
		t.Fatal(err)
	}
}

// commitAs stages and commits blocks, of which each id is followed by its
// content.
func commitAs(t *testing.T, c *container.Client, name string, blocks ...string) {
	t.Helper()
	var ids []string
	for i := 0; i < len(blocks); i += 2 {
		stageAs(t, c, name, blocks[i], blocks[i+1])
		ids = append(ids, otherID(blocks[i]))
	}
	if _, err := c.NewBlockBlobClient(name).CommitBlockList(t.Context(), ids, nil); err != nil {
		t.Fatal(err)
	}
}

func wantLoad(t *testing.T, b vfs.Backend, name, want string) {
	t.Helper()
	if got, err := load(t.Context(), b, name, vfs.OpenOptions{}); err != nil || string(got) != want {
		t.Errorf("%s holds %q, want %q: %v", name, got, want, err)
	}
}

// TestAppendPastLeftovers: what is appended to is the committed content, although
// blocks of the same ids wait, of an upload that its program has cancelled.
func TestAppendPastLeftovers(t *testing.T) {
	t.Parallel()
	const long = "block-id-of-another-length-"
	tests := []struct {
		name      string
		committed []string // ids and contents
		leftover  []string
		resume    bool
		kind      vfs.Kind
	}{
		{name: "one block", committed: []string{"block-00000000", "committed\n"}, leftover: []string{"block-00000000", "GIVEN UP\n"}},
		{name: "resumed", committed: []string{"block-00000000", "committed\n"}, leftover: []string{"block-00000000", "GIVEN UP\n"}, resume: true},
		{name: "of the same length", committed: []string{"block-00000000", "committed\n"}, leftover: []string{"block-00000000", "TIMMOCDE.\n"}},
		{
			name:      "some of several blocks",
			committed: []string{"block-00000000", "first\n", "block-00000001", "second\n", "block-00000002", "third\n"},
			leftover:  []string{"block-00000001", "GIVEN UP\n", "block-00000003", "GIVEN UP\n"},
		},
		{name: "other ids than what is committed", committed: []string{"block-00000000", "committed\n"}, leftover: []string{"block-00000009", "GIVEN UP\n"}},
		{name: "ids of another length than ours", committed: []string{long + "0", "committed\n"}, leftover: []string{long + "0", "GIVEN UP\n"}},
		{name: "ids of another length than what is committed", committed: []string{"block-00000000", "committed\n"}, leftover: []string{long + "0", "GIVEN UP\n"}},
		{name: "ids too short for ours", committed: []string{"1", "committed\n"}, leftover: []string{"1", "GIVEN UP\n"}, kind: vfs.KindConflict},
	}
	onBoth(t, func(t *testing.T, unlimited *azblob.Backend, other *container.Client) {
		b := vfstest.OneRequest(unlimited)
		for i, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				name := "log" + string(rune('a'+i))
				commitAs(t, other, name, test.committed...)
				var want strings.Builder
				for i := 1; i < len(test.committed); i += 2 {
					want.WriteString(test.committed[i])
				}
				for i := 0; i < len(test.leftover); i += 2 {
					stageAs(t, other, name, test.leftover[i], test.leftover[i+1])
				}
				o := vfs.CreateOptions{Mode: vfs.ModeAppend}
				if test.resume {
					o = vfs.CreateOptions{Mode: vfs.ModeResume, Offset: int64(want.Len())}
				}
				_, err := store(t.Context(), b, "/"+name, o, strings.NewReader("appended\n"))
				if test.kind != 0 {
					wantKind(t, err, test.kind)
					if !strings.Contains(vfs.ReasonOf(err), "another program has left an unfinished upload") || !strings.Contains(err.Error(), name) {
						t.Errorf("reason %q of %v", vfs.ReasonOf(err), err)
					}
				} else if err != nil {
					t.Fatal(err)
				} else {
					want.WriteString("appended\n")
				}
				wantLoad(t, b, "/"+name, want.String())
			})
		}
	})
}

// TestBlocksPastShortIDs: blocks whose ids are too short for ours keep blocks of ours
// out, and the error says so. A file of one block, which drops them, can be stored.
// (Azurite keeps them then.)
func TestBlocksPastShortIDs(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *azblob.Backend, other *container.Client) {
		stageAs(t, other, "file", "1", "GIVEN UP\n")
		_, err := store(t.Context(), b, "/file", vfs.CreateOptions{}, zeros(3*suiteBlock))
		wantKind(t, err, vfs.KindConflict)
		if want := "another program has left an unfinished upload of this file, which expires within a week"; vfs.ReasonOf(err) != want {
			t.Errorf("reason %q, want %q: %v", vfs.ReasonOf(err), want, err)
		}
		if strings.HasSuffix(t.Name(), "/Azurite") {
			return
		}
		for _, size := range []int64{suiteBlock, 3 * suiteBlock} {
			if _, err := store(t.Context(), b, "/file", vfs.CreateOptions{}, zeros(size)); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestAppendManyPastLeftovers: of what holds many small blocks, the last are read
// and stored again; the first stay, although blocks of their ids wait.
func TestAppendManyPastLeftovers(t *testing.T) {
	s := azstub.Start(t, azstub.Options{})
	b := openStub(t, s, small())
	other := sdk(t, azstub.DevAccount, azstub.DevKey, s.URL()+"/"+testContainer)
	content := random(1003 * 10)
	log := azstub.Blob{Content: content}
	for i := range 1003 {
		log.Blocks = append(log.Blocks, azstub.Block{ID: otherID(string(rune('a'+i%26)) + strings.Repeat("x", 7+i/26)), Size: 10})
	}
	// Only the length of ids that wait counts: take the first blocks' own.
	for i := range 3 {
		log.Blocks[i].ID = otherID("block-0000000" + string(rune('0'+i)))
	}
	place(t, s, map[string]azstub.Blob{"log": log})
	for i := range 3 {
		stageAs(t, other, "log", "block-0000000"+string(rune('0'+i)), "GIVEN UP")
	}
	if _, err := store(t.Context(), b, "/log", vfs.CreateOptions{Mode: vfs.ModeAppend}, strings.NewReader("appended")); err != nil {
		t.Fatal(err)
	}
	wantContent(t, s, "log", append(content, "appended"...))
	if got, _ := s.Blob(testContainer, "log"); len(got.Blocks) != 4 {
		t.Errorf("%d blocks, want the first three and one", len(got.Blocks))
	}
}

// TestAppendToRepeatedIDs: one id may name two blocks of a blob, with one content
// or with two. A list to commit cannot tell them apart.
func TestAppendToRepeatedIDs(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *azblob.Backend, other *container.Client) {
		commitAs(t, other, "log", "block-0001", "first\n", "block-0002", "second\n")
		stageAs(t, other, "log", "block-0002", "SECOND\n")
		commitList(t, other, "log", "Committed block-0001", "Committed block-0002", "Uncommitted block-0002", "Committed block-0001")
		want := "first\nsecond\nSECOND\nfirst\n"
		wantLoad(t, b, "/log", want)
		for _, more := range []string{"appended\n", "again\n"} {
			if _, err := store(t.Context(), b, "/log", vfs.CreateOptions{Mode: vfs.ModeAppend}, strings.NewReader(more)); err != nil {
				t.Fatal(err)
			}
			want += more
			wantLoad(t, b, "/log", want)
		}
	})
}

// TestReplacePastLeftovers: blocks that wait do not get into a file that is stored
// anew, of one block or of several.
func TestReplacePastLeftovers(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, unlimited *azblob.Backend, other *container.Client) {
		b := vfstest.OneRequest(unlimited)
		for _, size := range []int{10, 3*suiteBlock + 1} {
			commitAs(t, other, "file", "block-00000000", "committed\n")
			stageAs(t, other, "file", "block-00000000", "GIVEN UP\n")
			want := random(size)
			if _, err := store(t.Context(), b, "/file", vfs.CreateOptions{}, bytes.NewReader(want)); err != nil {
				t.Fatal(err)
			}
			wantLoad(t, b, "/file", string(want))
		}
	})
}

// TestAppendWhileOtherCommits: the other program commits between our look and our
// commit.
func TestAppendWhileOtherCommits(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *azblob.Backend, other *container.Client) {
		commitAs(t, other, "log", "block-00000000", "old\n")
		w, err := b.Create(t.Context(), vfs.MustParse("/log"), vfs.CreateOptions{Mode: vfs.ModeAppend})
		if err != nil {
			t.Fatal(err)
		}
		defer w.Abort()
		if _, err := io.WriteString(w, "appended\n"); err != nil {
			t.Fatal(err)
		}
		commitAs(t, other, "log", "block-00000000", "new\n")
		_, err = w.Commit(t.Context(), vfs.CommitOptions{})
		wantKind(t, err, vfs.KindConflict)
		wantLoad(t, b, "/log", "new\n")
	})
}

// TestUploadsOfOneName: two of our own uploads to one name, and the blocks that
// a third has left, do not get into each other's file.
func TestUploadsOfOneName(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, b *azblob.Backend, _ *container.Client) {
		for _, mode := range []vfs.Mode{vfs.ModeReplace, vfs.ModeAppend} {
			old := random(2*suiteBlock + 3)
			if _, err := store(t.Context(), b, "/file", vfs.CreateOptions{}, bytes.NewReader(old)); err != nil {
				t.Fatal(err)
			}
			var writers []vfs.Writer
			for i := range 3 {
				w, err := b.Create(t.Context(), vfs.MustParse("/file"), vfs.CreateOptions{Mode: mode})
				if err != nil {
					t.Fatal(err)
				}
				defer w.Abort()
				if _, err := w.Write(bytes.Repeat([]byte{byte('0' + i)}, 2*suiteBlock+1)); err != nil {
					t.Fatal(err)
				}
				writers = append(writers, w)
			}
			writers[0].Abort()
			if _, err := writers[1].Commit(t.Context(), vfs.CommitOptions{}); err != nil {
				t.Fatal(err)
			}
			want := strings.Repeat("1", 2*suiteBlock+1)
			if mode == vfs.ModeAppend {
				want = string(old) + want
			}
			// Blocks that arrive after the other's commit are not dropped by it.
			switch _, err := writers[2].Commit(t.Context(), vfs.CommitOptions{}); {
			case err == nil && mode == vfs.ModeReplace:
				want = strings.Repeat("2", 2*suiteBlock+1)
			default:
				wantKind(t, err, vfs.KindConflict)
			}
			wantLoad(t, b, "/file", want)
		}
	})
}

// TestTooManyLeftovers: the service keeps so many uncommitted blocks under a name
// and no more. The client hears what is in the way, and the file stays; a file of
// one block, which drops them all, can be stored.
func TestTooManyLeftovers(t *testing.T) {
	s := azstub.Start(t, azstub.Options{Limits: azstub.Limits{UncommittedBlocks: 3}})
	b := openStub(t, s, small())
	other := sdk(t, azstub.DevAccount, azstub.DevKey, s.URL()+"/"+testContainer)
	commitAs(t, other, "file", "block-00000000", "committed\n")
	for _, id := range []string{"block-00000000", "block-00000001", "block-00000002"} {
		stageAs(t, other, "file", id, "GIVEN UP\n")
	}
	refused := func(mode vfs.Mode, size int64) {
		t.Helper()
		_, err := store(t.Context(), b, "/file", vfs.CreateOptions{Mode: mode}, zeros(size))
		wantKind(t, err, vfs.KindConflict)
		if reason := vfs.ReasonOf(err); reason != "too many unfinished uploads of this file" {
			t.Errorf("reason %q", reason)
		}
		wantContent(t, s, "file", []byte("committed\n"))
	}
	refused(vfs.ModeAppend, 1)
	refused(vfs.ModeReplace, 2*suiteBlock)
	if _, err := store(t.Context(), b, "/file", vfs.CreateOptions{}, strings.NewReader("new\n")); err != nil {
		t.Fatal(err)
	}
	if _, err := store(t.Context(), b, "/file", vfs.CreateOptions{Mode: vfs.ModeAppend}, strings.NewReader("appended\n")); err != nil {
		t.Fatal(err)
	}
	wantContent(t, s, "file", []byte("new\nappended\n"))
}
