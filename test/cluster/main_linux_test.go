package cluster

import (
	"os"
	"testing"

	"github.com/tidegate/tidegate/test/launch"
)

func TestMain(m *testing.M) { os.Exit(launch.Main(m)) }
