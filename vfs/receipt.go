package vfs

import "context"

// Receipt says what the store has at a path after an operation has changed it, and after a
// removal what it had. A backend knows it from the answers to the requests of the operation:
// it sends none for the Receipt. What it does not know is left out.
type Receipt struct {
	// URL is the URL of the entry in the store, without a credential. "" where the store has
	// no URLs.
	URL string
	// ETag identifies the version, as the store writes it but without quotation marks. "" for
	// a directory without one, and where the store has no ETags.
	ETag string
	// CRC64 is the CRC-64/NVME of the whole content, in 16 hexadecimal digits, also after an
	// append. "" where it is not known.
	CRC64 string
	// Type is that of the entry, TypeAny where the backend does not say.
	Type Type
	// Size is the size of the whole file in bytes, 0 for a directory, -1 where it is not known.
	Size int64
}

// receiptKey is where the context of an operation that changes the store has its Receipt.
type receiptKey struct{}

// withReceipt returns the context of an operation that changes the store, and the Receipt
// that the backend fills. of is what the caller wants to change.
func withReceipt(ctx context.Context, of Type) (context.Context, *Receipt) {
	r := &Receipt{Type: of, Size: -1}
	if of == TypeDir {
		r.Size = 0
	}
	return context.WithValue(ctx, receiptKey{}, r), r
}

// NoteReceipt notes the Receipt of the operation of ctx. A Backend calls it, at the latest
// before its method returns: Commit, Copy, Mkdir, Remove, Rename or SetModTime, with the
// context of that call. A later call replaces an earlier one. It counts only if the
// operation succeeds. Where no View has asked for the operation, it does nothing.
func NoteReceipt(ctx context.Context, r Receipt) {
	if noted, ok := ctx.Value(receiptKey{}).(*Receipt); ok {
		*noted = r
	}
}

// ReceiptOf returns the Receipt of an entry of which no more than i is known.
func ReceiptOf(i Info) Receipt { return Receipt{Type: i.Type, Size: i.Size} }

// describe completes the Receipt of a file with what the backend has returned about it.
func (r *Receipt) describe(i Info) {
	r.Type, r.Size = i.Type, i.Size
}
