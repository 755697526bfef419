// Package webhook sends events to a URL, in requests that are signed as Standard Webhooks 1.0.0
// says (https://www.standardwebhooks.com).
//
// The body is the event in the JSON format of CloudEvents, or a batch of events. The headers webhook-id,
// webhook-timestamp and webhook-signature let the receiver check who has sent it and when.
// With several secrets there are several signatures, so that a receiver can change its secret
// at any time.
//
// An answer of 2xx accepts the event. 410 ends the delivery. 429, 502, 503, 504 and every
// answer with Retry-After ask for a pause. Every other answer, also a redirect, refuses the
// one event or batch for now.
package webhook
