package external

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// version is that of the protocol.
const version = 1

// maxAnswer is the size of the largest answer, in bytes.
const maxAnswer = 64 << 10

// The methods of a Request.
const (
	MethodPassword = "password"
	MethodKey      = "publickey"
)

// Request is a login that a service decides about. All texts are valid UTF-8.
type Request struct {
	// Tenant and Username are the user. Username is as the client wrote it, without the
	// tenant.
	Tenant, Username string
	// Password or PublicKey, by Method. PublicKey is a line of authorized_keys. That the
	// client has the private key is not proven yet.
	Password, PublicKey string
	Method              string
	// Protocol is "FTP", "FTPS" or "SFTP".
	Protocol string
	// SourceIP is the client's address.
	SourceIP string
	// Host is the host name that the client asked for, "" for none.
	Host string
	// Session is the session's name in the log.
	Session string
	// StillAllowed, when it is not nil, is called before the service is asked, when the request
	// has its turn. With an error the service is not asked, and Ask returns it.
	StillAllowed func() error
}

// message is a Request as it is sent.
type message struct {
	Version   int    `json:"version"`
	Tenant    string `json:"tenant"`
	Username  string `json:"username"`
	Password  string `json:"password,omitempty"`
	PublicKey string `json:"public_key,omitempty"`
	Method    string `json:"method"`
	Protocol  string `json:"protocol"`
	SourceIP  string `json:"source_ip"`
	Host      string `json:"host"`
	Session   string `json:"session"`
	Node      string `json:"node"`
}

// Answer is what a service allows. Nil and "" mean that it does not say.
type Answer struct {
	Home *string
	Root *string
	// Permissions are words such as "list".
	Permissions []string
	// Mounts are the places of the tenant's mounts that the user sees.
	Mounts []string
	Limits *Limits
	// PublicKeys are lines of authorized_keys. Where there are any, the client must have
	// one of them; otherwise the service has accepted the key.
	PublicKeys []string
}

// Limits are those of all sessions of the user, as a block limits has them.
type Limits struct {
	Sessions          *int   `json:"sessions"`
	Transfers         *int   `json:"transfers"`
	StoreRequests     *int   `json:"store_requests"`
	BandwidthUp       string `json:"bandwidth_up"`
	BandwidthDown     string `json:"bandwidth_down"`
	UploadBytes       string `json:"upload_bytes"`
	UploadBytesPerDay string `json:"upload_bytes_per_day"`
}

// body is an Answer as it is received.
type body struct {
	Allow       *bool      `json:"allow"`
	Home        *string    `json:"home"`
	Root        *string    `json:"root"`
	Permissions []string   `json:"permissions"`
	Mounts      []string   `json:"mounts"`
	Limits      *Limits    `json:"limits"`
	PublicKeys  []string   `json:"public_keys"`
	Expires     *time.Time `json:"expires"`
}

// parseAnswer reads the body of an answer with the status 200.
func parseAnswer(r io.Reader, now time.Time) (*Answer, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxAnswer+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("the answer broke: %w", err)
	case len(text) > maxAnswer:
		return nil, fmt.Errorf("the answer has more than %d bytes", maxAnswer)
	case len(bytes.TrimSpace(text)) == 0:
		return nil, errors.New("the answer is empty")
	}
	if err := checkKeys(text); err != nil {
		return nil, fmt.Errorf("the answer is not as documented: %w", err)
	}
	var b body
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&b); err != nil {
		return nil, fmt.Errorf("the answer is not as documented: %s", why(err))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("the answer is not as documented: something follows the object")
	}
	switch {
	case b.Allow == nil:
		return nil, errors.New(`the answer is not as documented: "allow" is missing`)
	case !*b.Allow:
		return nil, ErrRefused
	case b.Expires != nil && !now.Before(*b.Expires):
		return nil, ErrRefused
	}
	return &Answer{Home: b.Home, Root: b.Root, Permissions: b.Permissions, Mounts: b.Mounts, Limits: b.Limits, PublicKeys: b.PublicKeys}, nil
}

// checkKeys reports a field that the answer has twice, or in another letter case than
// documented: encoding/json would take the last one.
func checkKeys(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	depth, isKey := 0, false
	seen := map[string]bool{}
	for {
		token, err := d.Token()
		if err != nil {
			return nil //nolint:nilerr // the end, or an error that decoding reports
		}
		switch t := token.(type) {
		case json.Delim:
			if t == '{' || t == '[' {
				depth++
			} else {
				depth--
			}
			isKey = depth == 1
			continue
		case string:
			if depth == 1 && isKey {
				if seen[t] || strings.ToLower(t) != t {
					return fmt.Errorf("the field %q is there twice, or not in lower case", t)
				}
				seen[t], isKey = true, false
				continue
			}
		}
		isKey = depth == 1
	}
}

// why is the reason of an error of encoding/json without the values of the answer.
func why(err error) string {
	if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Sprintf("%q has the wrong type", t.Field)
	}
	if s, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Sprintf("it is not JSON, at byte %d", s.Offset)
	}
	if _, ok := errors.AsType[*time.ParseError](err); ok {
		return `"expires" is not a time such as "2027-01-31T12:00:00Z"`
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return "it ends in the middle"
	}
	return err.Error() // an unknown field, with its name
}
