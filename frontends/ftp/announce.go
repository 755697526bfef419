package ftp

import (
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/frontends/ftp/passive"
)

// Accepts implements config.Methods: FTP has no keys.
func (*Config) Accepts() (password, key bool) { return true, false }

// Announces implements config.Announcer.
func (c *Config) Announces() config.Announced {
	a := config.Announced{At: c.Passive.PortRange}
	if c.Passive.Host != "" && c.Passive.Host != Auto {
		a.Hosts = append(a.Hosts, config.AnnouncedHost{Host: c.Passive.Host, At: c.Passive.HostRange})
	}
	for _, n := range c.Passive.Networks {
		a.Hosts = append(a.Hosts, config.AnnouncedHost{Host: n.Host, At: n.HostRange, To: n.prefix})
	}
	if _, first, last, err := passive.ParseListen(c.Passive.Listen); err == nil && c.Passive.port > 0 {
		a.First, a.Last = c.Passive.port, c.Passive.port+last-first
	}
	return a
}
