package remote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	api "github.com/prometheus/client_golang/exp/api/remote"
	"github.com/prometheus/common/config"
)

// How a receiver is asked, and asked again where it does not answer, is busy or has an error of its own.
const (
	requestTimeout = 30 * time.Second
	leastBackoff   = 200 * time.Millisecond
	mostBackoff    = 5 * time.Second
	mostAnswer     = 256 // bytes of an answer that are read
	mostRedirects  = 10
	mostRetryAfter = 30 * time.Second // so that it is asked again within the patience at the end
)

// Receiver is where metrics are sent to.
type Receiver struct {
	Name string // its URL, without user and password
	api  *api.API
}

// NewReceiver judges a URL, and the file of an HTTP client as Prometheus has it, which may be "". User and password may be in the URL.
func NewReceiver(address, file, agent string) (*Receiver, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil: // whose text has the URL, and so maybe a password
		return nil, fmt.Errorf("it is no URL: %w", errors.Unwrap(err))
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, errors.New("it must begin with http:// or https://")
	case u.Hostname() == "":
		return nil, errors.New("it has no host")
	case u.Path == "" || u.Path == "/":
		return nil, fmt.Errorf("it has no path; that of Prometheus is %s://%s/api/v1/write", u.Scheme, u.Host)
	case u.Fragment != "":
		return nil, fmt.Errorf("it has a fragment, #%s; leave that out", u.Fragment)
	}
	t := &transport{RoundTripper: http.DefaultTransport, agent: agent, user: u.User}
	u.User = nil
	t.to = *u
	follow := true
	if file != "" {
		c, _, err := config.LoadHTTPConfigFile(file)
		if err == nil {
			follow = c.FollowRedirects
			t.RoundTripper, err = config.NewRoundTripperFromConfig(*c, "remote_write")
		}
		if err != nil {
			return nil, err
		}
	}
	client := &http.Client{Transport: t, Timeout: requestTimeout, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if follow && r.Method == http.MethodPost && len(via) < mostRedirects {
			return nil
		}
		return http.ErrUseLastResponse // by GET nothing would be sent, whatever the answer
	}}
	a, err := api.NewAPI(u.String(), api.WithAPIPath(""), api.WithAPIHTTPClient(client),
		api.WithAPIBackoff(api.BackoffConfig{Min: leastBackoff, Max: mostBackoff}))
	return &Receiver{u.String(), a}, err
}

// transport adds to requests what the receiver must know, and bounds what it answers.
type transport struct {
	http.RoundTripper
	agent string
	to    url.URL
	user  *url.Userinfo
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("User-Agent", t.agent)
	if t.user != nil && r.URL.Scheme == t.to.Scheme && r.URL.Host == t.to.Host { // else it was sent on to another place
		password, _ := t.user.Password()
		r.SetBasicAuth(t.user.Username(), password)
	}
	answer, err := t.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(answer.Body, mostAnswer))
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		return nil, err
	}
	if after := answer.Header.Get("Retry-After"); after != "" {
		answer.Header.Set("Retry-After", strconv.Itoa(int(retryAfter(after).Seconds())))
	}
	if location, err := answer.Location(); err == nil && answer.StatusCode/100 == 3 {
		text = []byte("it is at " + location.Redacted())
	}
	answer.Body = io.NopCloser(bytes.NewReader(text))
	return answer, nil
}

// retryAfter is how long a receiver wants to be left alone, within reason. It may say when that is over by a clock that is slow: then
// that is over already, or is what no number can be.
func retryAfter(text string) time.Duration {
	after := time.Duration(0)
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		after = time.Duration(min(seconds, int64(mostRetryAfter/time.Second))) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		after = time.Until(at) + time.Second - 1 // whole seconds are left
	}
	return min(max(after, 0), mostRetryAfter)
}

// send sends a message until it is taken or refused, however often it would be asked, or the context ends. again is told why it was not taken yet.
func (r *Receiver) send(ctx context.Context, m message, again func(error)) (refused, err error) {
	_, err = r.api.Write(ctx, api.WriteV1MessageType, m, api.WithWriteRetryCallback(func(err error) {
		if ctx.Err() == nil {
			again(err)
		}
	}))
	switch {
	case err == nil:
		return nil, nil
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	}
	return err, nil
}
