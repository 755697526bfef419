package azstub

import (
	"net/http"
	"strconv"
)

// createContainer is Create Container.
func (c *call) createContainer() (*answer, error) {
	md, err := metadataOf(c.http.Header)
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
