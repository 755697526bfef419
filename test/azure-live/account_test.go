package azurelive

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/service"

	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/internal/testing/azurite"
)

const (
	flatVariable = "TIDEGATE_LIVE_FLAT"
	hnsVariable  = "TIDEGATE_LIVE_HNS"

	// prefix begins the names of all containers that are made.
	prefix    = "tidegate-live-"
	sweepTime = 5 * time.Minute
)

// account is a storage account, or what is taken for one.
type account struct {
	name string // of the kind of service: "stub", "Azurite", "Azure"
	hns  bool
	url  string // of the Blob service, without a slash at the end
	dfs  string // of the Data Lake endpoint, "" where there is none
	// Either of them; without both the service asks for no credential.
	key   *azblob.SharedKeyCredential
	token azcore.TokenCredential

	seen measured
}

func (a *account) String() string {
	if a.hns {
		return a.name + " with a hierarchical namespace"
	}
	return a.name
}

// real reports whether it costs money.
func (a *account) real() bool { return a.name == "Azure" }

// named are the accounts of the environment.
var named = sync.OnceValues(func() ([]*account, error) {
	var all []*account
	for _, name := range []string{flatVariable, hnsVariable} {
		a := &account{name: "Azure", hns: name == hnsVariable, url: strings.TrimRight(os.Getenv(name), "/")}
		if a.hns {
			a.dfs = strings.Replace(a.url, ".blob.", ".dfs.", 1)
			if at := os.Getenv(name + "_DFS"); at != "" {
				a.dfs = strings.TrimRight(at, "/")
			}
		}
		var err error
		if key := os.Getenv(name + "_KEY"); key != "" {
			a.key, err = azblob.NewSharedKeyCredential(accountName(a.url), key)
		} else {
			a.token, err = azidentity.NewDefaultAzureCredential(nil)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, a)
	}
	return all, nil
})

// each runs a test in each account.
func each(t *testing.T, test func(*testing.T, *account)) {
	t.Helper()
	if *live {
		all, err := named()
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range all {
			t.Run(a.String(), func(t *testing.T) { test(t, a) })
		}
		return
	}
	for _, o := range []azstub.Options{{}, {HNS: true}} {
		a := stub(t, o)
		t.Run(a.String(), func(t *testing.T) { test(t, a) })
	}
	t.Run("Azurite", func(t *testing.T) {
		emulator := azurite.Shared(t)
		test(t, &account{name: "Azurite", url: emulator.Endpoint, key: sharedKey(t, emulator.Account, emulator.Key)})
	})
}

// accountName is the first label of the host, or what follows the host of an emulator.
func accountName(at string) string {
	u, err := url.Parse(at)
	if err != nil {
		return ""
	}
	if path := strings.Trim(u.Path, "/"); path != "" {
		return path
	}
	name, _, _ := strings.Cut(u.Host, ".")
	return name
}

func stub(t *testing.T, o azstub.Options) *account {
	t.Helper()
	s := azstub.Start(t, o)
	return &account{name: "stub", hns: o.HNS, url: s.URL(), dfs: s.DFSURL(), key: sharedKey(t, azstub.DevAccount, azstub.DevKey)}
}

func sharedKey(t *testing.T, name, key string) *azblob.SharedKeyCredential {
	t.Helper()
	k, err := azblob.NewSharedKeyCredential(name, key)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// The names of containers have the time of the process, and a number.
var (
	started = time.Now()
	made    atomic.Int64
)

// leftover reports whether no process uses the container any more but this one.
func leftover(name string) bool {
	run, _, _ := strings.Cut(strings.TrimPrefix(name, prefix), "-")
	nanos, err := strconv.ParseInt(run, 16, 64)
	return err == nil && (nanos == started.UnixNano() || time.Since(time.Unix(0, nanos)) > 24*time.Hour)
}

// container makes an empty container, which is deleted with the test, and returns its name.
func (a *account) container(t *testing.T) string {
	t.Helper()
	name := fmt.Sprintf("%s%x-%d", prefix, started.UnixNano(), made.Add(1))
	c := a.client(t, a.url+"/"+name, nil)
	if _, err := c.Create(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), sweepTime)
		defer cancel()
		if _, err := c.Delete(ctx, nil); err != nil {
			t.Errorf("deleting the container %s: %v", name, err)
		}
	})
	return name
}

// client returns the SDK's client for the URL of a container.
func (a *account) client(t *testing.T, url string, o *container.ClientOptions) *container.Client {
	t.Helper()
	var c *container.Client
	var err error
	switch {
	case a.key != nil:
		c, err = container.NewClientWithSharedKeyCredential(url, a.key, o)
	default:
		c, err = container.NewClient(url, a.token, o)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// sweep deletes the containers that this process has left, and those of runs that have died.
func (a *account) sweep(ctx context.Context) error {
	var c *service.Client
	var err error
	if a.key != nil {
		c, err = service.NewClientWithSharedKeyCredential(a.url+"/", a.key, nil)
	} else {
		c, err = service.NewClient(a.url+"/", a.token, nil)
	}
	if err != nil {
		return err
	}
	begin := prefix
	for pager := c.NewListContainersPager(&service.ListContainersOptions{Prefix: &begin}); pager.More(); {
		page, err := pager.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, item := range page.ContainerItems {
			if !leftover(*item.Name) {
				continue
			}
			if _, err := c.DeleteContainer(ctx, *item.Name, nil); err != nil {
				return err
			}
		}
	}
	return nil
}
