package imds

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"time"
)

// Endpoint is the address of the service on every virtual machine.
const Endpoint = "http://169.254.169.254"

const (
	// tryTimeout bounds one request, but not one for events, and its connection. The service
	// is on the host of the machine.
	tryTimeout = 5 * time.Second
	// maxAnswer is how many bytes of an answer are read.
	maxAnswer = 1 << 20

	loadBalancerPath = "/metadata/loadbalancer?api-version=2020-10-01"
	networkPath      = "/metadata/instance/network?api-version=2021-02-01"
)

// ErrUnknown is returned when the service answers, but does not know the requested fact,
// or not yet.
var ErrUnknown = errors.New("imds: the service does not know")

// Client sends requests to the service. Its methods may be called concurrently.
type Client struct {
	endpoint string
	http     *http.Client
}

// New returns a client of the service at endpoint, as a rule Endpoint.
func New(endpoint string) *Client {
	return &Client{endpoint, &http.Client{
		Transport: &http.Transport{Proxy: nil, DisableKeepAlives: true, DialContext: (&net.Dialer{Timeout: tryTimeout}).DialContext},
		// The service sends no redirects.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Inbound returns the address and port of the load balancer that lead to a TCP
// port of this machine over IPv4: by a load balancing rule or an inbound NAT rule.
// ErrUnknown: there is none, or not yet. When several rules lead there, the first one in
// the answer counts.
func (c *Client) Inbound(ctx context.Context, port int) (netip.AddrPort, error) {
	var answer struct {
		LoadBalancer struct {
			InboundRules []struct {
				FrontendIPAddress string
				Protocol          string
				FrontendPort      int
				BackendPort       int
			}
		}
	}
	if err := c.ask(ctx, loadBalancerPath, &answer); err != nil {
		return netip.AddrPort{}, err
	}
	for _, rule := range answer.LoadBalancer.InboundRules {
		addr, err := netip.ParseAddr(rule.FrontendIPAddress)
		if err != nil || !addr.Is4() || rule.BackendPort != port || !isTCP(rule.Protocol) {
			continue
		}
		if rule.FrontendPort < 1 || rule.FrontendPort > 65535 {
			return netip.AddrPort{}, fmt.Errorf("imds: a rule with the frontend port %d", rule.FrontendPort)
		}
		return netip.AddrPortFrom(addr, uint16(rule.FrontendPort)), nil
	}
	return netip.AddrPort{}, fmt.Errorf("%w a rule that leads to port %d", ErrUnknown, port)
}

// isTCP reports whether protocol is a name or the number of TCP.
func isTCP(protocol string) bool {
	switch protocol {
	case "tcp", "Tcp", "TCP", "6", "all", "All":
		return true
	}
	return false
}

// PublicIPv4 returns the public address of the machine itself. ErrUnknown: it has
// none.
func (c *Client) PublicIPv4(ctx context.Context) (netip.Addr, error) {
	var answer struct {
		Interface []struct {
			IPv4 struct {
				IPAddress []struct{ PublicIPAddress string }
			}
		}
	}
	if err := c.ask(ctx, networkPath, &answer); err != nil {
		return netip.Addr{}, err
	}
	for _, card := range answer.Interface {
		for _, address := range card.IPv4.IPAddress {
			if addr, err := netip.ParseAddr(address.PublicIPAddress); err == nil && addr.Is4() {
				return addr, nil
			}
		}
	}
	return netip.Addr{}, fmt.Errorf("%w a public address of this machine", ErrUnknown)
}

// ask sends one request and decodes the answer, within tryTimeout.
func (c *Client) ask(ctx context.Context, path string, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, tryTimeout)
	defer cancel()
	return c.get(ctx, path, answer)
}

// get sends one request and decodes the answer.
func (c *Client) get(ctx context.Context, path string, answer any) error {
	body, err := c.send(ctx, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, answer); err != nil {
		return fmt.Errorf("imds: the answer is not understood: %w", err)
	}
	return nil
}

// send sends one request and returns the answer.
func (c *Client) send(ctx context.Context, method, path string, content io.Reader) (answer []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, method, c.endpoint+path, content)
	if err != nil {
		return nil, err
	}
	// The header protects against forged requests, which do not have it.
	req.Header.Set("Metadata", "true")
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	answer, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	switch {
	case err != nil:
		return nil, fmt.Errorf("imds: reading the answer: %w", err)
	case resp.StatusCode == http.StatusNotFound:
		return nil, fmt.Errorf("%w of %s", ErrUnknown, req.URL.Path)
	case resp.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("imds: the service answers %s", resp.Status)
	}
	return answer, nil
}
