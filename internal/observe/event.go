package observe

import (
	"context"
	"log/slog"
	"net/netip"
	"time"

	"github.com/tidegate/tidegate/internal/session"
)

// Name says what happened.
type Name string

// The events. What each fills beside Name, Protocol and Frontend stands behind it;
// all but SessionRefused have Session, Remote and User.
const (
	SessionStarted    Name = "session_started"
	LoginSucceeded    Name = "login_succeeded"    // Attrs
	LoginRefused      Name = "login_refused"      // Login, Method, Err
	OperationFinished Name = "operation_finished" // Op, Path, To, Bytes, Entries, Duration, Err
	UploadAborted     Name = "upload_aborted"     // Path, Bytes, Err, Setting
	SessionEnded      Name = "session_ended"      // Duration, Reason
	SessionRefused    Name = "session_refused"    // Remote, Reason, Setting, Err
)

// Event is one thing that happened. Sinks must not change what it refers to.
type Event struct {
	Name               Name
	Time               time.Time
	Protocol, Frontend string
	// Session is nil when an operation is not done for a client.
	Session *session.Session
	// Remote is the client's address.
	Remote netip.AddrPort
	// User is who was logged in when it happened.
	User session.User

	// Op and the paths are those of vfs.Event. Path is the client's.
	Op       string
	Path, To string
	// Bytes counts what was transferred, Entries what was listed.
	Bytes, Entries int64
	Duration       time.Duration
	// Err is nil where all went well; vfs.KindOf tells its class.
	Err error

	// Login is the name that a client tried to log in with, Method how.
	Login, Method string
	// Reason says why a session ended or a connection was refused, Setting which
	// setting of the configuration decides it, "" for none.
	Reason, Setting string
	// Attrs are details of one protocol.
	Attrs []slog.Attr
}

// Sink takes note of events. Record is called on the goroutine of what happened,
// possibly several at once: it must not block. A sink that may block stands behind a
// Queue.
type Sink interface {
	Record(ctx context.Context, e Event)
}
