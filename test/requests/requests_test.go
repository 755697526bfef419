package requests

import (
	"testing"

	"github.com/tidegate/tidegate/internal/testing/azstub"
)

func TestFTP(t *testing.T)     { FTP(t, Stub(azstub.Options{})) }
func TestSFTP(t *testing.T)    { SFTP(t, Stub(azstub.Options{})) }
func TestFTPHNS(t *testing.T)  { FTP(t, Stub(azstub.Options{HNS: true})) }
func TestSFTPHNS(t *testing.T) { SFTP(t, Stub(azstub.Options{HNS: true})) }
