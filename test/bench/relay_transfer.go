package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"golang.org/x/sync/errgroup"
)

// put stores what it reads: Put Block for each full buffer, several at a time,
// then Put Block List.
func (r *relay) put(ctx context.Context, name string, in io.Reader) error {
	var list strings.Builder
	list.WriteString("<BlockList>")
	blocks, ctx := errgroup.WithContext(ctx)
	blocks.SetLimit(inFlight)
	for index, ended := uint32(0), false; !ended; index++ {
		buf := r.blocks.Get().(*[]byte)
		n, err := io.ReadFull(in, *buf)
		ended = errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !ended {
			return errors.Join(err, blocks.Wait())
		}
		id := base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint32(nil, index))
		if n > 0 {
			list.WriteString("<Latest>" + id + "</Latest>")
		}
		blocks.Go(func() error {
			defer r.blocks.Put(buf)
			if n == 0 {
				return nil
			}
			return r.send(ctx, name+"?comp=block&blockid="+url.QueryEscape(id), (*buf)[:n])
		})
	}
	if err := blocks.Wait(); err != nil {
		return err
	}
	list.WriteString("</BlockList>")
	return r.send(context.WithoutCancel(ctx), name+"?comp=blocklist", []byte(list.String()))
}

func (r *relay) send(ctx context.Context, path string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, r.url+"/"+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := r.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusCreated {
		return errors.New(resp.Status)
	}
	return nil
}

// get sends a blob, range by range.
func (r *relay) get(ctx context.Context, name string, conn net.Conn) error {
	buf := r.buffers.Get().(*[]byte)
	defer r.buffers.Put(buf)
	for offset := int64(0); ; {
		n, total, err := r.getRange(ctx, name, offset, conn, *buf)
		offset += n
		if err != nil || offset >= total {
			return err
		}
	}
}

func (r *relay) getRange(ctx context.Context, name string, offset int64, conn net.Conn, buf []byte) (n, total int64, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url+"/"+name, nil)
	if err != nil {
		return 0, 0, err
	}
	req.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", offset, offset+blockSize-1))
	resp, err := r.http.Do(req)
	if err != nil {
		return 0, 0, err
	}
	defer resp.Body.Close()
	var first, last int64
	if _, err := fmt.Sscanf(resp.Header.Get("Content-Range"), "bytes %d-%d/%d", &first, &last, &total); err != nil {
		return 0, 0, errors.New(resp.Status)
	}
	for {
		// TLS gives a record at a time: fewer, larger writes cost less.
		k, err := io.ReadFull(resp.Body, buf)
		if k > 0 {
			if _, err := conn.Write(buf[:k]); err != nil {
				return n, total, err
			}
			n += int64(k)
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return n, total, nil
		}
		if err != nil {
			return n, total, err
		}
	}
}

// list sends the number of entries of each page of the pager, as a gateway
// would ask for them.
func (r *relay) list(ctx context.Context, prefix string, w io.Writer) error {
	include := container.ListBlobsInclude{Metadata: true}
	pager := r.pager.NewListBlobsHierarchyPager("/", &container.ListBlobsHierarchyOptions{Prefix: &prefix, Include: include})
	for pager.More() {
		page, err := pager.NextPage(ctx)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintln(w, len(page.Segment.BlobItems)+len(page.Segment.BlobPrefixes)); err != nil {
			return err
		}
	}
	return nil
}
