package main

import "github.com/steepest/steepest/host/internal/terminal"

var columns = terminal.Columns
