package azblob_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/vfs"
	"github.com/tidegate/tidegate/vfs/vfstest"
)

// small are options under which a few hundred kilobytes are many blocks.
func small() azblob.Options {
	return azblob.Options{BlockSize: suiteBlock, Chunks: chunk.New(4 << 20)}
}

func random(size int) []byte {
	content := make([]byte, size)
	r := rand.NewChaCha8([32]byte{byte(size)})
	_, _ = r.Read(content) // never fails
	return content
}

func wantKind(t *testing.T, err error, want vfs.Kind) {
	t.Helper()
	if err == nil || vfs.KindOf(err) != want {
		t.Fatalf("kind %v, want %v: %v", vfs.KindOf(err), want, err)
	}
}

func wantContent(t *testing.T, s *azstub.Server, name string, want []byte) {
	t.Helper()
	got, ok := s.Blob(testContainer, name)
	if !ok || got.ETag == "" {
		t.Fatalf("there is no blob %q", name)
	}
	if !bytes.Equal(got.Content, want) {
		t.Fatalf("blob %q holds %d bytes, want %d others", name, len(got.Content), len(want))
	}
}

// TestUploadFaults proves P1 for each way in which the service can fail an
// upload: nil means that the whole file is there, everything else that the old
// one is, unless the answer was lost.
func TestUploadFaults(t *testing.T) {
	block, list, single := azstub.PutBlock, azstub.PutBlockList, azstub.PutBlob
	const many, one = 5*suiteBlock + 7, 1000
	tests := []struct {
		name  string
		size  int
		mode  vfs.Mode
		old   bool
		rules []azstub.Rule
		want  vfs.Kind // 0 is success
		new   bool     // the new content is there
	}{
		{name: "busy once, one block", size: one, rules: []azstub.Rule{{Kinds: []azstub.Kind{single}, Times: 1, Fault: azstub.ServerBusy()}}, new: true},
		{name: "busy often, blocks", size: many, rules: []azstub.Rule{{Kinds: []azstub.Kind{block, list}, Times: 3, Fault: azstub.InternalError()}}, new: true},
		{name: "busy for ever, one block", size: one, rules: []azstub.Rule{{Kinds: []azstub.Kind{single}, Fault: azstub.ServerBusy()}}, want: vfs.KindUnavailable},
		{name: "busy for ever, blocks", size: many, rules: []azstub.Rule{{Kinds: []azstub.Kind{block}, Fault: azstub.ServerBusy()}}, want: vfs.KindUnavailable},
		{name: "busy for ever, list", size: many, rules: []azstub.Rule{{Kinds: []azstub.Kind{list}, Fault: azstub.ServerBusy()}}, want: vfs.KindUnavailable},
		{name: "cut in the body, one block", size: one, rules: []azstub.Rule{{Kinds: []azstub.Kind{single}, Times: 1, Fault: azstub.Cut(azstub.RequestBody(-1))}}, new: true},
		{name: "cut in the body, blocks", size: many, rules: []azstub.Rule{{Kinds: []azstub.Kind{block}, Times: 3, Fault: azstub.Cut(azstub.RequestBody(-1))}}, new: true},
		{name: "answered before the body is read", size: many, rules: []azstub.Rule{{Kinds: []azstub.Kind{block}, Times: 3, Fault: azstub.Fail(azstub.BeforeBody(), 503, "ServerBusy")}}, new: true},
		{name: "answers of blocks lost", size: many, rules: []azstub.Rule{{Kinds: []azstub.Kind{block}, Times: 3, Fault: azstub.LostAnswer()}}, new: true},
		{name: "answer lost, one block", size: one, rules: []azstub.Rule{{Kinds: []azstub.Kind{single}, Times: 1, Fault: azstub.LostAnswer()}}, new: true},
		{name: "answer lost, list", size: many, rules: []azstub.Rule{{Kinds: []azstub.Kind{list}, Times: 1, Fault: azstub.LostAnswer()}}, new: true},
		{name: "every answer lost, list", size: many, rules: []azstub.Rule{{Kinds: []azstub.Kind{list}, Fault: azstub.LostAnswer()}}, new: true},
		{name: "answer lost, exclusive", size: one, mode: vfs.ModeExclusive, rules: []azstub.Rule{{Kinds: []azstub.Kind{single}, Times: 1, Fault: azstub.LostAnswer()}}, new: true},
		{name: "answer lost, exclusive list", size: many, mode: vfs.ModeExclusive, rules: []azstub.Rule{{Kinds: []azstub.Kind{list}, Times: 1, Fault: azstub.LostAnswer()}}, new: true},
		{name: "answer lost, append", size: many, mode: vfs.ModeAppend, old: true, rules: []azstub.Rule{{Kinds: []azstub.Kind{list}, Times: 1, Fault: azstub.LostAnswer()}}, new: true},
		{name: "busy, then refused", size: one, mode: vfs.ModeExclusive, old: true, rules: []azstub.Rule{{Kinds: []azstub.Kind{single}, Times: 1, Fault: azstub.ServerBusy()}}, want: vfs.KindExist},
		{name: "answer lost and nobody to ask", size: one, rules: []azstub.Rule{
			{Kinds: []azstub.Kind{single}, Fault: azstub.LostAnswer()},
			{Kinds: []azstub.Kind{azstub.HeadBlob}, Fault: azstub.ServerBusy()},
		}, want: vfs.KindUnavailable, new: true},
		{name: "refused", size: many, rules: []azstub.Rule{{Kinds: []azstub.Kind{block}, Fault: azstub.Fail(azstub.BeforeBody(), 403, "AuthorizationFailure")}}, want: vfs.KindUnavailable},
		{name: "leased", size: one, old: true, rules: []azstub.Rule{{Kinds: []azstub.Kind{single}, Fault: azstub.Fail(azstub.BeforeBody(), 412, "LeaseIdMissing")}}, want: vfs.KindLocked},
		{name: "too large", size: many, rules: []azstub.Rule{{Kinds: []azstub.Kind{list}, Fault: azstub.Fail(azstub.BeforeBody(), 413, "RequestBodyTooLarge")}}, want: vfs.KindTooLarge},
		{name: "container is gone", size: one, rules: []azstub.Rule{{Kinds: []azstub.Kind{single}, Fault: azstub.Fail(azstub.BeforeBody(), 404, "ContainerNotFound")}}, want: vfs.KindUnavailable},
	}
	for _, test := range tests {
		for _, put := range []struct {
			name  string
			store func(context.Context, vfs.Backend, string, vfs.CreateOptions, io.Reader) (vfs.Info, error)
		}{{"", store}, {", prepared", storePrepared}, {", one request at a time", storeLimited}} {
			t.Run(test.name+put.name, func(t *testing.T) {
				t.Parallel()
				s := azstub.Start(t, azstub.Options{})
				b := openStub(t, s, small())
				old := []byte("old content")
				if test.old {
					if err := s.Place(testContainer, "file", azstub.Blob{Content: old}); err != nil {
						t.Fatal(err)
					}
				}
				content := random(test.size)
				for _, rule := range test.rules {
					s.AddRule(rule)
				}
				_, err := put.store(t.Context(), b, "/file", vfs.CreateOptions{Mode: test.mode}, bytes.NewReader(content))
				if test.want != 0 {
					wantKind(t, err, test.want)
				} else if err != nil {
					t.Fatal(err)
				}
				switch {
				case test.new && test.mode == vfs.ModeAppend:
					wantContent(t, s, "file", slices.Concat(old, content))
				case test.new:
					wantContent(t, s, "file", content)
				case test.old:
					wantContent(t, s, "file", old)
				default:
					if slices.Contains(s.Names(testContainer), "file") {
						t.Error("the file is there")
					}
				}
			})
		}
	}
}

