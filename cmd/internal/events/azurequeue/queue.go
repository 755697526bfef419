package azurequeue

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"

	"github.com/tidegate/tidegate/internal/notify"
)

// Sender sends events to a queue.
type Sender struct {
	client    *azqueue.QueueClient
	transport *http.Client
}

var _ notify.Sender = (*Sender)(nil)

// Options are those of a Sender. One of the credentials is set, or URL has a signature.
type Options struct {
	// URL is that of the queue.
	URL string
	// ConnectionString replaces the URL; then Queue is the name of the queue.
	ConnectionString, Queue string
	Token                   azcore.TokenCredential
	SharedKey               *azqueue.SharedKeyCredential
	// Audience is that of the tokens, "" for the default.
	Audience string
}

// New returns a Sender. It sends no request.
func New(o Options) (*Sender, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 64
	s := &Sender{transport: &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	options := &azqueue.ClientOptions{Audience: o.Audience}
	options.Transport = s.transport
	options.Telemetry.ApplicationID = "tidegate"
	options.Retry.MaxRetries = -1 // notify tries again
	var err error
	switch {
	case o.ConnectionString != "":
		s.client, err = azqueue.NewQueueClientFromConnectionString(o.ConnectionString, o.Queue, options)
	case o.SharedKey != nil:
		s.client, err = azqueue.NewQueueClientWithSharedKeyCredential(o.URL, o.SharedKey, options)
	case o.Token != nil:
		s.client, err = azqueue.NewQueueClient(o.URL, o.Token, options)
	default:
		s.client, err = azqueue.NewQueueClientWithNoCredential(o.URL, options)
	}
	return s, err
}

// Close implements notify.Sender.
func (s *Sender) Close() { s.transport.CloseIdleConnections() }

// forever is the time to live of a message that does not expire.
const forever = int32(-1)

// Send implements notify.Sender.
func (s *Sender) Send(ctx context.Context, m notify.Message) error {
	ttl := forever
	_, err := s.client.EnqueueMessage(ctx, base64.StdEncoding.EncodeToString(m.Events[0]), &azqueue.EnqueueMessageOptions{TimeToLive: &ttl})
	return failureOf(err)
}

// failureOf returns the error of an attempt without the URL, which may have a signature.
func failureOf(err error) error {
	if err == nil {
		return nil
	}
	if answer, ok := errors.AsType[*azcore.ResponseError](err); ok {
		f := &notify.Failure{Err: fmt.Errorf("the queue answers %d %s", answer.StatusCode, answer.ErrorCode)}
		// 400 and 413 are about this message alone. Every other error concerns all messages.
		f.Busy = answer.StatusCode != http.StatusBadRequest && answer.StatusCode != http.StatusRequestEntityTooLarge
		if answer.RawResponse != nil {
			if seconds, err := strconv.ParseUint(answer.RawResponse.Header.Get("Retry-After"), 10, 31); err == nil {
				f.After = time.Duration(seconds) * time.Second
			}
		}
		return f
	}
	if outer, ok := errors.AsType[*url.Error](err); ok {
		return outer.Err
	}
	return err
}
