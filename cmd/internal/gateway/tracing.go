package gateway

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/tracing"
)

// openTracing makes what traces the sessions of a configuration that follows another one,
// which may be nil. apply makes it current; abandon follows otherwise.
func (p *process) openTracing(ctx context.Context, c, before *config.Config) (apply, abandon func(), err error) {
	nothing := func() {}
	switch {
	case before != nil && reflect.DeepEqual(c.Tracing, before.Tracing):
		return nothing, nothing, nil
	case c.Tracing == nil:
		return func() { p.observe.Tracing.Use(nil) }, nothing, nil
	}
	o := tracing.Options{Endpoint: c.Tracing.Endpoint, Service: c.Tracing.Service, Ratio: c.Tracing.Ratio, Paths: c.Tracing.Paths, Node: c.Node.Name, Queue: c.Tracing.Queue}
	if c.Tracing.Headers != nil {
		o.Headers = map[string]string{}
		for name, value := range c.Tracing.Headers {
			o.Headers[name] = value.Reveal()
		}
	}
	if c.Tracing.CAFile != "" {
		if o.TLS, err = config.ClientTLS(c.Tracing.CAFile, "", ""); err != nil {
			return nil, nil, fmt.Errorf("tracing: %w", err)
		}
	}
	provider, err := p.observe.Tracing.Open(ctx, o)
	if err != nil {
		return nil, nil, err
	}
	return func() { p.observe.Tracing.Use(provider) }, provider.Abandon, nil
}

// lastSpans is how long a stop sends the spans that wait.
const lastSpans = 5 * time.Second

// sendLastSpans sends the spans that wait, after the last frontend has ended.
func (p *process) sendLastSpans() {
	ctx, cancel := context.WithTimeout(context.Background(), lastSpans)
	defer cancel()
	p.observe.Tracing.Close(ctx)
}