// storeLimited is store with one request at a time.
func storeLimited(ctx context.Context, b vfs.Backend, name string, o vfs.CreateOptions, r io.Reader) (vfs.Info, error) {
	return store(ctx, vfstest.OneRequest(b), name, o, r)
}

// storePrepared is store with Prepare.
func storePrepared(ctx context.Context, b vfs.Backend, name string, o vfs.CreateOptions, r io.Reader) (vfs.Info, error) {
	w, err := b.Create(ctx, vfs.MustParse(name), o)
	if err != nil {
		return vfs.Info{}, err
	}
	defer w.Abort()
	if _, err := io.Copy(w, r); err != nil {
		return vfs.Info{}, err
	}
	w.(vfs.Preparer).Prepare(ctx, vfs.CommitOptions{})
	return w.Commit(ctx, vfs.CommitOptions{})
}

// TestBodiesOfAttempts proves that an attempt which is answered early cannot
// disturb the next one: the service reads nothing of the first bodies, and the
// blocks that arrive are whole, which their checksums prove.
func TestBodiesOfAttempts(t *testing.T) {
	s := azstub.Start(t, azstub.Options{})
	o := small()
	o.BlockSize = 1 << 20
	o.Chunks = chunk.New(16 << 20)
	content := random(20 << 20)
	s.AddRule(azstub.Rule{Kinds: []azstub.Kind{azstub.PutBlock}, Times: 40, Fault: azstub.Fail(azstub.RequestBody(1000), 503, "ServerBusy")})
	retry := *quick()
	retry.MaxRetries = 50
	o.Retry = &retry
	b := openStub(t, s, o)
	if _, err := store(t.Context(), b, "/file", vfs.CreateOptions{}, bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	wantContent(t, s, "file", content)
}

// TestDownloadFaults proves G8 and that a broken range continues at its byte.
func TestDownloadFaults(t *testing.T) {
	get := []azstub.Kind{azstub.GetBlob}
	content := random(5*suiteBlock + 7)
	tests := []struct {
		name  string
		rules []azstub.Rule
		want  vfs.Kind
	}{
		{name: "busy", rules: []azstub.Rule{{Kinds: get, Times: 3, Fault: azstub.ServerBusy()}}},
		{name: "busy for ever", rules: []azstub.Rule{{Kinds: get, Fault: azstub.ServerBusy()}}, want: vfs.KindUnavailable},
		{name: "cut in every range", rules: []azstub.Rule{{Kinds: get, Times: 12, Fault: azstub.Cut(azstub.ResponseBody(-1))}}},
		{name: "cut for ever after a byte", rules: []azstub.Rule{{Kinds: get, Skip: 3, Fault: azstub.Cut(azstub.ResponseBody(0))}}, want: vfs.KindUnavailable},
		{name: "gone in the middle", rules: []azstub.Rule{{Kinds: get, Skip: 2, Fault: azstub.Fail(azstub.BeforeBody(), 404, "BlobNotFound")}}, want: vfs.KindConflict},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := azstub.Start(t, azstub.Options{})
			b := openStub(t, s, small())
			if err := s.Place(testContainer, "file", azstub.Blob{Content: content}); err != nil {
				t.Fatal(err)
			}
			for _, rule := range test.rules {
				s.AddRule(rule)
			}
			got, err := load(t.Context(), b, "/file", vfs.OpenOptions{})
			if test.want != 0 {
				wantKind(t, err, test.want)
				if !bytes.HasPrefix(content, got) {
					t.Error("what was read is not the beginning of the file")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, content) {
				t.Errorf("%d bytes were read, want %d others", len(got), len(content))
			}
		})
	}
}

