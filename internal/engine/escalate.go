package engine

import (
	"context"

	"rebound"
	"rebound/internal/store"
)

// escalationDue takes one step of the policy for a recovery that still waits.
func (e *Engine) escalationDue(ctx context.Context, claim store.Claim) error {
	recovery, err := e.store.Read().For(claim.Business).Recovery(ctx, rebound.RecoveryID(claim.ID))
	if err != nil {
		return err
	}
	return e.write(ctx, func(s *step) error {
		if _, err := s.contact(claim.Business, recovery.Contact); err != nil {
			return err
		}
		mine, err := s.tx.For(claim.Business).Leased(s.ctx, store.Recoveries, claim)
		if err != nil || !mine {
			return err
		}
		current, err := s.tx.For(claim.Business).Recovery(s.ctx, recovery.ID)
		if err != nil {
			return err
		}
		return s.advance(current, rebound.RecoveryInput{Step: rebound.StepDue, At: s.now})
	})
}
