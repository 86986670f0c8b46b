package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"ackrevoke/job/file"
	"ackrevoke/job/metrics"
	"ackrevoke/job/report"
)

// leave writes the set as text, whole or not at all. Whoever collects it may be
// another user.
func leave(path string, set *metrics.Set) error {
	text, err := exposed(set.Gatherer())
	if err == nil {
		err = file.Replaceable(path)
	}
	if err == nil {
		err = file.Place(path, text, func(f *os.File) error { return f.Chmod(0o644) }, os.Rename)
	}
	if err != nil {
		return fmt.Errorf("metrics file %s: %w", path, err)
	}
	return nil
}

// exposed is what is gathered, in the text format.
func exposed(from prometheus.Gatherer) ([]byte, error) {
	families, err := from.Gather()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	for _, f := range families {
		if _, err := expfmt.MetricFamilyToText(&b, f); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

// remembered is what the file of an earlier run says of it. It makes sure that
// another can be put in its place: nothing of anybody's is overwritten.
func remembered(path string) (metrics.Past, error) {
	families, err := families(path)
	if err == nil {
		err = report.Room(filepath.Dir(path))
	}
	if err != nil {
		return metrics.Past{}, fmt.Errorf("metrics file %s: %w", path, err)
	}
	past := metrics.Past{}
	note := func(family string, add func(*metrics.Moments, time.Time)) {
		for _, x := range families[family].GetMetric() {
			id := accountOf(x)
			m := past[id]
			add(&m, time.Unix(int64(x.GetGauge().GetValue()), 0).UTC())
			past[id] = m
		}
	}
	note(metrics.LastAttempt, func(m *metrics.Moments, t time.Time) { m.Attempt = t })
	note(metrics.LastSuccess, func(m *metrics.Moments, t time.Time) { m.Success = t })
	return past, nil
}

// mostMetrics bounds what is read of a metrics file; that of ten thousand
// accounts is smaller.
const mostMetrics = 256 << 20

var errNoMetrics = errors.New("the file is there and is no metrics file of ackrevoke: give another name with --metrics-file")

// families are those of a metrics file; none where it is empty or not there yet.
func families(path string) (map[string]*dto.MetricFamily, error) {
	if err := file.Replaceable(path); err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return nil, err
	}
	if info.Size() > mostMetrics {
		return nil, errNoMetrics
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	all, err := parser.TextToMetricFamilies(f)
	if err != nil || len(all) == 0 {
		return nil, errNoMetrics
	}
	for name := range all {
		if !strings.HasPrefix(name, metrics.Prefix) {
			return nil, errNoMetrics
		}
	}
	return all, nil
}

func accountOf(x *dto.Metric) string {
	for _, l := range x.GetLabel() {
		if l.GetName() == "account" {
			return l.GetValue()
		}
	}
	return ""
}
