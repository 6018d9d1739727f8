#!/bin/sh
# Loss against step in Prometheus: exports results with step n at n seconds after 2000-01-01, puts them into a database of
# their own and starts a Prometheus on it. docs/by-step.md says more.
set -eu

folder=${XDG_DATA_HOME:-$HOME/.local/share}/steepest/by-step
address=127.0.0.1:9091

usage() {
	cat <<END
usage: by-step.sh [-a HOST:PORT] [-d FOLDER] [RESULTS...]

Adds the results of experiments, such as runs/quickstart, and starts a Prometheus in which step n is n seconds after
2000-01-01T00:00:00Z. If it runs already, it shows the results within a minute.

  -a HOST:PORT  where it listens (default $address)
  -d FOLDER     where its data are (default $folder); remove the folder to begin anew
END
}

fail() {
	echo "by-step.sh: $1" >&2
	exit "${2:-1}"
}

# need finds a program: need NAME REMEDY
need() {
	command -v "$1" >/dev/null || fail "$1 is missing; $2"
}

while getopts a:d:h option; do
	case $option in
	a) address=$OPTARG ;;
	d) folder=$OPTARG ;;
	h) usage && exit ;;
	*) usage >&2 && exit 2 ;;
	esac
done
shift $((OPTIND - 1))

steepest=${STEEPEST:-steepest}
if ! command -v "$steepest" >/dev/null && [ -x "$(dirname "$0")/../../bin/steepest" ]; then
	steepest=$(dirname "$0")/../../bin/steepest
fi
need "$steepest" "build it with: make build"
for program in promtool prometheus; do
	need $program "install it with: apt-get install prometheus (Debian, Ubuntu), brew install prometheus (macOS), or from https://prometheus.io/download"
done
mkdir -p "$folder"

# The Prometheus that this script started on the folder writes its process and address down there.
running=
if [ -f "$folder/running" ]; then
	read -r pid at <"$folder/running"
	if kill -0 "$pid" 2>/dev/null && promtool query instant "http://$at" 'vector(1)' >/dev/null 2>&1; then
		running=$at
	fi
fi

text=$folder/export.$$.om
trap 'rm -f "$text"' EXIT
trap 'exit 130' INT TERM
for results in "$@"; do
	"$steepest" export --force --axis step --out "$text" "$results" || exit
	# By default promtool reads the whole file once for every two hours in it, 7,200 steps; here for 1.7 million.
	promtool tsdb create-blocks-from --max-block-duration=744h openmetrics --quiet "$text" "$folder" ||
		fail "promtool could not add $results; is the disk full?"
	echo "added $results"
done
rm -f "$text"

if [ -n "$running" ]; then
	echo "It runs already, at http://$running; what was added appears there within a minute."
	[ $# -gt 0 ] || echo "Name results to add some, or end process $pid to start it anew."
	exit
fi
if promtool query instant "http://$address" 'vector(1)' >/dev/null 2>&1; then
	fail "another Prometheus listens at $address; if it serves $folder, as that of compose.yml does, it shows the results within a
minute; else end it, or choose another address with -a"
fi
cat <<END
Loss against step, steps 0 to 1000:
http://$address/graph?g0.expr=steepest_train_loss&g0.tab=0&g0.range_input=1000s&g0.end_input=2000-01-01%2000%3A16%3A40
Ctrl-C ends it; the data stay in $folder.
END
echo "$$ $address" >"$folder/running"
# The retention is longer than 2000 is ago. Every step is recorded, so a sample is shown for its own second and no longer.
exec prometheus --config.file=/dev/null --storage.tsdb.path="$folder" --storage.tsdb.retention.time=100y \
	--query.lookback-delta=999ms --web.listen-address="$address" --log.level=error
