package azstub

import (
	"net/http"
	"strings"
	"time"
)

// conditions are the conditional headers of a request, as "Specifying
// conditional headers for Blob service operations" describes them.
type conditions struct {
	match, noneMatch     string
	modified, unmodified time.Time
}

// conditionsOf reads the headers; prefix is "" for the blob that the request
// names and "x-ms-source-" for the source of a copy.
func conditionsOf(h http.Header, prefix string) (conditions, error) {
	c := conditions{match: h.Get(prefix + "If-Match"), noneMatch: h.Get(prefix + "If-None-Match")}
	if h.Get("x-ms-if-tags") != "" {
		return c, errUnsupportedHeader
	}
	for name, t := range map[string]*time.Time{"If-Modified-Since": &c.modified, "If-Unmodified-Since": &c.unmodified} {
		if v := h.Get(prefix + name); v != "" {
			var err error
			if *t, err = http.ParseTime(v); err != nil {
				return c, errInvalidHeaderValue
			}
		}
	}
	if !c.together() {
		return c, errMultipleConditions
	}
	return c, nil
}

// together reports whether the service takes these conditions in one request:
// one, or one of the two pairs that are documented.
func (c conditions) together() bool {
	match, noneMatch := c.match != "", c.noneMatch != ""
	modified, unmodified := !c.modified.IsZero(), !c.unmodified.IsZero()
	return !(match && (noneMatch || modified) || noneMatch && unmodified || modified && unmodified)
}

// matched reports whether the preconditions that demand a certain state hold. A
// time is no condition for what is not there: Azurite, and RFC 9110 13.1.4.
func (c conditions) matched(v *version) bool {
	if c.match != "" {
		return v != nil && sameETag(c.match, v.etag)
	}
	return c.unmodified.IsZero() || v == nil || !v.modified.After(c.unmodified)
}

// fresh reports whether the preconditions that demand a change hold.
func (c conditions) fresh(v *version) bool {
	if v == nil {
		return true
	}
	if c.noneMatch != "" {
		return !sameETag(c.noneMatch, v.etag)
	}
	return c.modified.IsZero() || v.modified.After(c.modified)
}

// read checks the conditions of an operation that reads.
func (c conditions) read(v *version) error {
	switch {
	case !c.matched(v):
		return errConditionNotMet
	case !c.fresh(v):
		return errNotModified.with("ETag", v.etag)
	}
	return nil
}

// write checks the conditions of an operation that changes an existing blob.
func (c conditions) write(v *version) error {
	if !c.matched(v) || !c.fresh(v) {
		return errConditionNotMet
	}
	return nil
}

// create checks the conditions of an operation that makes the blob when it is
// not there, v being nil then. taken says that the name is in use although
// there is no version to read.
func (c conditions) create(v *version, taken bool) error {
	if c.noneMatch == "*" && (v != nil || taken) {
		return errBlobAlreadyExists
	}
	return c.write(v)
}

// sameETag compares a header's tag with a blob's. The service takes tags with
// and without quotes.
func sameETag(header, etag string) bool {
	return header == "*" || strings.Trim(header, `"`) == strings.Trim(etag, `"`)
}
