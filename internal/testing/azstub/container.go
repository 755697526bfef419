package azstub

import (
	"bytes"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// createContainer is Create Container.
func (c *call) createContainer() (*answer, error) {
	md, err := c.metadata()
	if err != nil {
		return nil, err
	}
	s := c.srv
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.containers[c.target.container] != nil {
		return nil, errContainerAlreadyExists
	}
	ctr := s.newContainer(c.target.container)
	ctr.metadata = md
	ans := reply(http.StatusCreated)
	ctr.describe(ans.header)
	return ans, nil
}

// deleteContainer is Delete Container. The name is free again at once; the
// service would need half a minute.
func (c *call) deleteContainer() (*answer, error) {
	s := c.srv
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.container(c.target.container); err != nil {
		return nil, err
	}
	delete(s.containers, c.target.container)
	return reply(http.StatusAccepted), nil
}

// getContainer is Get Container Properties.
func (c *call) getContainer() (*answer, error) {
	s := c.srv
	s.mu.RLock()
	defer s.mu.RUnlock()
	ctr, err := s.container(c.target.container)
	if err != nil {
		return nil, err
	}
	ans := reply(http.StatusOK)
	ctr.describe(ans.header)
	for k, v := range ctr.metadata {
		ans.header.Set("x-ms-meta-"+k, v)
	}
	ans.header.Set("x-ms-lease-status", "unlocked")
	ans.header.Set("x-ms-lease-state", "available")
	ans.header.Set("x-ms-has-immutability-policy", "false")
	ans.header.Set("x-ms-has-legal-hold", "false")
	return ans, nil
}

func (ctr *container) describe(h http.Header) {
	h["ETag"] = []string{ctr.etag}
	h.Set("Last-Modified", ctr.modified.Format(http.TimeFormat))
}

// listContainers is List Containers; all of them fit into one page.
func (c *call) listContainers() (*answer, error) {
	s, prefix := c.srv, c.query.Get("prefix")
	metadata := strings.Contains(c.query.Get("include"), "metadata")
	b := new(bytes.Buffer)
	b.WriteString(`<?xml version="1.0" encoding="utf-8"?><EnumerationResults><Containers>`)
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, name := range slices.Sorted(maps.Keys(s.containers)) {
		if !strings.HasPrefix(name, prefix) {
			continue
		}
		ctr := s.containers[name]
		b.WriteString("<Container>")
		element(b, "Name", name)
		b.WriteString("<Properties>")
		element(b, "Last-Modified", ctr.modified.Format(http.TimeFormat))
		element(b, "Etag", ctr.etag)
		b.WriteString("</Properties>")
		if metadata {
			metadataElement(b, ctr.metadata)
		}
		b.WriteString("</Container>")
	}
	b.WriteString("</Containers><NextMarker></NextMarker></EnumerationResults>")
	ans := reply(http.StatusOK)
	ans.header.Set("Content-Type", "application/xml")
	ans.body = newContent(b.Bytes())
	return ans, nil
}

// accountInfo is Get Account Information. It answers for any container or blob
// that the request names, whether it exists or not.
func (c *call) accountInfo() (*answer, error) {
	o := c.srv.opts
	ans := reply(http.StatusOK)
	ans.header.Set("x-ms-sku-name", o.SKU)
	ans.header.Set("x-ms-account-kind", o.AccountKind)
	ans.header.Set("x-ms-is-hns-enabled", strconv.FormatBool(o.HNS))
	return ans, nil
}