// TestDirectoryRenameFaults fails a rename of a directory at each of its
// requests. Whatever happens, every file is there, at one place or both; and
// before the first deletion the sources are untouched and no copy stays.
func TestDirectoryRenameFaults(t *testing.T) {
	kinds := []azstub.Kind{azstub.HeadBlob, azstub.ListBlobs, azstub.CopyBlob, azstub.DeleteBlob}
	fill := func(t *testing.T) (*azstub.Server, *azblob.Backend, map[string][]byte) {
		t.Helper()
		s := azstub.Start(t, azstub.Options{})
		o := small()
		retry := *quick()
		retry.MaxRetries = -1
		o.Retry = &retry
		b := openStub(t, s, o)
		files := map[string][]byte{}
		for i := range 10 {
			files[fmt.Sprintf("/%d/f", i)] = random(10 + i)
		}
		for name, content := range files {
			if err := s.Place(testContainer, "from"+name, azstub.Blob{Content: content}); err != nil {
				t.Fatal(err)
			}
		}
		if err := b.Mkdir(t.Context(), vfs.MustParse("/from")); err != nil {
			t.Fatal(err)
		}
		return s, b, files
	}
	for _, kind := range kinds {
		for _, skip := range []int{0, 1, 5, 9} {
			for name, fault := range map[string]azstub.Fault{"refused": azstub.Fail(azstub.BeforeBody(), 403, "AuthorizationFailure"), "lost": azstub.LostAnswer(), "unknown": azstub.LostAnswer()} {
				t.Run(fmt.Sprintf("%v %d %s", kind, skip, name), func(t *testing.T) {
					t.Parallel()
					s, b, files := fill(t)
					s.AddRule(azstub.Rule{Kinds: []azstub.Kind{kind}, Skip: skip, Times: 1, Fault: fault})
					if name == "unknown" && kind == azstub.CopyBlob {
						// One comes first, the second asks what became of the copy.
						s.AddRule(azstub.Rule{Kinds: []azstub.Kind{azstub.HeadBlob}, Skip: 1, Times: 1, Fault: azstub.ServerBusy()})
					}
					before := s.Counts()
					err := b.Rename(t.Context(), vfs.MustParse("/from"), vfs.MustParse("/to"), vfs.RenameOptions{})
					struck := s.Counts().Since(before).Of(kind) > int64(skip)
					// When an answer is lost, what only reads is sent again by
					// net/http itself, and a copy is looked for.
					again := name != "refused" && (kind == azstub.HeadBlob || kind == azstub.ListBlobs) ||
						name == "lost" && kind == azstub.CopyBlob
					if struck != (err != nil) && !again {
						t.Errorf("the fault struck: %v, the rename said: %v", struck, err)
					}
					for name, content := range files {
						from, atFrom := s.Blob(testContainer, "from"+name)
						to, atTo := s.Blob(testContainer, "to"+name)
						switch {
						case atFrom && !bytes.Equal(from.Content, content), atTo && !bytes.Equal(to.Content, content), !atFrom && !atTo:
							t.Errorf("%s is damaged or lost", name)
						case err == nil && atFrom, err != nil && kind != azstub.DeleteBlob && (!atFrom || atTo):
							t.Errorf("%s: at the source %v, at the target %v, after %v", name, atFrom, atTo, err)
						}
					}
				})
			}
		}
	}
}

