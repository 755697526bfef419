package azblob

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
)

// answerTo is a service that gives one answer to everything.
type answerTo []byte

func (a answerTo) Do(req *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/xml"}}, Request: req,
		Body: io.NopCloser(bytes.NewReader(a)),
	}, nil
}

// aList is what the service answers, as its documentation shows it, with what is
// unusual in it.
const aList = "\ufeff" + `<?xml version="1.0" encoding="utf-8"?><EnumerationResults ServiceEndpoint="https://a.blob.core.windows.net/" ContainerName="files">` +
	`<Prefix>a/</Prefix><Delimiter>/</Delimiter><MaxResults>7</MaxResults><Blobs>` +
	`<Blob><Name>a/b</Name><Properties><Creation-Time>Wed, 25 Nov 2026 10:00:00 GMT</Creation-Time><Last-Modified>Wed, 25 Nov 2026 11:00:00 GMT</Last-Modified>` +
	`<Etag>0x8D5F</Etag><Content-Length>12</Content-Length><Content-Type>text/x&gt;y</Content-Type><Content-Encoding /><Content-Language/>` +
	`<Content-CRC64 /><Content-MD5>sQqNsWTgdUEFt6mb5y4/5Q==</Content-MD5><Cache-Control>a > b</Cache-Control><Content-Disposition />` +
	`<BlobType>BlockBlob</BlobType><AccessTier>Hot</AccessTier><LeaseStatus>unlocked</LeaseStatus><ServerEncrypted>true</ServerEncrypted></Properties>` +
	`<Metadata><hdi_isfolder>true</hdi_isfolder><LeaseStatus>mine</LeaseStatus><Properties>too</Properties></Metadata><OrMetadata /></Blob>` +
	`<Blob><Name>a/&lt;Properties&gt; > c</Name><Properties><Etag>0x1</Etag><Owner>$superuser</Owner><Content-MD5 /></Properties><Metadata /></Blob>` +
	`<Blob><Name>a/attributes</Name><Properties ><Etag >0x3</Etag><New a="b">x</New><New a="1>0"/><New >y</New >` +
	`<Deep><Deep>in</Deep><Etag>0x9</Etag><Deep/></Deep><Content-Length q='"'>7</Content-Length><!-- <Etag> --></Properties></Blob>` +
	`<Blob><Name>a/behind</Name><Properties><Etag>0x4</Etag><ResourceType>file</ResourceType></Properties></Blob>` +
	`<Blob><Name Encoded="true">a%2F%EF%BF%BE</Name><Properties /></Blob>` +
	`<BlobPrefix><Name>a/d/</Name><Properties><Etag>0x2</Etag><ResourceType>directory</ResourceType></Properties></BlobPrefix>` +
	`</Blobs><NextMarker>2!88!next</NextMarker></EnumerationResults>`

// What is used of a list is the same with and without what is taken out.
func TestTrimmedListSaysTheSame(t *testing.T) {
	decode := func(transport policy.Transporter) any {
		page := firstPage(t, transport)
		var all []any
		for _, item := range page.Segment.BlobItems {
			info := itemInfo(item)
			info.tier = "" // of no use in a listing by directories
			all = append(all, *item.Name, info, item.Properties != nil && item.Properties.Owner != nil)
		}
		for _, p := range page.Segment.BlobPrefixes {
			all = append(all, *p.Name)
		}
		return append(all, *page.NextMarker, *page.ContainerName)
	}
	clock := &serviceClock{}
	whole, trimmed := decode(answerTo(aList)), decode(roundTripper{overHTTP{answerTo(aList)}, clock, processors{}})
	if !reflect.DeepEqual(whole, trimmed) {
		t.Errorf("trimmed: %+v\nwhole:   %+v", trimmed, whole)
	}
	small := trimmedText(t, strings.NewReader(aList))
	for _, gone := range []string{"Creation-Time", "unlocked", "Content-Language", "a > b"} {
		if strings.Contains(small, gone) {
			t.Errorf("%s is still there: %s", gone, small)
		}
	}
	if bytewise := trimmedText(t, iotest.OneByteReader(strings.NewReader(aList))); bytewise != small {
		t.Errorf("byte by byte: %s", bytewise)
	}
}

// firstPage lets the SDK ask for a list.
func firstPage(tb testing.TB, transport policy.Transporter) container.ListBlobsHierarchyResponse {
	tb.Helper()
	o := &container.ClientOptions{}
	o.Transport = transport
	c, err := container.NewClientWithNoCredential("https://a.blob.core.windows.net/files", o)
	if err != nil {
		tb.Fatal(err)
	}
	page, err := c.NewListBlobsHierarchyPager("/", nil).NextPage(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	return page
}

// BenchmarkDecodeList decodes a whole page as Azure sends it.
func BenchmarkDecodeList(b *testing.B) {
	const blob = `<Blob><Name>many/entry-%07d</Name><Properties><Creation-Time>Wed, 25 Nov 2026 10:00:00 GMT</Creation-Time>` +
		`<Last-Modified>Wed, 25 Nov 2026 10:00:00 GMT</Last-Modified><Etag>0x8D5F0D5F0D5F0D5</Etag><Content-Length>%d</Content-Length>` +
		`<Content-Type>application/octet-stream</Content-Type><Content-Encoding /><Content-Language /><Content-CRC64 />` +
		`<Content-MD5>sQqNsWTgdUEFt6mb5y4/5Q==</Content-MD5><Cache-Control /><Content-Disposition /><BlobType>BlockBlob</BlobType>` +
		`<AccessTier>Hot</AccessTier><AccessTierInferred>true</AccessTierInferred><LeaseStatus>unlocked</LeaseStatus>` +
		`<LeaseState>available</LeaseState><ServerEncrypted>true</ServerEncrypted></Properties>` +
		`<Metadata><tidegate_crc64nvme>0123456789abcdef</tidegate_crc64nvme></Metadata><OrMetadata /></Blob>`
	page := []byte(`<?xml version="1.0" encoding="utf-8"?><EnumerationResults><Delimiter>/</Delimiter><Blobs>`)
	for i := range 5000 {
		page = fmt.Appendf(page, blob, i, i)
	}
	page = append(page, `</Blobs><NextMarker /></EnumerationResults>`...)
	for name, transport := range map[string]policy.Transporter{
		"whole": answerTo(page), "trimmed": roundTripper{overHTTP{answerTo(page)}, &serviceClock{}, processors{}},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if n := len(firstPage(b, transport).Segment.BlobItems); n != 5000 {
					b.Fatalf("%d blobs", n)
				}
			}
		})
	}
}

