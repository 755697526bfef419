package azblob_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/vfs"
)

// TestReplacedAgain: a file that is stored again and again takes one request each
// time, and what others did meanwhile is neither lost nor overlooked.
func TestReplacedAgain(t *testing.T) {
	const once, looked = "PutBlob 1", "PutBlob 2, HeadBlob 1"
	p := vfs.MustParse("/latest.jpg")
	tests := []struct {
		name  string
		other func(ctx context.Context, b *azblob.Backend) error
		want  string
		kind  vfs.Kind
	}{
		{"nobody", func(context.Context, *azblob.Backend) error { return nil }, once, 0},
		{"another node replaces it", func(ctx context.Context, b *azblob.Backend) error {
			_, err := store(ctx, b, p.String(), vfs.CreateOptions{}, strings.NewReader("of the other"))
			return err
		}, looked, 0},
		{"another node removes it", func(ctx context.Context, b *azblob.Backend) error {
			return b.Remove(ctx, p, vfs.TypeFile)
		}, looked, 0},
		{"another node makes a directory of it", func(ctx context.Context, b *azblob.Backend) error {
			if err := b.Remove(ctx, p, vfs.TypeFile); err != nil {
				return err
			}
			return b.Mkdir(ctx, p)
		}, "PutBlob 1, HeadBlob 1", vfs.KindIsDir},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := azstub.Start(t, azstub.Options{})
			b, node2 := openStub(t, s, azblob.Options{}), openStub(t, s, azblob.Options{})
			put := func(content string) (string, error) {
				before := s.Counts()
				_, err := store(t.Context(), b, p.String(), vfs.CreateOptions{}, strings.NewReader(content))
				return s.Counts().Since(before).String(), err
			}
			for i, want := range []string{once, looked, once, once} {
				if got, err := put(fmt.Sprint(i)); err != nil || got != want {
					t.Fatalf("upload %d: %s, want %s: %v", i, got, want, err)
				}
			}
			if err := test.other(t.Context(), node2); err != nil {
				t.Fatal(err)
			}
			got, err := put("last")
			if got != test.want {
				t.Errorf("requests: %s, want %s", got, test.want)
			}
			if test.kind != 0 {
				wantKind(t, err, test.kind)
				if _, err := node2.Stat(t.Context(), p, vfs.TypeDir); err != nil {
					t.Errorf("the directory: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			wantLoad(t, node2, p.String(), "last")
			if got, err := put("again"); err != nil {
				t.Errorf("%s: %v", got, err)
			}
			wantLoad(t, node2, p.String(), "again")
		})
	}
}

// TestReplacedNames: more names are replaced than are remembered, and each is stored
// rightly, whether its version is known, forgotten or pushed out.
func TestReplacedNames(t *testing.T) {
	t.Parallel()
	s, err := azstub.New(azstub.Options{Auth: azstub.NoAuth})
	if err != nil {
		t.Fatal(err)
	}
	b, err := azblob.New(azblob.Options{
		ContainerURL: "http://store.invalid/" + azstub.DevAccount + "/" + testContainer, Transport: direct{s}, Chunks: chunk.New(1),
	})
	if err != nil {
		t.Fatal(err)
	}
	const names = 1024 + 100
	for i := range names {
		place(t, s, map[string]azstub.Blob{fmt.Sprint(i): {Content: []byte("old")}})
	}
	for round := range 2 {
		for i := range names {
			content := fmt.Sprint(round, i)
			if _, err := store(t.Context(), b, fmt.Sprintf("/%d", i), vfs.CreateOptions{}, strings.NewReader(content)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i := range names {
		wantContent(t, s, fmt.Sprint(i), []byte(fmt.Sprint(1, i)))
	}
}
