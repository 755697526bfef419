package control

import (
	"crypto/tls"
	"errors"
	"net"
	"slices"
)

// HandshakeCause says in one stable word why a TLS handshake failed.
type HandshakeCause string

// The causes.
const (
	// NotTrusted: the client does not trust the certificate.
	NotTrusted HandshakeCause = "certificate_not_trusted"
	// NotTLS: the client has sent something else than TLS.
	NotTLS HandshakeCause = "plain_text_instead_of_tls"
	// NoHello: the client has sent nothing.
	NoHello HandshakeCause = "no_tls_handshake"
	// NoVersion and NoCipherSuite: the two sides have none in common.
	NoVersion     HandshakeCause = "no_common_tls_version"
	NoCipherSuite HandshakeCause = "no_common_cipher_suite"
	// NoFTP: the client asks, by ALPN, for other protocols, as a browser does.
	NoFTP HandshakeCause = "not_ftp"
	// CertificateRefused: the certificate of the client is not accepted.
	CertificateRefused HandshakeCause = "client_certificate_refused"
	// HandshakeFailed is every other failure.
	HandshakeFailed HandshakeCause = "tls_handshake_failed"
)

// HandshakeError is why StartTLS failed.
type HandshakeError struct {
	Cause HandshakeCause
	// Versions are the versions of TLS that the client offers, where that is the cause.
	Versions []string
	Err      error
}

func (e *HandshakeError) Error() string { return e.Err.Error() }

// Unwrap returns the error of crypto/tls.
func (e *HandshakeError) Unwrap() error { return e.Err }

// handshakeError returns the error of a handshake with the cause. hello is what the client
// has offered, nil before it has.
func handshakeError(err error, hello *tls.ClientHelloInfo, config *tls.Config) *HandshakeError {
	e := &HandshakeError{Cause: HandshakeFailed, Err: err}
	_, notTLS := errors.AsType[tls.RecordHeaderError](err)
	_, refused := errors.AsType[*tls.CertificateVerificationError](err)
	switch {
	case notTLS:
		e.Cause = NotTLS
	case refused:
		e.Cause = CertificateRefused
	case distrusts(err):
		e.Cause = NotTrusted
	case hello == nil:
		e.Cause = NoHello
	case !slices.ContainsFunc(hello.SupportedVersions, func(v uint16) bool { return v >= config.MinVersion && v <= tls.VersionTLS13 }):
		e.Cause = NoVersion
		for _, v := range hello.SupportedVersions {
			e.Versions = append(e.Versions, tls.VersionName(v))
		}
	case !slices.Contains(hello.SupportedVersions, tls.VersionTLS13) && !sharesSuite(hello.CipherSuites):
		e.Cause = NoCipherSuite
	case slices.ContainsFunc(hello.SupportedProtos, isWeb) && !slices.Contains(hello.SupportedProtos, protocol):
		e.Cause = NoFTP
	}
	return e
}

// sharesSuite reports whether crypto/tls has one of the cipher suites of TLS 1.2.
func sharesSuite(offered []uint16) bool {
	return slices.ContainsFunc(tls.CipherSuites(), func(s *tls.CipherSuite) bool { return slices.Contains(offered, s.ID) })
}

// The alerts about a certificate (RFC 8446, 6.2): bad_certificate to certificate_unknown,
// and unknown_ca.
const (
	badRecordMAC       = tls.AlertError(20)
	badCertificate     = tls.AlertError(42)
	certificateUnknown = tls.AlertError(46)
	unknownCA          = tls.AlertError(48)
)

// distrusts reports whether the client has ended the handshake because of the certificate.
// crypto/tls does not export the type of the alerts that it receives. A client that sends
// its alert in plaintext where a protected record is expected is reported as a bad record
// (golang/go #76767).
func distrusts(err error) bool {
	of, ok := errors.AsType[*net.OpError](err)
	if !ok || of.Err == nil {
		return false
	}
	is := func(alert tls.AlertError) bool { return of.Err.Error() == alert.Error() }
	if of.Op == "local error" {
		return is(badRecordMAC)
	}
	if of.Op != "remote error" {
		return false
	}
	for alert := badCertificate; alert <= certificateUnknown; alert++ {
		if is(alert) {
			return true
		}
	}
	return is(unknownCA)
}
