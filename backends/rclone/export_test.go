package rclone

import (
	"context"
	"time"

	"github.com/rclone/rclone/fs"
)

// AsUnknown makes b treat its store like one that facts.go does not mention.
// It must be called before b is used.
func (b *Backend) AsUnknown() {
	locked, links := b.facts.locksPages, b.facts.followsLinks
	b.facts = facts{locksPages: locked, followsLinks: links}
	b.caps = b.findCaps()
}

// RefuseMoves makes Move of b's store fail when refuse says so.
func (b *Backend) RefuseMoves(refuse func(src, target string) error) {
	move := b.features.Move
	b.features.Move = func(ctx context.Context, src fs.Object, target string) (fs.Object, error) {
		if err := refuse(src.Remote(), target); err != nil {
			return nil, err
		}
		return move(ctx, src, target)
	}
}

// AsRemoving makes b treat its store like one whose Move removes first.
func (b *Backend) AsRemoving() {
	b.facts.move = moveRemoves
	b.caps = b.findCaps()
}

// WithoutStreams makes b treat its store like one that takes no streams.
func (b *Backend) WithoutStreams() { b.features.PutStream = nil }

// WithoutMoves makes b treat its store like one that can neither move nor copy.
func (b *Backend) WithoutMoves() {
	b.facts.directPut = false
	b.features.Move, b.features.DirMove, b.features.Copy = nil, nil, nil
	b.caps = b.findCaps()
}

// StreamBytes is what an upload that streams takes of the process's memory.
func (b *Backend) StreamBytes() int64 { return b.streamBytes }

// MaxSmall is the size up to which a file is one request.
const MaxSmall = maxSmall

// MapError gives tests the mapping of errors.
func MapError(err error) error { return mapError(err) }

// Unreachable gives tests the decision about errors of Open.
func Unreachable(err error) bool { return unreachable(err) }

// SetInterleavedWait changes how long an upload waits while others of its connection send.
func (b *Backend) SetInterleavedWait(d time.Duration) { b.shares.wait = d }
