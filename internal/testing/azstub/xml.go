package azstub

import (
	"bytes"
	"encoding/xml"
	"net/url"
	"strings"
	"unicode/utf8"
)

// element writes an element unless its text is empty.
func element(b *bytes.Buffer, name, text string) {
	if text == "" {
		return
	}
	b.WriteString("<" + name + ">")
	b.WriteString(escapeXML(text))
	b.WriteString("</" + name + ">")
}

// nameElement writes a name, encoded where XML cannot hold it, as the service
// does since version 2021-02-12.
func nameElement(b *bytes.Buffer, name string) {
	if !validXML(name) {
		b.WriteString(`<Name Encoded="true">` + strings.ReplaceAll(url.QueryEscape(name), "+", "%20") + "</Name>")
		return
	}
	element(b, "Name", name)
}

// metadataElement writes metadata; the keys are identifiers.
func metadataElement(b *bytes.Buffer, md map[string]string) {
	b.WriteString("<Metadata>")
	for k, v := range md {
		b.WriteString("<" + k + ">")
		b.WriteString(escapeXML(v))
		b.WriteString("</" + k + ">")
	}
	b.WriteString("</Metadata>")
}

// escapeXML escapes s where it needs it.
func escapeXML(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r == '<' || r == '>' || r == '&' || r == '"' || r == '\'' }) < 0 {
		return s
	}
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder does not fail
	return b.String()
}

// validXML reports whether all characters of s may occur in XML 1.0.
func validXML(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return false
		}
	}
	return true
}
