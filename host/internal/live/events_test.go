package live

import (
	"bufio"
	"context"
	"net/http"
	"os"
	"strings"
	"testing"
)

// TestManyWatchers: of a hundred windows as many are told what changes as there may be, and the others are refused.
func TestManyWatchers(t *testing.T) {
	s, pages := listen(t)
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/x", nil, 0o666); err != nil {
		t.Fatal(err)
	}
	pages.Add(dir)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	told, refused := 0, 0
	for range 100 {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"events", nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		switch response.StatusCode {
		case http.StatusOK:
			lines := bufio.NewScanner(response.Body)
			lines.Buffer(nil, 1<<20)
			for lines.Scan() && !strings.HasPrefix(lines.Text(), "data: ") {
			}
			if !strings.Contains(lines.Text(), `"counts":`) {
				t.Fatalf("one is told %q at first", lines.Text())
			}
			told++
		case http.StatusServiceUnavailable:
			refused++
		default:
			t.Fatal(response.Status)
		}
	}
	if told != maxWatchers || refused != 100-maxWatchers {
		t.Errorf("%d are told what changes, %d are refused", told, refused)
	}
	cancel()
}
