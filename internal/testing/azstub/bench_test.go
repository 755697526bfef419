package azstub_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/tidegate/tidegate/internal/testing/azstub"
)

// The benchmarks measure the stub and a plain HTTP client in one process, so
// the stub alone is faster than they show.

func benchServer(b *testing.B, opts azstub.Options) (*azstub.Server, *http.Client, string) {
	b.Helper()
	opts.Auth = azstub.NoAuth
	s := azstub.Start(b, opts)
	s.CreateContainer("files")
	hc, err := s.Client()
	if err != nil {
		b.Fatal(err)
	}
	return s, hc, s.URL() + "/files/"
}

func do(b *testing.B, hc *http.Client, method, url string, body io.Reader) {
	r, err := http.NewRequestWithContext(b.Context(), method, url, body)
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("x-ms-blob-type", azstub.BlockBlob)
	resp, err := hc.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		b.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode >= http.StatusBadRequest {
		b.Fatal(resp.Status)
	}
}

func BenchmarkPutBlock(b *testing.B) {
	data := make([]byte, 8<<20)
	for _, bc := range []struct {
		name string
		opts azstub.Options
	}{
		{"http, discard", azstub.Options{Discard: true, SkipChecksums: true}},
		{"https, discard", azstub.Options{TLS: true, Discard: true, SkipChecksums: true}},
		{"https, keep", azstub.Options{TLS: true}},
	} {
		b.Run(bc.name, func(b *testing.B) {
			_, hc, url := benchServer(b, bc.opts)
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				do(b, hc, "PUT", url+"b?comp=block&blockid=MQ==", bytes.NewReader(data))
			}
		})
	}
}

func BenchmarkGetBlob(b *testing.B) {
	for _, tls := range []bool{false, true} {
		b.Run(map[bool]string{false: "http", true: "https"}[tls], func(b *testing.B) {
			s, hc, url := benchServer(b, azstub.Options{TLS: tls})
			const size = 8 << 20
			if err := s.Place("files", "b", azstub.Blob{Size: size}); err != nil {
				b.Fatal(err)
			}
			b.SetBytes(size)
			for b.Loop() {
				do(b, hc, "GET", url+"b", nil)
			}
		})
	}
}

func BenchmarkSmall(b *testing.B) {
	_, hc, url := benchServer(b, azstub.Options{TLS: true, Discard: true, SkipChecksums: true})
	for b.Loop() {
		do(b, hc, "PUT", url+"b", bytes.NewReader(make([]byte, 1024)))
	}
}

func BenchmarkListPage(b *testing.B) {
	s, hc, url := benchServer(b, azstub.Options{})
	for i := range 100_000 {
		if err := s.Place("files", fmt.Sprintf("dir/file-%06d", i), azstub.Blob{Metadata: map[string]string{"mtime": "1.5"}}); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		do(b, hc, "GET", url[:len(url)-1]+"?restype=container&comp=list&prefix=dir/&delimiter=/&include=metadata", nil)
	}
}
