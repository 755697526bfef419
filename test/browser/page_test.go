package browser

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

var (
	screenshots = flag.String("screenshots", "", "the directory that the test writes its screenshots to")
	sending     = flag.Duration("sending", 0, "how long clients send before the first screenshot, so that there is something on the plot")
)

// limit ends a wait for what does not come.
const limit = 2 * time.Minute

// browser is a headless Chromium with one page.
type browser struct {
	t   *testing.T
	ctx context.Context

	mu sync.Mutex
	// said is what the browser has to say about the pages: errors, refused styles and scripts.
	said []string
}

func startBrowser(t *testing.T) *browser {
	t.Helper()
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		t.Fatal("there is no Chromium: apt-get install chromium")
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(program), chromedp.NoSandbox,
		chromedp.Flag("disable-quic", true), chromedp.Flag("no-first-run", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))
	ctx, endProcess := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(endProcess)
	ctx, endPage := chromedp.NewContext(ctx)
	t.Cleanup(endPage)
	ctx, cancel := context.WithTimeout(ctx, limit)
	t.Cleanup(cancel)
	b := &browser{t: t, ctx: ctx}
	b.must(chromedp.Do(ctx, chromedp.Navigate("about:blank")))
	b.must(chromedp.Listen(ctx, func(event any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		switch e := event.(type) {
		case *cdplog.EventEntryAdded:
			b.said = append(b.said, e.Entry.Text+" "+e.Entry.URL)
		case *runtime.EventConsoleAPICalled, *runtime.EventExceptionThrown:
			b.said = append(b.said, fmt.Sprintf("%T", e))
		}
	}))
	_, err := chromedp.Call(ctx, cdplog.Enable, cdp.Empty{})
	b.must(err)
	return b
}

func (b *browser) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// look is how a page is looked at.
type look struct {
	width  int64
	scheme string
	script bool
}

func (l look) String() string {
	name := fmt.Sprintf("%d-%s", l.width, l.scheme)
	if !l.script {
		name += "-noscript"
	}
	return name
}

// open shows a page.
func (b *browser) open(address string, l look) {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !l.script})
	b.must(err)
	_, err = chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: l.scheme}},
	})
	b.must(err)
	b.must(chromedp.Do(b.ctx, chromedp.EmulateViewport(l.width, 800), chromedp.Navigate(address)))
}

// value evaluates an expression in the page, also where the page may not run scripts.
func value[T any](b *browser, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	b.must(err)
	return v
}

// await waits until an expression is true in the page.
func (b *browser) await(expression string) {
	b.t.Helper()
	if _, err := chromedp.Run(b.ctx, chromedp.Poll[bool](expression)); err != nil {
		b.t.Fatalf("%s: %v, of\n%s", expression, err, value[string](b, "document.body.innerText"))
	}
}

// keep writes a screenshot of the whole page.
func (b *browser) keep(name string) {
	b.t.Helper()
	if *screenshots == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	b.must(err)
	b.must(os.WriteFile(filepath.Join(*screenshots, name+".png"), png, 0o600))
}

// The page shows a transfer with its progress, live with its script and complete without it, in
// both widths and schemes. It is never wider than the window, and the browser finds nothing
// wrong with it.
func TestPage(t *testing.T) {
	g := startGateway(t)
	g.traffic()
	upload := g.upload("/cameras/front/2026-11-29-camera-01-recording-0001.mp4")
	b := startBrowser(t)
	page := "http://" + g.status + "/"
	upload.send(1 << 20)
	upload.sendFor(*sending)
	for _, l := range []look{
		{420, "light", true},
		{420, "dark", true},
		{1280, "light", true},
		{1280, "dark", true},
		{420, "light", false},
		{420, "dark", false},
		{1280, "light", false},
		{1280, "dark", false},
	} {
		b.open(page, l)
		const cell = `[...document.querySelectorAll("#live td")].map(e => e.innerText).find(t => t.includes("recording-0001.mp4"))`
		if l.script {
			b.await("!!" + cell)
			before := value[string](b, cell)
			upload.send(3 << 20)
			b.await(fmt.Sprintf("%s !== %q && getComputedStyle(document.body).color !== ''", cell, before))
		}
		text := value[string](b, "document.body.innerText")
		for _, want := range []string{"node-1", "serving", "acme/camera-01", "recording-0001.mp4", "MiB", "azblob.ingest", "ftp.public", "the password is wrong", "Throughput"} {
			if !strings.Contains(text, want) {
				t.Errorf("%v: no %q in\n%s", l, want, text)
			}
		}
		if width := value[int64](b, "document.documentElement.scrollWidth"); width > l.width {
			t.Errorf("%v: the page is %d wide", l, width)
		}
		// Dark is dark, and light is light.
		ground := value[string](b, "getComputedStyle(document.body).backgroundColor")
		if dark := ground != "rgb(255, 255, 255)"; dark != (l.scheme == "dark") {
			t.Errorf("%v: the ground is %s", l, ground)
		}
		b.keep(l.String())
	}
	b.open(page+"?find=nobody", look{1280, "light", true})
	if text := value[string](b, "document.body.innerText"); strings.Contains(text, "acme/camera-01") || !strings.Contains(text, "nobody") {
		t.Errorf("a search for nobody shows\n%s", text)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, text := range b.said {
		t.Errorf("the browser says: %s", text)
	}
	upload.finish()
}