// TestFileRenameFaults proves that a rename that fails loses nothing.
func TestFileRenameFaults(t *testing.T) {
	tests := []struct {
		name      string
		kind      azstub.Kind
		fault     azstub.Fault
		times     int // 0 is once
		noReplace bool
		want      vfs.Kind
		from, to  bool
	}{
		{name: "copy busy", kind: azstub.CopyBlob, fault: azstub.ServerBusy(), to: true},
		{name: "copy refused", kind: azstub.CopyBlob, fault: azstub.Fail(azstub.BeforeBody(), 403, "AuthorizationFailure"), want: vfs.KindUnavailable, from: true},
		{name: "source changed", kind: azstub.CopyBlob, fault: azstub.Fail(azstub.BeforeBody(), 412, "SourceConditionNotMet"), want: vfs.KindConflict, from: true},
		{name: "source changed, no replace", kind: azstub.CopyBlob, noReplace: true, fault: azstub.Fail(azstub.BeforeBody(), 412, "SourceConditionNotMet"), want: vfs.KindConflict, from: true},
		{name: "answer to the copy lost", kind: azstub.CopyBlob, fault: azstub.LostAnswer(), to: true},
		{name: "answer to the copy lost, no replace", kind: azstub.CopyBlob, fault: azstub.LostAnswer(), noReplace: true, to: true},
		{name: "answer to the deletion lost", kind: azstub.DeleteBlob, fault: azstub.LostAnswer(), to: true},
		{name: "deletion refused", kind: azstub.DeleteBlob, fault: azstub.Fail(azstub.BeforeBody(), 409, "BlobImmutableDueToPolicy"), want: vfs.KindLocked, from: true},
		{name: "deletion refused, no replace", kind: azstub.DeleteBlob, noReplace: true, fault: azstub.Fail(azstub.BeforeBody(), 409, "BlobImmutableDueToPolicy"), want: vfs.KindLocked, from: true},
		{name: "changed after the copy", kind: azstub.DeleteBlob, fault: azstub.Fail(azstub.BeforeBody(), 412, "ConditionNotMet"), want: vfs.KindConflict, from: true},
		// An attempt whose answer was lost may have deleted the source, or will.
		{name: "every answer to the deletion lost", kind: azstub.DeleteBlob, fault: azstub.LostAnswer(), times: 9, want: vfs.KindUnavailable, to: true},
		{name: "every answer to the deletion lost, no replace", kind: azstub.DeleteBlob, fault: azstub.LostAnswer(), times: 9, noReplace: true, want: vfs.KindUnavailable, to: true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := azstub.Start(t, azstub.Options{})
			b := openStub(t, s, small())
			content := []byte("content")
			if err := s.Place(testContainer, "from", azstub.Blob{Content: content, Metadata: map[string]string{"kept": "yes"}}); err != nil {
				t.Fatal(err)
			}
			s.AddRule(azstub.Rule{Kinds: []azstub.Kind{test.kind}, Times: max(test.times, 1), Fault: test.fault})
			err := b.Rename(t.Context(), vfs.MustParse("/from"), vfs.MustParse("/to"), vfs.RenameOptions{NoReplace: test.noReplace})
			if test.want != 0 {
				wantKind(t, err, test.want)
			} else if err != nil {
				t.Fatal(err)
			}
			names := strings.Join(s.Names(testContainer), " ")
			want := []string{}
			if test.from {
				want = append(want, "from")
			}
			if test.to {
				want = append(want, "to")
				wantContent(t, s, "to", content)
			}
			if names != strings.Join(want, " ") {
				t.Errorf("there are %q, want %q", names, want)
			}
		})
	}
}

