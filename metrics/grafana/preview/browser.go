package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// startBrowser starts Chromium, without a window.
func startBrowser(work string) (browser context.Context, stop func(), err error) {
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath("chromium"), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("hide-scrollbars", true), chromedp.UserDataDir(filepath.Join(work, "chromium")), chromedp.WSURLReadTimeout(time.Minute))
	allocated, release := chromedp.NewExecAllocator(context.Background(), options...)
	browser, cancel := chromedp.NewContext(allocated)
	if err := chromedp.Run(browser); err != nil {
		cancel()
		release()
		return nil, nil, fmt.Errorf("chromium: %w", err)
	}
	return browser, func() {
		_ = chromedp.Cancel(browser) // waits for its end
		release()
	}, nil
}

// draw opens an address, takes a picture of the dashboard and returns what is wrong with it.
func draw(browser context.Context, address, width, file, format string) (faults []string) {
	var window target.ID // of its own: Chromium draws nothing in a tab behind another
	if err := chromedp.Run(browser, chromedp.ActionFunc(func(ctx context.Context) (err error) {
		window, err = target.CreateTarget("about:blank").WithNewWindow(true).Do(cdp.WithExecutor(ctx, chromedp.FromContext(ctx).Browser))
		return err
	})); err != nil {
		return []string{err.Error()}
	}
	tab, cancel := chromedp.NewContext(browser, chromedp.WithTargetID(window))
	defer cancel()
	tab, cancel = context.WithTimeout(tab, 2*time.Minute)
	defer cancel()
	var mu sync.Mutex
	chromedp.ListenTarget(tab, func(event any) {
		if e, ok := event.(*runtime.EventExceptionThrown); ok {
			mu.Lock()
			defer mu.Unlock()
			faults = append(faults, "exception: "+e.ExceptionDetails.Error())
		}
	})
	pixels, _ := strconv.ParseInt(width, 10, 64)
	var found []string
	err := chromedp.Run(tab,
		emulation.SetDeviceMetricsOverride(pixels, 4000, 1, false), // so high that all panels are drawn at once
		chromedp.Navigate(address),
		chromedp.Poll(`window.finished`, &found, chromedp.WithPollingInterval(100*time.Millisecond), chromedp.WithPollingTimeout(time.Minute)),
		chromedp.ActionFunc(func(ctx context.Context) error { return screenshot(ctx, file, format) }))
	mu.Lock()
	defer mu.Unlock()
	if err != nil {
		faults = append(faults, err.Error())
	}
	return append(faults, found...)
}

// screenshot takes a picture of the dashboard, if there is one.
func screenshot(ctx context.Context, file, format string) error {
	var box struct{ Width, Height float64 }
	const size = `(({ width = 0, height = 0 } = {}) => ({ width, height }))(document.getElementById('dashboard')?.getBoundingClientRect())`
	if err := chromedp.Evaluate(size, &box).Do(ctx); err != nil || box.Width == 0 {
		return err
	}
	clip := &page.Viewport{Width: box.Width, Height: box.Height, Scale: 1}
	shot := page.CaptureScreenshot().WithCaptureBeyondViewport(true).WithFormat(page.CaptureScreenshotFormat(format)).
		WithClip(clip)
	if format == "webp" { // for documents: small
		clip.Scale = 0.75
		shot = shot.WithQuality(40)
	}
	picture, err := shot.Do(ctx)
	if err != nil {
		return err
	}
	return os.WriteFile(file, picture, 0o644)
}
