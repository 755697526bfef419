package sftp

import (
	"errors"
	"fmt"

	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/internal/observe"
	"github.com/tidegate/tidegate/vfs"
)

// refusal is why a request is refused because of a setting, before it is an operation on the
// user's tree. Operations have a line of the log of their own.
type refusal struct {
	err            *vfs.Error
	cause, setting string
}

func (r *refusal) Error() string { return r.err.Error() }

// Unwrap returns what the client sees.
func (r *refusal) Unwrap() error { return r.err }

// missingRight is the cause of a refusal by the rights of the user.
const missingRight = "missing_right"

// answerTo answers a request at a path with the outcome err, and tells the log which setting
// has refused it.
func (s *session) answerTo(r *request, p vfs.Path, err error) []byte {
	reply := status(r.ID, err)
	if refused, ok := errors.AsType[*refusal](err); ok {
		logRefusal(s, r, p, reply, observe.Failure{Cause: refused.cause, Setting: refused.setting})
	} else if r.Type == wire.TypeStat || r.Type == wire.TypeLstat {
		// The line about this operation is one for debugging.
		if decided, ok := errors.AsType[*vfs.SettingError](err); ok {
			logRefusal(s, r, p, reply, observe.Failure{Cause: missingRight, Setting: decided.Setting, Err: decided})
		}
	}
	return reply
}

func logRefusal(s *session, r *request, p vfs.Path, reply []byte, why observe.Failure) {
	s.conn.srv.observe.CommandRefused(s.conn.ctx, s.conn.client, nameOf(r), p.String(), wire.DescribeOutcome(reply), why)
}

// nameOf is the name of a request: that of its type, or of the extension.
func nameOf(r *request) string {
	if r.Type == wire.TypeExtended {
		return r.Extended
	}
	return r.Type.String()
}

// replied notes what a request at p and its answer were, for the line about the end of the
// session: the last ones of those that are not about the content of a file or a directory,
// or that have failed.
func (s *session) replied(r *request, p vfs.Path, reply []byte) {
	bulk := r.Type == wire.TypeRead || r.Type == wire.TypeReaddir
	if len(reply) == 0 || bulk && !wire.IsFailure(reply) {
		return
	}
	command := fmt.Sprintf("%s %q", nameOf(r), p.String())
	if len(r.paths) > 1 {
		command = fmt.Sprintf("%s to %q", command, r.paths[1].String())
	}
	s.conn.client.Exchanged(command, wire.DescribeOutcome(reply))
}

// noteWrite notes a WRITE that has failed.
func noteWrite(s *session, p vfs.Path, reply []byte) {
	if wire.IsFailure(reply) {
		s.conn.client.Exchanged(fmt.Sprintf("%v %q", wire.TypeWrite, p.String()), wire.DescribeOutcome(reply))
	}
}