// TestCancelCommit ends the context while the commit is under way: whatever
// the answer, it is not a false one.
func TestCancelCommit(t *testing.T) {
	s := azstub.Start(t, azstub.Options{})
	b := openStub(t, s, small())
	never := make(chan struct{})
	s.AddRule(azstub.Rule{Kinds: []azstub.Kind{azstub.PutBlob}, Fault: azstub.Hold(never)})
	w, err := b.Create(t.Context(), vfs.MustParse("/file"), vfs.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, "content"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_ = s.Wait(t.Context(), func(c azstub.Counts) bool { return c[azstub.PutBlob] > 0 })
		cancel()
	}()
	_, err = w.Commit(ctx, vfs.CommitOptions{})
	wantKind(t, err, vfs.KindUnavailable)
}

// TestAbortOfPrepared proves that the end of a prepared upload waits neither for the service
// nor for what it would do after a commit: an attempt that was sent without its last byte
// stores nothing.
func TestAbortOfPrepared(t *testing.T) {
	t.Parallel()
	for _, size := range []int{8 << 10, 3*suiteBlock + 5} {
		s := azstub.Start(t, azstub.Options{})
		b := openStub(t, s, small())
		w, err := b.Create(t.Context(), vfs.MustParse("/file"), vfs.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(random(size)); err != nil {
			t.Fatal(err)
		}
		w.(vfs.Preparer).Prepare(t.Context(), vfs.CommitOptions{})
		if err := s.Wait(t.Context(), func(c azstub.Counts) bool { return c[azstub.PutBlob]+c[azstub.PutBlockList] > 0 }); err != nil {
			t.Fatal(err)
		}
		never := make(chan struct{})
		s.AddRule(azstub.Rule{Kinds: []azstub.Kind{azstub.HeadBlob, azstub.PutBlob, azstub.PutBlockList}, Fault: azstub.Hold(never)})
		w.Abort()
		if names := s.Names(testContainer); len(names) > 0 {
			t.Errorf("%d bytes: there is %q", size, names)
		}
		if n := s.Counts()[azstub.HeadBlob]; n > 0 {
			t.Errorf("%d bytes: %d lookups of what was aborted", size, n)
		}
	}
}
