package engine

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"time"

	ftpserver "github.com/fclairamb/ftpserverlib"
)

// Serve runs the library until Session.Next returns an error or a password is refused
// for good. An error means that the library could not be started.
func (e *Engine) Serve() error {
	for {
		e.restart, e.command = NoRestart, Command{}
		e.library = newLibraryConn(e.local, e.remote, e.next, e.replied)
		err := e.serveOne()
		e.client, e.view = nil, nil
		if err != nil || e.restart == NoRestart {
			return err
		}
		e.greets = e.restart == RestartWithGreeting
	}
}

// serveOne runs one instance of the library to its end.
func (e *Engine) serveOne() error {
	lib := ftpserver.NewFtpServer(&mainDriver{e})
	// The library logs arguments as they came, and nothing that the session does not
	// log better.
	lib.Logger = slog.New(slog.DiscardHandler)
	if err := lib.Listen(); err != nil {
		return err
	}
	if err := lib.Serve(); err != nil {
		return err
	}
	// Both have happened, in either order, when the library's goroutine has ended. It
	// calls nothing any more then.
	<-e.library.closed
	<-e.library.left
	return nil
}

// mainDriver is what the library asks about the server and the login.
type mainDriver struct{ e *Engine }

var (
	_ ftpserver.MainDriver                        = (*mainDriver)(nil)
	_ ftpserver.MainDriverExtensionPassiveWrapper = (*mainDriver)(nil)
)

// GetSettings turns off what the session does itself: TLS, idle time and ports. Names
// are bytes, and stay as they are in TYPE A too.
func (d *mainDriver) GetSettings() (*ftpserver.Settings, error) {
	return &ftpserver.Settings{
		Listener:               &oneConn{c: d.e.library},
		DefaultTransferType:    ftpserver.TransferTypeBinary,
		DisableASCIIConversion: true,
		DisableActiveMode:      true,
		PasvConnectionsCheck:   ftpserver.IPMatchDisabled,
		IdleTimeout:            int((24 * time.Hour).Seconds()),
	}, nil
}

// ClientConnected is called first. The session has a greeting of its own.
func (d *mainDriver) ClientConnected(cc ftpserver.ClientContext) (string, error) {
	d.e.client = cc
	return "", nil
}

// ClientDisconnected is called once, at the end of the library's goroutine.
func (d *mainDriver) ClientDisconnected(ftpserver.ClientContext) { close(d.e.library.left) }

// GetTLSConfig answers that there is no TLS: the control connection has it.
func (d *mainDriver) GetTLSConfig() (*tls.Config, error) {
	return nil, errors.New("engine: the library has no TLS")
}

// AuthUser logs in.
func (d *mainDriver) AuthUser(cc ftpserver.ClientContext, user, password string) (ftpserver.ClientDriver, error) {
	view, err := d.e.session.Login(user, password)
	if err != nil {
		if errors.Is(err, ErrRetry) {
			d.e.restart = RestartSilently
		}
		return nil, err
	}
	d.e.view = view
	cc.SetPath(view.Home().String())
	return &driver{d.e}, nil
}

// WrapPassiveListener replaces the listener that the library made for its EPSV
// by one that yields the transfer's data connection. The library's own must stay open
// until Accept, because it sets a deadline on it; nothing is accepted from it.
func (d *mainDriver) WrapPassiveListener(own net.Listener) (net.Listener, error) {
	if d.e.transfer == nil {
		_ = own.Close()
		return nil, errors.New("engine: no transfer")
	}
	d.e.listener = &dataListener{own: own, data: d.e.transfer.Data()}
	return d.e.listener, nil
}
