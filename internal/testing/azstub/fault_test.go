package azstub_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/tidegate/tidegate/internal/testing/azstub"
)

var big = bytes.Repeat([]byte("0123456789abcdef"), 128<<10) // 2 MiB, more than sockets and buffers take

// TestFaultsOfPut makes a Put Blob fail at every point and looks at what the
// client is told and what became of the blob.
func TestFaultsOfPut(t *testing.T) {
	t.Parallel()
	for _, tls := range []bool{false, true} {
		for _, tc := range []struct {
			name   string
			fault  azstub.Fault
			status int // 0: no answer
			code   string
			done   bool
		}{
			{"busy", azstub.ServerBusy(), 503, "ServerBusy", false},
			{"internal error", azstub.InternalError(), 500, "InternalError", false},
			{"any error in the body", azstub.Fail(azstub.RequestBody(-1), 403, "AccountIsDisabled"), 403, "AccountIsDisabled", false},
			{"error after the work", azstub.Fail(azstub.AfterWork(), 500, "OperationTimedOut"), 500, "OperationTimedOut", true},
			{"cut before the body", azstub.Cut(azstub.BeforeBody()), 0, "", false},
			{"cut in the body", azstub.Cut(azstub.RequestBody(-1)), 0, "", false},
			{"cut before the last byte", azstub.Cut(azstub.RequestBody(1 << 40)), 0, "", false},
			{"lost answer", azstub.LostAnswer(), 0, "", true},
		} {
			t.Run(map[bool]string{false: "http", true: "https"}[tls]+"/"+tc.name, func(t *testing.T) {
				t.Parallel()
				s, c := start(t, azstub.Options{TLS: tls, Rules: []azstub.Rule{{Kinds: []azstub.Kind{azstub.PutBlob}, Blob: "b", Times: 1, Fault: tc.fault}}})
				put(t, c, "other", "not selected")
				up := func() error {
					_, err := c.NewBlockBlobClient("b").Upload(t.Context(), body(big), nil)
					return err
				}
				err := up()
				if tc.status != 0 {
					wantCode(t, err, tc.status, tc.code)
				} else if re := new(azcore.ResponseError); err == nil || errors.As(err, &re) {
					t.Fatalf("got %v, want a broken connection", err)
				}
				if _, done := s.Blob("files", "b"); done != tc.done {
					t.Errorf("stored: %v, want %v", done, tc.done)
				}
				wantNoError(t, up())
				last := s.Requests(s.Seq() - 2)
				if last[0].Status != tc.status || last[0].Code != tc.code || last[1].Status != 201 {
					t.Errorf("remembered: %d %s, then %d", last[0].Status, last[0].Code, last[1].Status)
				}
			})
		}
	}
}

// TestFaultsOfGet breaks the body of an answer.
func TestFaultsOfGet(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		fault azstub.Fault
		want  int // bytes that arrive
	}{
		{"cut in the middle", azstub.Cut(azstub.ResponseBody(-1)), len(big) / 2},
		{"cut before the first byte", azstub.Cut(azstub.ResponseBody(0)), 0},
		{"cut before the last byte", azstub.Cut(azstub.ResponseBody(1 << 40)), len(big) - 1},
		{"failure is a cut by then", azstub.Fail(azstub.ResponseBody(1000), 500, "InternalError"), 1000},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s, c := start(t, azstub.Options{})
			wantNoError(t, s.Place("files", "b", azstub.Blob{Content: big}))
			s.AddRule(azstub.Rule{Kinds: []azstub.Kind{azstub.GetBlob}, Times: 1, Fault: tc.fault})
			got, err := get(t.Context(), c, "b", nil)
			if !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("got %v", err)
			}
			if len(got) != tc.want || !bytes.HasPrefix(big, got) {
				t.Errorf("%d bytes arrived, want %d", len(got), tc.want)
			}
			got, err = get(t.Context(), c, "b", nil)
			if err != nil || !bytes.Equal(got, big) {
				t.Errorf("the next: %d bytes, %v", len(got), err)
			}
		})
	}
	t.Run("the SDK resumes", func(t *testing.T) {
		s, c := start(t, azstub.Options{})
		wantNoError(t, s.Place("files", "b", azstub.Blob{Content: big}))
		s.AddRule(azstub.Rule{Times: 1, Fault: azstub.Cut(azstub.ResponseBody(12345))})
		r, err := c.NewBlobClient("b").DownloadStream(t.Context(), nil)
		wantNoError(t, err)
		rd := r.NewRetryReader(t.Context(), nil)
		defer rd.Close()
		got, err := io.ReadAll(rd)
		if err != nil || !bytes.Equal(got, big) {
			t.Errorf("%d bytes, %v", len(got), err)
		}
		if n := s.Counts(); n.String() != "GetBlob 2" {
			t.Errorf("requests: %v", n)
		}
	})
	t.Run("corrupt byte", func(t *testing.T) {
		s, c := start(t, azstub.Options{})
		wantNoError(t, s.Place("files", "b", azstub.Blob{Content: big}))
		s.AddRule(azstub.Rule{Times: 1, Fault: azstub.Corrupt(777_777)})
		got, err := get(t.Context(), c, "b", nil)
		wantNoError(t, err)
		for i := range got {
			if (got[i] != big[i]) != (i == 777_777) {
				t.Fatalf("byte %d is %#x, was %#x", i, got[i], big[i])
			}
		}
		got, err = get(t.Context(), c, "b", nil)
		if err != nil || !bytes.Equal(got, big) {
			t.Error("the stored blob changed")
		}
	})
}

