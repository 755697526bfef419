package memory

// Parts are those of a process.
type Parts struct {
	// Budget is what they are parts of.
	Budget *Budget
	// Chunks is for blocks of uploads and for what downloads read ahead.
	Chunks *Part
	// Writes is for WRITEs of SFTP that arrive before their turn.
	Writes *Part
	// Hashes is for the hashes of passwords while they are computed.
	Hashes *Part
}

const (
	// Default is the budget of a process whose configuration has none.
	Default = 256 << 20
	// MaxEarly is how many bytes of out-of-order WRITEs one channel of SFTP may keep:
	// 64 WRITEs of 32 KiB, which is what clients have in flight at most.
	MaxEarly = 2 << 20

	writesShare = 16
	hashesShare = 8
)

// Divide divides a budget of limit bytes among what a process does: an eighth is for
// hashes, a sixteenth and at least MaxEarly for out-of-order WRITEs, and the rest, 208
// MiB of 256, for chunks. limit is at least 4 MiB.
func Divide(limit int64) *Parts {
	limit = max(limit, 2*MaxEarly)
	b := New(limit)
	writes, hashes := max(limit/writesShare, MaxEarly), limit/hashesShare
	chunks := limit - writes - hashes
	return &Parts{
		Budget: b,
		Chunks: b.Part("chunks", Limits{Reserve: chunks}),
		Writes: b.Part("out-of-order writes", Limits{Reserve: writes, Whole: MaxEarly}),
		Hashes: b.Part("password hashes", Limits{Reserve: hashes}),
	}
}
