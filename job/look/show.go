package look

import (
	"context"

	"ackrevoke/job/sight"
	"ackrevoke/policy"
)

// Show reads what one principal can reach. What could not be read is a gap
// in the answer; an error is a *sight.Panic.
func Show(ctx context.Context, s *sight.Sight, r *policy.Resolution, id policy.Identity, state policy.IdentityState) (*policy.Access,
	error) {
	var access *policy.Access
	s.Net.Safely(func() {
		subject := s.Subject(ctx, id.UID)
		ids, strange := r.AccessNeeds(state, &subject)
		lists := s.Lists(ctx, "cluster lists read", ids)
		access = r.Access(id, state, &subject, lists, s.Strays(ctx, strange))
	})
	if p := s.Net.Caught(); p != nil {
		return nil, p
	}
	return access, nil
}
