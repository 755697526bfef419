package memory

// Parts are those of a process.
type Parts struct {
	// Budget is what they are parts of: Transfers, and three eighths of that for sessions.
	Budget *Budget
	// Transfers is the memory for transfers, of which all other sizes follow.
	Transfers int64
	// Chunks is for blocks of uploads and for what downloads read ahead. It gives way
	// to all others.
	Chunks *Part
	// Writes is for WRITEs of SFTP that arrive before their turn.
	Writes *Part
	// Intake is for what the SSH library has read and no upload has taken.
	Intake *Part
	// Buffers is for buffers that make transfers cheaper, and can be done without.
	Buffers *Part
	// Stores is for what libraries of stores buffer.
	Stores *Part
	// Events is for events that wait for their delivery. Their queues observe Most themselves
	// and use Lease.Take: an event is not lost because other parts hold the memory. The other
	// parts get less.
	Events *Part
	// Hashes is for the hashes of passwords while they are computed.
	Hashes *Part
	// Sessions is for sessions themselves, by estimates.
	Sessions *Part
}

const (
	// Default is the budget of a process whose configuration has none.
	Default = 256 << 20
	// MaxEarly is how many bytes of out-of-order WRITEs one channel of SFTP may keep:
	// 64 WRITEs of 32 KiB, which is what clients have in flight at most.
	MaxEarly = 2 << 20
	// leastSessions is for some hundred sessions beside the smallest budget.
	leastSessions = 16 << 20
)

// What an idle session takes, one more channel of an SFTP session, and a download of an FTP
// session: stacks, buffers of libraries and of the system, and its state. test/bench measures
// sessions, and test/hostile what hundreds of downloads take.
const (
	SessionFTP  = 54 << 10
	SessionSFTP = 146 << 10
	ChannelSFTP = 48 << 10
	DownloadFTP = 144 << 10
)

// Divide divides a budget of transfers bytes, of at least 4 MiB, and three
// eighths of it that are added for sessions. In MiB, by default:
//
//	part      reserve  most
//	chunks         87   192  what others leave
//	writes         16    16
//	intake          8    32
//	buffers         8    32
//	stores          0   105
//	events          0    32  whatever others hold
//	hashes         32    32
//	sessions       96   201
//	all           247   352
//
// So 3,000 sessions leave 130 MiB for chunks, and more sessions than the reserves of the
// others permit are refused.
func Divide(transfers int64) *Parts {
	transfers = max(transfers, 2*MaxEarly)
	sessions := max(transfers/8*3, leastSessions)
	b := New(transfers + sessions)
	writes, hashes, few := max(transfers/16, MaxEarly), transfers/8, transfers/32
	chunks := transfers - writes - hashes - 2*few
	least := chunks * 5 / 11
	shared := transfers - least - writes - hashes - 2*few // what no part has of its own
	return &Parts{
		Budget: b, Transfers: transfers,
		Chunks:   b.Part("chunks", Limits{Reserve: least, Most: chunks, Elastic: true}),
		Writes:   b.Part("out-of-order writes", Limits{Reserve: writes, Whole: MaxEarly}),
		Intake:   b.Part("receive buffers of SSH", Limits{Reserve: few, Most: transfers / 8}),
		Buffers:  b.Part("buffers", Limits{Reserve: few, Most: transfers / 8}),
		Stores:   b.Part("buffers of stores", Limits{Most: min(transfers/2, shared)}),
		Events:   b.Part("queued events", Limits{Most: transfers / 8}),
		Hashes:   b.Part("password hashes", Limits{Reserve: hashes}),
		Sessions: b.Part("sessions", Limits{Reserve: sessions, Most: sessions + shared}),
	}
}