// overHTTP is a transport of the SDK's as one of net/http's.
type overHTTP struct{ policy.Transporter }

func (o overHTTP) RoundTrip(req *http.Request) (*http.Response, error) { return o.Do(req) }

func trimmedText(t *testing.T, r io.Reader) string {
	t.Helper()
	got, err := trimmed(r)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func trimmed(r io.Reader) (string, error) {
	got, err := io.ReadAll(&trimmer{in: bufio.NewReaderSize(r, trimBuffer)})
	return string(got), err
}

// An answer that breaks off stays one that does.
func TestTrimBrokenList(t *testing.T) {
	for n := range len(aList) {
		broken := io.MultiReader(strings.NewReader(aList[:n]), iotest.ErrReader(io.ErrUnexpectedEOF))
		if _, err := io.ReadAll(&trimmer{in: bufio.NewReaderSize(broken, trimBuffer)}); err != io.ErrUnexpectedEOF {
			t.Fatalf("after %d bytes: %v", n, err)
		}
	}
}

// TestTrimOnlyLists: nothing else passes through the trimmer, nor does a list in
// another form.
func TestTrimOnlyLists(t *testing.T) {
	const text = "<Properties><X>1</X></Properties>"
	for _, kind := range []string{"application/xml; charset=utf-8", "application/vnd.apache.arrow.stream", ""} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://a.blob.core.windows.net/files?comp=list", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		resp := &http.Response{StatusCode: http.StatusOK, Request: req, Body: io.NopCloser(strings.NewReader(text)), Header: http.Header{"Content-Type": {kind}}}
		trimList(resp)
		got, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		if trimmed := string(got) != text; trimmed != strings.HasPrefix(kind, "application/xml") {
			t.Errorf("%q: %q", kind, got)
		}
	}
}

// FuzzTrimmedXML compares the decoding of any XML with and without what is taken
// out: where the whole can be decoded, so can the rest, and it says the same.
func FuzzTrimmedXML(f *testing.F) {
	f.Add(aList[strings.Index(aList, "<Blobs>"):strings.Index(aList, "<NextMarker>")])
	f.Add(`<Properties><X a="b">1</X><X/><X ><X>2</X></X><Etag>3</Etag></Properties>`)
	f.Add(`<Properties a='>'><X a=">"/><Y><![CDATA[</Y>]]></Y><!-- </Properties> --><Owner>1</Owner></Properties>`)
	f.Add(`<!'p>`)
	f.Add(`<Properties><Y><!>CDATA[</Y>]]></Y></Properties>`)
	f.Add(`<Properties><Y><!--></Y>--></Y><Etag>1</Etag></Properties>`)
	type properties struct {
		ETag         string `xml:"Etag"`
		Modified     string `xml:"Last-Modified"`
		Length       string `xml:"Content-Length"`
		MD5          string `xml:"Content-MD5"`
		Owner        string
		ResourceType string
	}
	type blobs struct {
		Properties properties
		Blob       []struct {
			Name       string
			Properties properties
		}
		BlobPrefix []struct{ Name string }
	}
	f.Fuzz(func(t *testing.T, inner string) {
		if len(inner) > 8<<10 {
			return // longer tags than any of the service's
		}
		var whole, less blobs
		if xml.Unmarshal([]byte("<List>"+inner+"</List>"), &whole) != nil {
			return
		}
		rest, err := trimmed(strings.NewReader("<List>" + inner + "</List>"))
		if errors.Is(err, errDirective) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := xml.Unmarshal([]byte(rest), &less); err != nil || !reflect.DeepEqual(whole, less) {
			t.Errorf("%q: %v\nwhole   %+v\ntrimmed %+v\nof      %q", inner, err, whole, less, rest)
		}
	})
}

// FuzzTrim trims names and values of any length and with any characters: what is
// kept stays, and what comes behind is not lost.
func FuzzTrim(f *testing.F) {
	f.Add("name", "value", 1)
	f.Add("</Properties>", "]]>", 20_000)
	f.Fuzz(func(t *testing.T, name, value string, times int) {
		escape := func(s string) string {
			var b strings.Builder
			_ = xml.EscapeText(&b, []byte(s))
			return b.String()
		}
		value = strings.Repeat(value, max(0, min(times, 40_000/max(len(value), 1))))
		const page = `<Blob><Name>%s</Name><Properties><X>%s</X>%s<Etag>%s</Etag><Y />%s</Properties><Metadata><X>%s</X></Metadata></Blob>`
		n, v := escape(name), escape(value)
		whole := fmt.Sprintf(page, n, v, "", v, "", v)
		want := strings.Replace(strings.Replace(whole, "<X>"+v+"</X>", "", 1), "<Y />", "", 1)
		if got := trimmedText(t, strings.NewReader(whole)); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	})
}
