// Package proto is what a Steepest host and its optimizer plugins agree on: the handshake, the generated messages (in
// steepest/optimizer/v1), how numbers become bytes, and what a hyperparameter schema allows. docs/protocol.md is the prose.
package proto

import (
	"math"

	"github.com/hashicorp/go-plugin"
)

const (
	// PluginName is the name under which go-plugin dispenses the optimizer service.
	PluginName = "optimizer"

	// BinaryPrefix starts the file name of every optimizer plugin; the rest is the optimizer's name.
	BinaryPrefix = "steepest-optimizer-"

	// LifelineEnv names the environment variable that holds the number of the file descriptor whose end of file tells a
	// plugin that its host is gone. A plugin without it lives until it is told to stop.
	LifelineEnv = "STEEPEST_LIFELINE_FD"

	// ReattachEnv names the environment variable with the plugins that a host is to attach to instead of starting them:
	// a JSON object of Reattach by plugin name.
	ReattachEnv = "STEEPEST_REATTACH"

	// MaxMessageBytes is the message limit that both sides set, the most that gRPC allows. (Its default for a receiver,
	// 4 MiB, is a gradient of half a million float64.)
	MaxMessageBytes = math.MaxInt32

	// WindowBytes is how much may be on the way at once, in either direction. gRPC would find it out, by a ping for each message.
	WindowBytes = 16 << 20

	// MaxInlineElements is the longest weight vector whose step fits into one message with gradient and weights.
	MaxInlineElements = (MaxMessageBytes - 1<<16) / 16
)

// Handshake is go-plugin's check that a program was started as a Steepest plugin, and of the major protocol version.
// It is no security measure.
var Handshake = plugin.HandshakeConfig{
	ProtocolVersion:  1,
	MagicCookieKey:   "STEEPEST_OPTIMIZER_PLUGIN",
	MagicCookieValue: "the-plugin-proposes-the-host-applies",
}

// Reattach says where a plugin listens that was started with --debug.
type Reattach struct {
	Network string `json:"network"` // unix
	Address string `json:"address"` // the socket's path
	Pid     int    `json:"pid"`
}
