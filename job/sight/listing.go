package sight

import (
	"context"
	"fmt"

	"ackrevoke/policy"
)

// retiredHint is what to do where the caller cannot list by regions.
const retiredHint = "give the caller cs:DescribeRegions and cs:DescribeClustersForRegion in RAM (deploy/ram/dry-run.json has them): " +
	"the service is switching DescribeClustersV1 off, region by region"

// clusters lists the clusters of the account into the directory: region by region, all
// through one endpoint and some at a time. Regions are those of the policy.
//
//	DescribeRegions             DescribeClustersForRegion        the listing
//	answers                     answers for some region          by regions; the others are unread
//	cannot be had, with regions likewise, of these regions      by regions; all others are unread
//	cannot be had, no regions   -                               retired
//	-                           cannot be had for any region     retired
//	-                           no region answers, by a failure  failed
//	fails                       -                                failed
func (s *Sight) clusters(ctx context.Context, d *policy.Directory) *policy.Fault {
	ids, err := s.Reader.Regions(ctx)
	f := Fault("DescribeRegions", err)
	switch {
	case f == nil:
	case !f.NotServed() && f.Kind != policy.Invalid: // this call names nothing that could be wrong
		return f
	case len(s.Regions) == 0:
		return s.retired(ctx, f, d)
	default:
		ids = s.Regions
	}
	lists := make([]policy.RegionList, len(ids))
	s.Stage("regions read", len(ids), func(i int) {
		clusters, err := s.Reader.RegionClusters(ctx, ids[i])
		lists[i] = policy.RegionList{Region: ids[i], Clusters: clusters, Fault: Fault("DescribeClustersForRegion", err)}
	})
	if failed := none(lists); failed != nil {
		if failed.NotServed() {
			return s.retired(ctx, failed, d)
		}
		return failed
	}
	d.ListedBy = policy.ByRegions
	d.Clusters, d.Regions = policy.Gather(lists)
	if f != nil {
		rest := *f
		rest.Hint = "give the caller cs:DescribeRegions in RAM: without it only the regions of the policy are known"
		d.Regions = append([]policy.Region{{ID: policy.OtherRegions, Fault: &rest}}, d.Regions...)
	}
	return nil
}

// none returns why no region could be read, nil where one was: a failure before
// an operation that is not served.
func none(lists []policy.RegionList) *policy.Fault {
	var why *policy.Fault
	for i := range lists {
		f := lists[i].Fault
		switch {
		case f == nil:
			return nil
		case why == nil || why.NotServed() && !f.NotServed():
			why = f
		}
	}
	return why
}

// retired lists by the operation that is being switched off, for want of a
// better one. What it lists is believed, and may not be all.
func (s *Sight) retired(ctx context.Context, why *policy.Fault, d *policy.Directory) *policy.Fault {
	clusters, err := s.Reader.RetiredClusters(ctx)
	if f := Fault("DescribeClustersV1", err); f != nil {
		if !f.NotServed() {
			return f
		}
		failed := *f
		failed.Message = fmt.Sprintf("%s; this operation is retired, and %s cannot be had either: %s", f.Message, why.Op, why.Message)
		failed.Hint = retiredHint
		return &failed
	}
	short := *why
	short.Message = fmt.Sprintf("the clusters were listed by DescribeClustersV1, because %s cannot be had: %s", why.Op, why.Message)
	short.Hint = retiredHint
	d.ListedBy, d.Clusters, d.Regions, d.Short = policy.ByRetired, clusters, nil, &short
	return nil
}
