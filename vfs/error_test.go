package vfs_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/vfs"
)

// TestKinds proves that a new kind cannot be forgotten: each has its own name
// and its own text for clients.
func TestKinds(t *testing.T) {
	kinds := vfs.Kinds()
	names, reasons := map[string]vfs.Kind{}, map[string]vfs.Kind{}
	for _, k := range kinds {
		if k.String() == "unknown" || k.String() == "" {
			t.Errorf("kind %d has no name", k)
		}
		if other, ok := names[k.String()]; ok {
			t.Errorf("kinds %d and %d have the name %q", other, k, k)
		}
		names[k.String()] = k
		if other, ok := reasons[k.Reason()]; ok {
			t.Errorf("kinds %v and %v have the reason %q", other, k, k.Reason())
		}
		reasons[k.Reason()] = k
	}
	if end := vfs.Kind(len(kinds)); end.String() != "unknown" || end.Reason() != vfs.KindInternal.Reason() {
		t.Errorf("the first number that is no kind is %q, %q", end, end.Reason())
	}
	if kinds[0] != vfs.KindInternal {
		t.Errorf("the zero Kind is %v, want internal", kinds[0])
	}
}

func TestKindOf(t *testing.T) {
	notExist := vfs.NewError(vfs.KindNotExist, io.ErrUnexpectedEOF)
	tests := []struct {
		name string
		err  error
		want vfs.Kind
	}{
		{"an error", notExist, vfs.KindNotExist},
		{"wrapped", fmt.Errorf("while reading: %w", notExist), vfs.KindNotExist},
		{"joined", errors.Join(io.EOF, notExist), vfs.KindNotExist},
		{"the outer one counts", vfs.NewError(vfs.KindUnavailable, notExist), vfs.KindUnavailable},
		{"canceled", context.Canceled, vfs.KindCanceled},
		{"deadline", fmt.Errorf("waiting: %w", context.DeadlineExceeded), vfs.KindCanceled},
		{"a kind before a context", vfs.NewError(vfs.KindUnavailable, context.DeadlineExceeded), vfs.KindUnavailable},
		{"foreign", io.ErrUnexpectedEOF, vfs.KindInternal},
		{"foreign with a meaning", fs.ErrNotExist, vfs.KindInternal},
		{"nil", nil, vfs.KindInternal},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := vfs.KindOf(tt.err); got != tt.want {
				t.Errorf("KindOf(%v) = %v, want %v", tt.err, got, tt.want)
			}
		})
	}
}

// TestErrorIs walks all kinds: each matches its sentinel and no other.
func TestErrorIs(t *testing.T) {
	sentinels := map[vfs.Kind]error{
		vfs.KindNotExist:    fs.ErrNotExist,
		vfs.KindExist:       fs.ErrExist,
		vfs.KindPermission:  fs.ErrPermission,
		vfs.KindInvalid:     fs.ErrInvalid,
		vfs.KindUnsupported: errors.ErrUnsupported,
	}
	for _, k := range vfs.Kinds() {
		err := fmt.Errorf("wrapped: %w", vfs.NewError(k, io.ErrClosedPipe))
		for owner, sentinel := range sentinels {
			if got := errors.Is(err, sentinel); got != (owner == k) {
				t.Errorf("errors.Is(%v, %v) = %v", err, sentinel, got)
			}
		}
		if !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("the cause of %v is lost", err)
		}
	}
}

func TestErrorText(t *testing.T) {
	cause := errors.New("HTTP 404 from account secret")
	tests := []struct {
		name      string
		err       *vfs.Error
		log, show string
	}{
		{"kind alone", &vfs.Error{Kind: vfs.KindNotExist}, "no such file or directory", "no such file or directory"},
		{
			"with a cause", &vfs.Error{Kind: vfs.KindNotExist, Err: cause},
			"no such file or directory: HTTP 404 from account secret", "no such file or directory",
		},
		{
			"with operation and path", &vfs.Error{Op: "open", Path: vfs.MustParse("/a/b"), Kind: vfs.KindNotExist, Err: cause},
			"open /a/b: no such file or directory: HTTP 404 from account secret", "no such file or directory",
		},
		{
			"with a reason of its own", &vfs.Error{Op: "open", Kind: vfs.KindLocked, Reason: "file is archived", Err: cause},
			"open /: file is archived: HTTP 404 from account secret", "file is archived",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.err.Error(); got != tt.log {
				t.Errorf("Error() = %q, want %q", got, tt.log)
			}
			if got := vfs.ReasonOf(fmt.Errorf("wrapped: %w", tt.err)); got != tt.show {
				t.Errorf("ReasonOf = %q, want %q", got, tt.show)
			}
		})
	}
}

// TestReasonOfHidesCauses proves that a client sees no text of another package's error, and
// none of a cause.
func TestReasonOfHidesCauses(t *testing.T) {
	const secret = "https://account.example/?sig=secret"
	errs := []error{errors.New(secret), fmt.Errorf("%s: %w", secret, context.Canceled)}
	for _, k := range vfs.Kinds() {
		errs = append(errs, vfs.NewError(k, errors.New(secret)))
	}
	for _, err := range errs {
		if got := vfs.ReasonOf(err); got == "" || strings.Contains(got, "secret") {
			t.Errorf("ReasonOf(%v) = %q", err, got)
		}
	}
}
