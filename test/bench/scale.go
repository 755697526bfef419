package main

const (
	kib = 1 << 10
	mib = 1 << 20
	gib = 1 << 30
)

// scale says how much of everything is measured.
type scale struct {
	// what is "", or what the page says of a run that is not a full one.
	what string
	// repeats is how often a row of throughput is measured; the median counts.
	repeats int
	// rounds is how often a row is measured beside an earlier state.
	rounds int
	// stream is the size of the one file of a single stream, part that of each
	// of eight; azure that of the one file when the store is like Azure.
	stream, part, azure int64
	// sessions upload so many small files each.
	sessions, files int
	// uploads are the numbers of uploads whose memory is measured, each of
	// uploadSize; slow is the number of those that wait for each other.
	uploads    []int
	uploadSize int64
	slow       int
	// many is the number of clients beside which one is measured.
	many int
	// idle is the number of idle sessions.
	idle int
	// entries are the sizes of listings.
	entries []int
	// perAddress are the numbers of sessions behind one address.
	perAddress []int
	// pairs is how often a gateway that reports something is compared with one that reports
	// nothing. A single pair differs by several percent from the next one, so rows with a
	// target of some percent have more of them, targetPairs.
	pairs, targetPairs int
	// flood is how many connections a second are refused.
	flood int
}

func full() scale {
	return scale{
		repeats: 3, rounds: 2, stream: 2 * gib, part: 256 * mib, azure: gib, sessions: 30, files: 20,
		uploads: []int{30, 300}, uploadSize: 64 * mib, slow: 3000, many: 200, idle: 1000,
		entries: []int{100_000, 1_000_000}, perAddress: []int{2, 10, 30}, pairs: 9, targetPairs: 24, flood: 10_000,
	}
}

func shortened() scale {
	return scale{
		what:    "A short run: one measurement for each row, smaller files, fewer rows.",
		repeats: 1, rounds: 1, stream: 512 * mib, part: 64 * mib, azure: 512 * mib, sessions: 30, files: 10,
		uploads: []int{30}, uploadSize: 32 * mib, many: 200, idle: 200,
		entries: []int{100_000}, perAddress: []int{2, 30}, pairs: 3, targetPairs: 5, flood: 10_000,
	}
}
