package stage

import (
	"fmt"
	"slices"

	"ackrevoke/job/report"
)

func Around(text string, i int) string { return text[max(0, i-60):min(len(text), i+60)] }

func Lines[T any](items []T, line func(T) string) []string {
	out := []string{}
	for _, item := range items {
		out = append(out, line(item))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// CollateralLines are the rows that outcomes name beside their action.
func CollateralLines(r *report.Report) []string {
	lines := []string{}
	for _, o := range r.Outcomes {
		for _, row := range o.Collateral {
			lines = append(lines, fmt.Sprintf("%s: %s %s", o.Action, row.Cluster, row.Role))
		}
	}
	return lines
}

func Must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func Accepted(yes bool) string {
	if yes {
		return ", accepted"
	}
	return ""
}

func Each[T any](rows []T, line func(T) string) []string {
	lines := []string{}
	for _, r := range rows {
		lines = append(lines, line(r))
	}
	return lines
}

func Sorted(s []string) []string {
	s = append([]string{}, s...)
	slices.Sort(s)
	return s
}
