package vfs

import (
	"context"
	"errors"
	"io/fs"
)

// Kind classifies an error for the reply to the client. The set is closed: every frontend
// has one table with a row for each kind.
type Kind uint8

// The kinds of errors.
const (
	// KindInternal is every error without a better kind: a bug until it is classified.
	KindInternal Kind = iota
	// KindNotExist: no such entry.
	KindNotExist
	// KindExist: the entry is there and must not be.
	KindExist
	// KindIsDir: the entry is a directory and must be a file.
	KindIsDir
	// KindNotDir: the entry is a file and must be a directory.
	KindNotDir
	// KindNotEmpty: the directory holds entries.
	KindNotEmpty
	// KindPermission: the user's rights, the mount or the store refuse.
	KindPermission
	// KindInvalid: a name or an argument is not valid.
	KindInvalid
	// KindOffset: the position does not fit the file as it is stored.
	KindOffset
	// KindUnsupported: the store cannot do this at all.
	KindUnsupported
	// KindCrossMount: source and target lie on different mounts.
	KindCrossMount
	// KindTooMany: the operation would touch more entries than allowed.
	KindTooMany
	// KindTooLarge: the file is, or would become, larger than the store takes.
	KindTooLarge
	// KindConflict: another client or program changed the entry during the operation.
	KindConflict
	// KindLocked: the store keeps the entry from being changed or read: a
	// lease, an immutability policy, snapshots, the archive tier.
	KindLocked
	// KindNoSpace: a quota of the store is used up or the store is full.
	KindNoSpace
	// KindQuota: a limit of the user or the tenant is used up.
	KindQuota
	// KindBusy: the process has too many operations at once; the same request may succeed
	// later.
	KindBusy
	// KindUnavailable: the store does not answer, or its answer makes no sense, after the
	// backend's own retries.
	KindUnavailable
	// KindCanceled: the context ended.
	KindCanceled

	kindEnd
)

// Kinds returns all kinds, for tables that must be complete.
func Kinds() []Kind {
	all := make([]Kind, 0, kindEnd)
	for k := range kindEnd {
		all = append(all, k)
	}
	return all
}

// Reason is the short plain text that a client may see. It names neither the
// store nor the path.
func (k Kind) Reason() string {
	switch k {
	case KindNotExist:
		return "no such file or directory"
	case KindExist:
		return "already exists"
	case KindIsDir:
		return "is a directory"
	case KindNotDir:
		return "is not a directory"
	case KindNotEmpty:
		return "directory is not empty"
	case KindPermission:
		return "permission denied"
	case KindInvalid:
		return "name or argument is not valid"
	case KindOffset:
		return "position does not fit the stored file"
	case KindUnsupported:
		return "not supported here"
	case KindCrossMount:
		return "source and target are on different mounts"
	case KindTooMany:
		return "too many entries for one operation"
	case KindTooLarge:
		return "file is too large"
	case KindConflict:
		return "changed by another client in the meantime"
	case KindLocked:
		return "locked by the store"
	case KindNoSpace:
		return "no space left"
	case KindQuota:
		return "quota is used up"
	case KindBusy:
		return "busy, try again later"
	case KindUnavailable:
		return "storage is not available, try again later"
	case KindCanceled:
		return "aborted"
	default:
		return "internal error"
	}
}

func (k Kind) String() string {
	names := [...]string{
		"internal", "not-exist", "exist", "is-dir", "not-dir", "not-empty", "permission", "invalid", "offset",
		"unsupported", "cross-mount", "too-many", "too-large", "conflict", "locked", "no-space", "quota", "busy", "unavailable",
		"canceled",
	}
	if int(k) < len(names) {
		return names[k]
	}
	return "unknown"
}

// Error is the type of the errors that backends and the View return. Backends fill Kind,
// Reason and Err; the View adds Op and Path. It may wrap a SettingError.
//
// errors.Is(err, fs.ErrNotExist) and the other sentinels of io/fs work for the
// kinds that have one.
type Error struct {
	// Op is the operation as the View names it: "create", "rename", …
	Op   string
	Path Path
	Kind Kind
	// Reason replaces the kind's own text where a more precise text helps the client: "file
	// is archived". It must be safe to show, like the kind's text: constant, short, and
	// without text from the store.
	Reason string
	// Err is the cause, for the log only.
	Err error
	// Found describes the entry that is there instead, when the backend has learnt it
	// anyway: the file at the path that List was called with. It saves the caller a
	// request.
	Found *Info
}

// NewError returns an error of the kind k with the given cause, which may be
// nil.
func NewError(k Kind, cause error) error { return &Error{Kind: k, Err: cause} }

// Error returns the whole chain for the log: "op path: reason: cause".
func (e *Error) Error() string {
	text := e.text()
	if e.Op != "" {
		text = e.Op + " " + e.Path.String() + ": " + text
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

func (e *Error) text() string {
	if e.Reason != "" {
		return e.Reason
	}
	return e.Kind.Reason()
}

func (e *Error) Unwrap() error { return e.Err }

// Is makes the sentinels of io/fs and errors match.
func (e *Error) Is(target error) bool {
	switch e.Kind {
	case KindNotExist:
		return target == fs.ErrNotExist
	case KindExist:
		return target == fs.ErrExist
	case KindPermission:
		return target == fs.ErrPermission
	case KindInvalid:
		return target == fs.ErrInvalid
	case KindUnsupported:
		return target == errors.ErrUnsupported
	}
	return false
}

// KindOf returns the kind of an error: that of the first Error in its chain,
// KindCanceled for a context's error and KindInternal for everything else.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return KindCanceled
	}
	return KindInternal
}

// ReasonOf returns the text that a client may see for err.
func ReasonOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.text()
	}
	return KindOf(err).Reason()
}
