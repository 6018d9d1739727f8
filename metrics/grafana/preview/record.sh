#!/usr/bin/env bash
# Records the data set of the pictures anew: three experiments at once, of 48 runs, some of which diverge, lose their plugins or hang,
# as a Prometheus with our rules and alerts sees them, and the same by step. Call it in the root of the repository after `make build`,
# when names or labels of metrics changed. It needs prometheus, promtool and curl, and takes two minutes.
set -euo pipefail

here=metrics/grafana/preview
experiments=(learning dying hanging)
work=$(mktemp -d)
started=()
finish() {
	for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done # to fail is what they are for
	wait
	rm -rf "$work"
}
trap finish EXIT

mkdir "$work/plugins" "$work/tmp"
cp bin/plugins/* "$work/plugins/"
go build -o "$work/plugins/steepest-optimizer-rogue" ./host/testdata/plugins/rogue
export STEEPEST_PLUGIN_PATH=$work/plugins TMPDIR=$work/tmp

# What Prometheus keeps of this: nothing of Go and of the processes.
cat >"$work/prometheus.yml" <<END
global: {scrape_interval: 1s, scrape_timeout: 900ms, evaluation_interval: 1s}
rule_files: [$PWD/metrics/prometheus/rules.yml, $PWD/metrics/prometheus/alerts.yml]
scrape_configs:
  - job_name: steepest
    static_configs: [{targets: ["127.0.0.1:19464", "127.0.0.1:19465", "127.0.0.1:19466"]}]
    metric_relabel_configs: [{source_labels: [__name__], regex: "(go|process|promhttp)_.*", action: drop}]
END
prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/live" --web.listen-address=127.0.0.1:19463 --web.enable-admin-api --log.level=warn &
started+=($!)
until curl -sf http://127.0.0.1:19463/-/ready >/dev/null; do sleep 0.2; done

from=$(date +%s)
port=19464 jobs=8
runs=()
for name in "${experiments[@]}"; do
	bin/steepest run --quiet --out "$work/results/$name" --jobs "$jobs" --threads 1 --metrics-layers --metrics-address "127.0.0.1:$port" --linger 1m \
		"$here/record/$name.toml" >"$work/$name.log" 2>&1 &
	runs+=($!)
	started+=($!)
	port=$((port + 1)) jobs=2
done

# The pictures are of a moment when some runs of learning ended and others go on, also of the variant that the Run dashboard is drawn for.
ended() {
	curl -sfG http://127.0.0.1:19463/api/v1/query --data-urlencode \
		'query=sum(steepest_experiment_runs{experiment="learning",status!~"pending|running"}) and on () (steepest_run_step > 20
			and on (instance, run_id) steepest_run_info{variant="adam, cosine"} and on (instance, run_id) steepest_run_status{status="running"} == 1)' | grep -oE '"[0-9]+"\]' | tr -dc 0-9
}
until [ "0$(ended)" -ge 9 ]; do sleep 0.5; done
to=$(date +%s)
curl -sf -XPOST http://127.0.0.1:19463/api/v1/admin/tsdb/snapshot >/dev/null
for pid in "${runs[@]}"; do wait "$pid" || true; done # to fail is what they are for

mkdir "$work/by-step"
for name in "${experiments[@]}"; do
	bin/steepest export --axis step --out "$work/$name.om" "$work/results/$name"
	promtool tsdb create-blocks-from --max-block-duration=744h openmetrics --quiet "$work/$name.om" "$work/by-step"
done
mkdir -p "$here/data"
# Bytes that depend on nothing but the data.
pack() { tar -C "$1" --sort=name --owner=0 --group=0 --mtime=@0 -cf - . | gzip -9n >"$2"; }
pack "$work/live/snapshots/"* "$here/data/live.tar.gz"
pack "$work/by-step" "$here/data/by-step.tar.gz"
echo "{\"live\": {\"from\": $from, \"to\": $to}, \"by-step\": {\"from\": 946684800, \"to\": 946684950}}" >"$here/data/spans.json"
ls -l "$here/data"