// TestHang checks that a hanging request ends when its client cancels, and
// when the server is closed.
func TestHang(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		at   azstub.Point
		kind azstub.Kind
	}{
		{"before the body", azstub.BeforeBody(), azstub.PutBlob},
		{"in the body", azstub.RequestBody(-1), azstub.PutBlob},
		{"after the work", azstub.AfterWork(), azstub.PutBlob},
		{"in the answer", azstub.ResponseBody(-1), azstub.GetBlob},
	} {
		for _, way := range []string{"client gives up", "server closes"} {
			t.Run(tc.name+"/"+way, func(t *testing.T) {
				t.Parallel()
				s, c := start(t, azstub.Options{})
				wantNoError(t, s.Place("files", "b", azstub.Blob{Content: big}))
				s.AddRule(azstub.Rule{Kinds: []azstub.Kind{tc.kind}, Fault: azstub.Hang(tc.at)})
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				failed := make(chan error, 1)
				go func() {
					var err error
					if tc.kind == azstub.GetBlob {
						_, err = get(ctx, c, "b", nil)
					} else {
						_, err = c.NewBlockBlobClient("b").Upload(ctx, body(big), nil)
					}
					failed <- err
				}()
				wantNoError(t, s.Wait(t.Context(), func(n azstub.Counts) bool { return n.Of(tc.kind) == 1 }))
				if way == "client gives up" {
					cancel()
				} else {
					wantNoError(t, s.Close())
				}
				if err := <-failed; err == nil {
					t.Error("the request succeeded")
				}
			})
		}
	}
}

// TestRuleOrder checks Skip, Times and how rules share requests.
func TestRuleOrder(t *testing.T) {
	t.Parallel()
	s, c := start(t, azstub.Options{})
	put(t, c, "b", "x")
	s.AddRule(azstub.Rule{Times: 1, Fault: azstub.ServerBusy()})
	s.AddRule(azstub.Rule{Times: 2, Fault: azstub.InternalError()})
	remove := s.AddRule(azstub.Rule{Skip: 4, Fault: azstub.Fail(azstub.BeforeBody(), 418, "Teapot")})
	s.AddRule(azstub.Rule{Match: func(r *azstub.Request) bool { return r.Range() == "bytes=0-0" }, Fault: azstub.Fail(azstub.BeforeBody(), 409, "Ranged")})
	for i, want := range []int{503, 500, 500, 0, 418, 418} {
		_, err := get(t.Context(), c, "b", nil)
		got := 0
		if re := new(azcore.ResponseError); errors.As(err, &re) {
			got = re.StatusCode
		}
		if got != want {
			t.Errorf("request %d: %d, want %d", i+1, got, want)
		}
	}
	remove()
	wantContent(t, c, "b", "x")
	_, err := get(t.Context(), c, "b", &blob.DownloadStreamOptions{Range: blob.HTTPRange{Count: 1}})
	wantCode(t, err, 409, "Ranged")
	s.ClearRules()
	_, err = get(t.Context(), c, "b", &blob.DownloadStreamOptions{Range: blob.HTTPRange{Count: 1}})
	wantNoError(t, err)
}

// TestSDKRetries lets the SDK overcome an error by itself. The request has no body: the transport
// may still read that of an attempt when the SDK begins the next one.
func TestSDKRetries(t *testing.T) {
	t.Parallel()
	s, _ := start(t, azstub.Options{Rules: []azstub.Rule{{Times: 2, Fault: azstub.ServerBusy()}}})
	o := clientOptions(t, s)
	o.Retry = policy.RetryOptions{RetryDelay: 1}
	c, err := container.NewClientFromConnectionString(s.ConnectionString(), "files", o)
	wantNoError(t, err)
	_, err = get(t.Context(), c, "b", nil)
	wantCode(t, err, 404, "BlobNotFound")
	if n := s.Counts(); n.String() != "GetBlob 3" {
		t.Errorf("requests: %v", n)
	}
}
