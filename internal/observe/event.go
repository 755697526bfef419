package observe

import (
	"context"
	"log/slog"
	"net/netip"
	"time"

	"github.com/tidegate/tidegate/internal/session"
	"github.com/tidegate/tidegate/vfs"
)

// Name is the name of an event.
type Name string

// The events. The comment of each lists the fields that it has beside Name, Protocol and
// Frontend; all but SessionRefused have Session, Remote and User.
const (
	SessionStarted    Name = "session_started"
	LoginSucceeded    Name = "login_succeeded"    // Attrs
	LoginRefused      Name = "login_refused"      // Login, Method, Cause, Setting, Err
	LoginNotDecided   Name = "login_not_decided"  // Login, Method, Err
	OperationFinished Name = "operation_finished" // Command, Op, Path, To, Root, Backend, Bytes, Entries, Requests, Duration, Reply, Receipt, Setting, Attrs, Err
	UploadAborted     Name = "upload_aborted"     // Path, Bytes, Err, Setting
	LimitReached      Name = "limit_reached"      // Setting, Reason (whose limit it is), Attrs, Err
	CommandRefused    Name = "command_refused"    // Op, Path, Reason, Cause, Setting, Attrs, Err
	SessionEnded      Name = "session_ended"      // Duration, Reason, Cause, Setting, Attrs, Err
	SessionRefused    Name = "session_refused"    // Remote, Reason, Setting, Err
)

// The events of FTP that only a Dialogue gets.
const (
	CommandAnswered   Name = "command_answered"    // Command, Argument, Reply, Duration; after what the command did
	DataChannelOpened Name = "data_channel_opened" // Port
	DataChannelClosed Name = "data_channel_closed" // Port, Duration
)

// The events about the process, which only Shared.Report reports. They have no Protocol and
// no Frontend.
const (
	ProcessStarted         Name = "process_started"         // Attrs
	ProcessStopping        Name = "process_stopping"        // Attrs
	ProcessStopped         Name = "process_stopped"         // Duration
	DrainRequested         Name = "drain_requested"         // Reason (who)
	SessionKicked          Name = "session_kicked"          // Reason (who), Session, Remote, User
	ConfigurationChanged   Name = "configuration_changed"   // Attrs
	ConfigurationUnchanged Name = "configuration_unchanged" // Err: it was refused
)

// Event is one event. Sinks must not change the values that it refers to.
type Event struct {
	Name               Name
	Time               time.Time
	Protocol, Frontend string
	// Session is nil for an operation without a client.
	Session *session.Session
	// Remote is the client's address.
	Remote netip.AddrPort
	// User is the user who was logged in at that time.
	User session.User

	// Command is the verb of the FTP command that Op is executed for, "" over SFTP. Argument is
	// what the client sent behind it, without a password.
	Command, Argument string
	// Reply is the code of the final reply to the command, 0 where it is not known yet.
	Reply int
	// Port is the gateway's port of a data connection.
	Port uint16
	// Op and the paths are those of vfs.Event. Path is the client's.
	Op       string
	Path, To string
	// Backend is the backend that Path lies on, "" for none.
	Backend string
	// Root is the directory of the tenant's tree that Path and To begin at, "" for "/".
	Root string
	// Receipt says what the store has after a successful change, nil for everything else.
	Receipt *vfs.Receipt
	// Bytes is the number of bytes transferred, Entries that of entries listed.
	Bytes, Entries int64
	// Requests is the number of requests to the store.
	Requests int64
	Duration time.Duration
	// Login is the name that a client sent to log in, Method the way of authentication.
	Login, Method string
	// Reason says why a session ended, or a connection or a command was refused.
	Reason string
	// Silent is true for the end of a session whose client has sent nothing.
	Silent bool
	// Failure is empty for success. Its Attrs are also details of one protocol, and of an
	// operation throttled: how long its bytes have waited for the bandwidth of the user or
	// the tenant.
	Failure
}

// Failure says why something failed or was refused.
type Failure struct {
	// Cause says in one stable word, which docs/log.md explains, why a login or a command
	// was refused, or a session ended without a login. Setting is the setting of the
	// configuration that decides it. Both may be "".
	Cause, Setting string
	// Err may be nil; vfs.KindOf returns its kind.
	Err error
	// Attrs are further details.
	Attrs []slog.Attr
}

// Sink receives events. Record is called on the goroutine of the event, possibly by several
// at once, and must not block. A sink that may block needs a Queue in front of it.
type Sink interface {
	Record(ctx context.Context, e Event)
}

// Dialogue is a Sink that gets CommandAnswered, DataChannelOpened and DataChannelClosed while
// WantsDialogue is true. No other Sink gets them: there are several for each file, and most
// sinks have no use for them.
type Dialogue interface {
	Sink
	WantsDialogue() bool
}
