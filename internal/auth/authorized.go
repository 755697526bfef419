package auth

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// ParseKeys reads lines as in authorized_keys. An option that forbids something that the gateway
// does not offer is accepted. Every other option that the gateway does not implement is an error,
// because no restriction may be ignored.
func ParseKeys(text string) ([]Key, error) {
	return someOf(parseLines(text, parseKey))
}

// ParseAuthorities reads the public keys of authorities, a line each and without
// options, as OpenSSH's TrustedUserCAKeys.
func ParseAuthorities(text string) ([]Key, error) {
	return someOf(parseLines(text, func(line string) (Key, error) {
		public, options, err := parseLine(line)
		if err != nil {
			return Key{}, err
		}
		if len(options) > 0 {
			return Key{}, errors.New("the key of an authority for all users has no options; write an authority for one user into the authorized_keys of that user: cert-authority,… KEY")
		}
		return Key{public: public, blob: public.Marshal(), authority: true}, checkKey(public)
	}))
}

// someOf makes an error of a text that holds no key.
func someOf(keys []Key, err error) ([]Key, error) {
	if err == nil && len(keys) == 0 {
		err = errors.New("there is no key in it")
	}
	return keys, err
}

// parseLines reads the lines that are neither empty nor comments.
func parseLines[T any](text string, parse func(line string) (T, error)) ([]T, error) {
	var all []T
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		one, err := parse(line)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

func parseLine(line string) (public ssh.PublicKey, options []string, err error) {
	public, _, options, _, err = ssh.ParseAuthorizedKey([]byte(line))
	if err != nil {
		return nil, nil, errors.New("it is not a line of authorized_keys")
	}
	return public, options, nil
}

// parseKey reads a line with its options (sshd(8), AUTHORIZED_KEYS FILE FORMAT).
func parseKey(line string) (Key, error) {
	public, options, err := parseLine(line)
	if err != nil {
		return Key{}, err
	}
	if err := checkKey(public); err != nil {
		return Key{}, err
	}
	k := Key{public: public, blob: public.Marshal()}
	var seen []string
	for _, o := range options {
		name, value, _ := strings.Cut(o, "=")
		name = strings.ToLower(name)
		// The last of two would hide what the first one forbids.
		if slices.Contains(seen, name) {
			return Key{}, fmt.Errorf("the option %s stands there more than once", name)
		}
		seen = append(seen, name)
		if err := k.option(name, value); err != nil {
			return Key{}, err
		}
	}
	if k.principals != nil && !k.authority {
		return Key{}, errors.New("the option principals is for lines with cert-authority")
	}
	return k, nil
}

func (k *Key) option(name, value string) (err error) {
	switch name {
	case "from", "principals", "expiry-time", "command":
		if value, err = unquote(value); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	switch name {
	case "from":
		k.from, err = parseFrom(value)
	case "cert-authority":
		k.authority = true
	case "principals":
		k.principals, err = parsePrincipals(value)
	case "expiry-time":
		k.until, err = parseExpiry(value)
	case "command":
		if value != onlySFTP {
			err = fmt.Errorf("nothing is run here; of command= only %q is taken, which is all there is", onlySFTP)
		}
	case "no-touch-required":
		k.noTouch = true
	case "restrict", "no-pty", "no-port-forwarding", "no-agent-forwarding", "no-x11-forwarding", "no-user-rc":
		// None of this is offered.
	default:
		err = fmt.Errorf("the option %s is not honoured here", name)
	}
	return err
}

// onlySFTP is the forced command that stands for what is offered here anyway.
const onlySFTP = "internal-sftp"

// unquote returns what stands between double quotes, in which \" is one.
func unquote(value string) (string, error) {
	inner, opened := strings.CutPrefix(value, `"`)
	inner, closed := strings.CutSuffix(inner, `"`)
	if !opened || !closed {
		return "", errors.New("its value needs double quotes")
	}
	return strings.ReplaceAll(inner, `\"`, `"`), nil
}

func parsePrincipals(text string) ([]string, error) {
	names := strings.Split(text, ",")
	if slices.Contains(names, "") {
		return nil, errors.New("principals has an empty name")
	}
	return names, nil
}

// parseExpiry reads YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS, which is local
// time of this machine unless Z or UTC follows.
func parseExpiry(text string) (time.Time, error) {
	zone := time.Local
	digits := strings.ToUpper(text)
	for _, suffix := range []string{"Z", "UTC"} {
		if bare, ok := strings.CutSuffix(digits, suffix); ok {
			digits, zone = bare, time.UTC
			break
		}
	}
	const layout = "20060102150405"
	if n := len(digits); n == len("YYYYMMDD") || n == len("YYYYMMDDHHMM") || n == len(layout) {
		if t, err := time.ParseInLocation(layout[:n], digits, zone); err == nil && strings.Trim(digits, "0123456789") == "" {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("expiry-time %q is not YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS, in UTC with a Z behind it", text)
}

// parseFrom checks the patterns of from: addresses, networks, and addresses
// with * and ?, each of which may be negated with "!". Names of hosts are not
// looked up, and refused.
func parseFrom(text string) ([]string, error) {
	var patterns []string
	for pattern := range strings.SplitSeq(text, ",") {
		pattern = strings.TrimSpace(pattern)
		bare := strings.TrimPrefix(pattern, "!")
		_, errAddr := netip.ParseAddr(bare)
		_, errNet := netip.ParsePrefix(bare)
		wild := bare != "" && strings.ContainsAny(bare, "*?") && strings.Trim(bare, "0123456789abcdefABCDEF.:*?") == ""
		if errAddr != nil && errNet != nil && !wild {
			return nil, fmt.Errorf("from has %q, which is neither an address nor a network; names are not looked up", pattern)
		}
		patterns = append(patterns, pattern)
	}
	return patterns, nil
}
