package azstub

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The account that storage emulators have by convention; its key is public.
const (
	DevAccount = "devstoreaccount1"
	DevKey     = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)

// Auth is the way in which a request is authenticated.
type Auth string

// The ways the stub recognises.
const (
	Anonymous Auth = "Anonymous"
	SharedKey Auth = "SharedKey"
	SAS       Auth = "SAS"
	Bearer    Auth = "Bearer"
)

// AuthMode is the authentication that the server demands.
type AuthMode uint8

const (
	// CheckAuth verifies shared key signatures, takes any bearer token and any
	// shared access signature that has not expired, and refuses the rest.
	CheckAuth AuthMode = iota
	// OnlySharedKey refuses everything but a right shared key signature.
	OnlySharedKey
	// NoAuth demands and verifies nothing.
	NoAuth
)

// schemeOf recognises the way from what a request carries.
func schemeOf(h http.Header, q url.Values) Auth {
	scheme, _, _ := strings.Cut(h.Get("Authorization"), " ")
	switch {
	case strings.EqualFold(scheme, "SharedKey"):
		return SharedKey
	case strings.EqualFold(scheme, "Bearer"):
		return Bearer
	case q.Has("sig"):
		return SAS
	}
	return Anonymous
}

// authenticate applies the server's mode to the request.
func (c *call) authenticate() error {
	mode := c.srv.opts.Auth
	if mode == NoAuth {
		return nil
	}
	switch c.rec.Auth {
	case SharedKey:
		return c.verifySharedKey()
	case Bearer:
		if mode == CheckAuth {
			return nil
		}
	case SAS:
		if mode == CheckAuth {
			return checkSAS(c.query)
		}
	default:
		return errNoAuthentication.with("WWW-Authenticate", "Bearer authorization_uri=https://login.invalid/tenant/oauth2/authorize resource_id=https://storage.azure.com")
	}
	return errAuthenticationFailed
}

// checkSAS refuses an expired signature and one without the fields that every
// signature has. The signature itself is not verified.
func checkSAS(q url.Values) error {
	if !q.Has("sv") {
		return errAuthenticationFailed
	}
	if se := q.Get("se"); se != "" {
		until, err := time.Parse(time.RFC3339, se)
		if err != nil || !time.Now().Before(until) {
			return errAuthenticationFailed
		}
	}
	return nil
}

// verifySharedKey computes the signature by "Authorize with Shared Key", for version
// 2015-02-21 and later, and compares it.
func (c *call) verifySharedKey() error {
	_, rest, _ := strings.Cut(c.http.Header.Get("Authorization"), " ")
	account, sig, ok := strings.Cut(rest, ":")
	if !ok {
		return errInvalidAuthenticationUse
	}
	got, err := base64.StdEncoding.DecodeString(sig)
	if err != nil {
		return errInvalidAuthenticationUse
	}
	mac := hmac.New(sha256.New, c.srv.key)
	mac.Write([]byte(c.stringToSign()))
	if account != c.srv.opts.Account || !hmac.Equal(got, mac.Sum(nil)) {
		return errAuthenticationFailed
	}
	return nil
}

func (c *call) stringToSign() string {
	r, h := c.http, c.http.Header
	length := ""
	if r.ContentLength > 0 {
		length = strconv.FormatInt(r.ContentLength, 10)
	}
	date := h.Get("Date")
	if h.Get("x-ms-date") != "" {
		date = ""
	}
	var b strings.Builder
	for _, v := range []string{
		r.Method, h.Get("Content-Encoding"), h.Get("Content-Language"), length, h.Get("Content-MD5"),
		h.Get("Content-Type"), date, h.Get("If-Modified-Since"), h.Get("If-Match"), h.Get("If-None-Match"),
		h.Get("If-Unmodified-Since"), h.Get("Range"),
	} {
		b.WriteString(v)
		b.WriteByte('\n')
	}
	writeCanonicalHeaders(&b, h)
	b.WriteString("/" + c.srv.opts.Account + cmp.Or(r.URL.EscapedPath(), "/"))
	writeCanonicalQuery(&b, c.query)
	return b.String()
}

func writeCanonicalHeaders(b *strings.Builder, h http.Header) {
	var names []string
	for k := range h {
		if k = strings.ToLower(k); strings.HasPrefix(k, "x-ms-") {
			names = append(names, k)
		}
	}
	weight := make(map[string]string, len(names))
	for _, k := range names {
		weight[k] = headerWeight(k)
	}
	slices.SortFunc(names, func(x, y string) int {
		return cmp.Or(cmp.Compare(weight[x], weight[y]), cmp.Compare(x, y))
	})
	for _, k := range names {
		b.WriteString(k + ":" + strings.Join(h.Values(k), ",") + "\n")
	}
}

// headerWeight maps a header name so that byte order is the order in which the
// service sorts headers, which is that of words rather than of bytes: hyphens
// do not count, and an underscore comes before digits.
func headerWeight(name string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '-':
			return -1
		case '_':
			return '!'
		}
		return r
	}, name)
}

func writeCanonicalQuery(b *strings.Builder, q url.Values) {
	lower := map[string][]string{}
	for k, v := range q {
		k = strings.ToLower(k)
		lower[k] = append(lower[k], v...)
	}
	names := make([]string, 0, len(lower))
	for k := range lower {
		names = append(names, k)
	}
	slices.Sort(names)
	for _, k := range names {
		slices.Sort(lower[k])
		b.WriteString("\n" + k + ":" + strings.Join(lower[k], ","))
	}
}
