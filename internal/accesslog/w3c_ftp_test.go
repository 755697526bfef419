package accesslog

import (
	"errors"
	"testing"
	"time"

	"github.com/tidegate/tidegate/internal/observe"
	"github.com/tidegate/tidegate/internal/session"
	"github.com/tidegate/tidegate/vfs"
)

// Over FTP each command is a line, as IIS writes it: with the argument as the client sent it,
// the code of the final reply, and what the command has done. Data connections have lines with
// the port that they came to.
func TestW3COfFTP(t *testing.T) {
	s := client()
	user := session.User{Tenant: "contoso", Name: "camera 02"}
	var all []observe.Event
	add := func(name observe.Name, e observe.Event) {
		e.Name, e.Time, e.Protocol, e.Frontend, e.Session, e.Remote = name, at, "ftp", s.Frontend, s, s.Remote
		all = append(all, e)
	}
	answered := func(verb, arg string, reply int) {
		add(observe.CommandAnswered, observe.Event{User: user, Command: verb, Argument: arg, Reply: reply, Duration: 20 * time.Millisecond})
	}
	did := func(op, path string, e observe.Event) {
		e.Op, e.Path, e.Backend, e.User = op, path, "azblob.ingest", user
		add(observe.OperationFinished, e)
	}
	failed := func(kind vfs.Kind) observe.Failure {
		return observe.Failure{Err: vfs.NewError(kind, errors.New("cause"))}
	}
	add(observe.SessionStarted, observe.Event{})
	add(observe.CommandAnswered, observe.Event{Command: "USER", Argument: "camera 02", Reply: 331})
	add(observe.LoginRefused, observe.Event{Login: "camera 02", Failure: observe.Failure{Cause: "wrong_password"}})
	add(observe.CommandAnswered, observe.Event{Command: "PASS", Argument: "***", Reply: 530})
	add(observe.LoginSucceeded, observe.Event{User: user})
	answered("PASS", "***", 230)
	answered("PWD", "", 257)
	did("stat", "/in", observe.Event{Requests: 1})
	answered("CWD", "in", 250)
	answered("TYPE", "I", 200)
	answered("PASV", "", 227)
	add(observe.DataChannelOpened, observe.Event{User: user, Port: 49906})
	add(observe.DataChannelClosed, observe.Event{User: user, Port: 49906, Duration: 15 * time.Millisecond})
	did("stat", "/in", observe.Event{})
	did("write", "/in/a b.jpg", observe.Event{Bytes: 9, Requests: 2, Root: "/home"})
	did("stat", "/in/a b.jpg", observe.Event{})
	answered("STOR", "a b.jpg", 226)
	did("read", "/in/half", observe.Event{Bytes: 5, Reply: 425, Failure: failed(vfs.KindCanceled)})
	answered("RETR", "half", 425)
	did("read", "/in/a", observe.Event{Bytes: 9})
	answered("HASH", "a", 213)
	did("stat", "/old", observe.Event{})
	answered("RNFR", "/old", 350)
	did("rename", "/old", observe.Event{To: "/new"})
	answered("RNTO", "../new", 250)
	did("remove", "/none", observe.Event{Failure: failed(vfs.KindNotExist)})
	answered("DELE", "/none", 550)
	add(observe.CommandRefused, observe.Event{User: user, Op: "PORT", Reason: "502 Active mode is off", Failure: observe.Failure{Cause: "active_mode_off", Setting: "active = true"}})
	answered("PORT", "1,2,3,4,5,6", 502)
	did("write", "/in/lost", observe.Event{Bytes: 3, Failure: failed(vfs.KindCanceled)})
	add(observe.SessionEnded, observe.Event{User: user, Reason: session.EndClient, Duration: time.Minute})

	const before = "2026-11-27 00:02:16 203.0.113.9 50321 - ftp.public node-1 ftp.contoso.example 192.0.2.1 21 "
	const user21 = "2026-11-27 00:02:16 203.0.113.9 50321 contoso\\camera+02 ftp.public node-1 ftp.contoso.example 192.0.2.1 "
	const after = user21 + "21 "
	wantLines(t, written(Options{Format: W3C}, all),
		before+"ControlChannelOpened - - 0 0 0 0 0 ABCDEFGHIJ - - ftp - - - 0\r\n",
		before+"USER camera+02 331 0 0 0 0 0 ABCDEFGHIJ - - ftp - - - 0\r\n",
		before+"PASS *** 530 1326 41 0 0 0 ABCDEFGHIJ - wrong_password ftp - - - 0\r\n",
		after+"PASS *** 230 0 0 0 0 20 ABCDEFGHIJ / - ftp contoso - - 0\r\n",
		after+"PWD - 257 0 0 0 0 20 ABCDEFGHIJ - - ftp contoso - - 0\r\n",
		after+"CWD in 250 0 0 0 0 20 ABCDEFGHIJ /in - ftp contoso azblob.ingest - 1\r\n",
		after+"TYPE I 200 0 0 0 0 20 ABCDEFGHIJ - - ftp contoso - - 0\r\n",
		after+"PASV - 227 0 0 0 0 20 ABCDEFGHIJ - - ftp contoso - - 0\r\n",
		user21+"49906 DataChannelOpened - - 0 0 0 0 0 ABCDEFGHIJ - - ftp contoso - - 0\r\n",
		user21+"49906 DataChannelClosed - - 0 0 0 0 15 ABCDEFGHIJ - - ftp contoso - - 0\r\n",
		after+"STOR a+b.jpg 226 0 0 0 9 20 ABCDEFGHIJ /home/in/a+b.jpg - ftp contoso azblob.ingest - 2\r\n",
		after+"RETR half 425 1236 0 5 0 20 ABCDEFGHIJ /in/half "+field(vfs.ReasonOf(vfs.NewError(vfs.KindCanceled, nil)))+" ftp contoso azblob.ingest canceled 0\r\n",
		after+"HASH a 213 0 0 0 0 20 ABCDEFGHIJ /in/a - ftp contoso azblob.ingest - 0\r\n",
		after+"RNFR /old 350 0 0 0 0 20 ABCDEFGHIJ /old - ftp contoso azblob.ingest - 0\r\n",
		after+"RNTO ../new 250 0 0 0 0 20 ABCDEFGHIJ /new - ftp contoso azblob.ingest - 0\r\n",
		after+"DELE /none 550 2 0 0 0 20 ABCDEFGHIJ /none "+field(vfs.ReasonOf(vfs.NewError(vfs.KindNotExist, nil)))+" ftp contoso azblob.ingest "+field(vfs.KindNotExist.String())+" 0\r\n",
		after+"PORT 1,2,3,4,5,6 502 50 0 0 0 20 ABCDEFGHIJ - active+=+true ftp contoso - - 0\r\n",
		after+"STOR /in/lost 426 1236 0 0 3 0 ABCDEFGHIJ /in/lost "+field(vfs.ReasonOf(vfs.NewError(vfs.KindCanceled, nil)))+" ftp contoso azblob.ingest canceled 0\r\n",
		after+"ControlChannelClosed - - 0 0 0 0 60000 ABCDEFGHIJ - "+field(session.EndClient)+" ftp contoso - - 0\r\n",
	)
}

// The other formats have one object or line for each operation, whatever its command was, with
// the reply that the client got.
func TestReplyOfTransfer(t *testing.T) {
	s := client()
	e := observe.Event{
		Name: observe.OperationFinished, Time: at, Protocol: "ftp", Session: s, Op: "read", Command: "RETR", Path: "/half", Reply: 425,
		Failure: observe.Failure{Err: vfs.NewError(vfs.KindCanceled, errors.New("it did not come"))},
	}
	answer := observe.Event{Name: observe.CommandAnswered, Time: at, Protocol: "ftp", Session: s, Command: "RETR", Argument: "half", Reply: 425}
	wantLines(t, written(Options{Format: JSON}, []observe.Event{e, answer}),
		`{"time":"2026-11-27T00:02:16.345Z","event":"operation_finished","node":"node-1","session":"ABCDEFGHIJ","proto":"ftp","op":"read","command":"RETR","path":"/half",`+
			`"bytes":0,"store_requests":0,"status":425,"result":"canceled","reason":"`+vfs.ReasonOf(e.Err)+`","err":"`+e.Err.Error()+`"}`+"\n")
}
