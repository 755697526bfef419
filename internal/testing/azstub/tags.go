package azstub

import (
	"encoding/xml"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// The limits of index tags, as "Set Blob Tags" documents them.
const (
	maxTags     = 10
	maxTagKey   = 128
	maxTagValue = 256
	maxTagsBody = 64 << 10
)

// tagsOf reads x-ms-tags. A "+" stands for itself there, which is a character
// that tags may hold; whether the service takes it for a space was not seen.
func tagsOf(h http.Header) (map[string]string, error) {
	text := h.Get("x-ms-tags")
	if text == "" {
		return nil, nil
	}
	tags := map[string]string{}
	for pair := range strings.SplitSeq(text, "&") {
		key, value, _ := strings.Cut(pair, "=")
		key, keyErr := url.PathUnescape(key)
		value, valueErr := url.PathUnescape(value)
		if _, again := tags[key]; keyErr != nil || valueErr != nil || again {
			return nil, errInvalidHeaderValue
		}
		tags[key] = value
	}
	return tags, checkTags(tags)
}

func checkTags(tags map[string]string) error {
	if len(tags) > maxTags {
		return errInvalidTags
	}
	for key, value := range tags {
		if key == "" || len(key) > maxTagKey || len(value) > maxTagValue || !tagText(key) || !tagText(value) {
			return errInvalidTags
		}
	}
	return nil
}

// tagText reports whether a tag's key or value may hold this.
func tagText(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(" +-./:=_", r))
	}) < 0
}

// describeTags sets the header with the number of tags.
func (v *version) describeTags(h http.Header) {
	if len(v.tags) > 0 {
		h.Set("x-ms-tag-count", strconv.Itoa(len(v.tags)))
	}
}

// tagSet is the XML of both operations.
type tagSet struct {
	XMLName xml.Name `xml:"Tags"`
	Tags    []tag    `xml:"TagSet>Tag"`
}

type tag struct{ Key, Value string }

// getTags is Get Blob Tags.
func (c *call) getTags() (*answer, error) {
	s := c.srv
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, v, err := s.version(c.target, c.query.Get("snapshot"))
	if err != nil {
		return nil, err
	}
	var set tagSet
	for _, key := range slices.Sorted(maps.Keys(v.tags)) {
		set.Tags = append(set.Tags, tag{key, v.tags[key]})
	}
	text, err := xml.Marshal(set)
	if err != nil {
		return nil, err
	}
	ans := reply(http.StatusOK)
	ans.header.Set("Content-Type", "application/xml")
	ans.body = newContent(append([]byte(xml.Header), text...))
	return ans, nil
}

// setTags is Set Blob Tags, which changes neither ETag nor Last-Modified.
func (c *call) setTags() (*answer, error) {
	body, err := c.receiveXML(maxTagsBody)
	if err != nil {
		return nil, err
	}
	var set tagSet
	if xml.Unmarshal(body.content.bytes(nil), &set) != nil {
		return nil, errInvalidXML
	}
	tags := map[string]string{}
	for _, t := range set.Tags {
		tags[t.Key] = t.Value
	}
	if err := checkTags(tags); err != nil {
		return nil, err
	}
	s := c.srv
	s.mu.Lock()
	defer s.mu.Unlock()
	b, _, err := s.version(c.target, "")
	if err != nil {
		return nil, err
	}
	if err := c.leaseGiven(b); err != nil {
		return nil, err
	}
	v := b.change()
	v.tags = tags
	b.current = v
	return reply(http.StatusNoContent), nil
}
