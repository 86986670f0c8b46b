package liar

import (
	"cmp"
	"slices"
	"time"
)

// bulkCalls foretells the calls that are about several clusters of somebody who
// left: what they do to the truth, and for whom no call of its own is made after
// them.
func (o *oracle) bulkCalls(now *truth) (handled, taken map[string]bool) {
	handled, taken = map[string]bool{}, map[string]bool{}
	parts := o.bulkParts()
	task := o.f.open.task
	slow, more := o.f.open.lag+o.f.open.effect > 8*time.Second, o.f.open.cleanAll == "remove" && len(parts) > 1
	o.vague = len(parts) > 0 && (slow || more || task.reach == "all")
	for _, part := range parts {
		o.calls = append(o.calls, "bulk/"+part[0].uid)
		does := slices.DeleteFunc(slices.Clone(part), func(a oracleAction) bool { return o.declined(a) != "" })
		if len(does) < len(part) && task.refuse == "whole" {
			continue
		}
		switch task.ends {
		case "halfway":
			does = does[:(len(does)+1)/2]
		case "fail", "failed", "never", "nothing":
			does = nil
		}
		for _, a := range does {
			o.cleanIn(now, a)
		}
		for _, a := range part {
			taken[a.id] = true
		}
	}
	then := o.later(*now)
	for _, a := range o.actions {
		blind := o.sees.blind(a.cluster) && then.certificateGone(a)
		handled[a.id] = taken[a.id] && (then.proof(a) == "revoked" || blind)
	}
	return handled, taken
}

// bulkParts are the actions that one call is made for, in the order of the clusters.
func (o *oracle) bulkParts() [][]oracleAction {
	var parts [][]oracleAction
	for _, e := range o.f.list.entries {
		var part []oracleAction
		for _, a := range o.actions {
			if a.uid == e.uid && a.cluster != "" && !a.refused && e.reason == "departed" && len(e.pins) == 0 && !o.f.flags.single {
				part = append(part, a)
			}
		}
		slices.SortFunc(part, func(a, b oracleAction) int { return cmp.Compare(a.cluster, b.cluster) })
		if len(part) >= 4 {
			parts = append(parts, part)
		}
	}
	return parts
}

// later is what the surfaces show when the actions are carried out.
func (o *oracle) later(now truth) *oracle {
	then := &oracle{look: look{o.f, now, o.sees}, read: o.read, writes: map[string]bool{}}
	for _, a := range o.actions {
		then.writes[a.id] = !a.refused
	}
	return then
}
