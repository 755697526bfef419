package status

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// access is who may ask for something.
type access uint8

const (
	// anybody: every client that can reach the address.
	anybody access = iota
	// thisMachine needs the token where other hosts can reach the address.
	thisMachine
	// reader needs the token where there is one. Without one only this machine can reach the
	// address, and may read.
	reader
	// operator needs the token or a unix socket.
	operator
)

// only serves h to those who have the access, and tells others how to get it.
func (s *Server) only(a access, h http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		now := s.current.Load()
		switch {
		case now.healthOnly && a != anybody:
			http.NotFound(w, r)
		case now.socket != "", a == anybody, a == thisMachine && now.onlyHere, now.holdsToken(r):
			h(w, r)
		case a == reader && now.onlyHere && now.token == nil:
			if !namesThisMachine(r.Host) {
				http.Error(w, "Ask for this at an address of this machine, or at localhost.", http.StatusMisdirectedRequest)
				return
			}
			h(w, r)
		case now.token == nil:
			http.Error(w, "This needs a token, and none is configured: write token in the block frontend \"status\", or use a unix socket.", http.StatusForbidden)
		default:
			if r.Header.Get("Authorization") != "" {
				s.log.Warn("status token refused", "by", asker(r), "path", r.URL.Path)
			}
			w.Header().Set("WWW-Authenticate", `Basic realm="tidegate status", charset="UTF-8"`)
			http.Error(w, "This needs the token of the block frontend \"status\".", http.StatusUnauthorized)
		}
	})
}

// namesThisMachine reports whether a browser has asked for an address or for localhost. A
// page of another site could make its own name lead to this machine, and read the answers.
func namesThisMachine(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil || strings.EqualFold(host, "localhost")
}

// holdsToken reports whether the request has the token: as a bearer, or as the password of
// any user. The time that it takes says nothing about the token.
func (s *settings) holdsToken(r *http.Request) bool {
	if s.token == nil {
		return false
	}
	given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		_, given, _ = r.BasicAuth()
	}
	sum := sha256.Sum256([]byte(given))
	return subtle.ConstantTimeCompare(sum[:], s.token[:]) == 1
}
