package remote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	api "github.com/prometheus/client_golang/exp/api/remote"
	"github.com/prometheus/common/config"
)

// How a receiver is asked, and asked again where it does not answer, is busy or has an error of its own.
const (
	requestTimeout = 30 * time.Second
	leastBackoff   = 200 * time.Millisecond
	mostBackoff    = 5 * time.Second
	mostAnswer     = 4 << 10 // bytes of an answer that are read
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
	if file != "" {
		c, _, err := config.LoadHTTPConfigFile(file)
		if err == nil {
			t.RoundTripper, err = config.NewRoundTripperFromConfig(*c, "remote_write")
		}
		if err != nil {
			return nil, err
		}
	}
	a, err := api.NewAPI(u.String(), api.WithAPIPath(""), api.WithAPIHTTPClient(&http.Client{Transport: t, Timeout: requestTimeout}),
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
	answer.Body = io.NopCloser(bytes.NewReader(text))
	return answer, nil
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
