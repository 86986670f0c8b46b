package page

import "ackrevoke/job/report"

func viewAudit(a *report.Audit) *Page      { return &Page{} }
func viewDoctor(a *report.Doctor) *Page    { return &Page{} }
func viewRestore(a *report.Restore) *Page  { return &Page{} }
func viewShow(a *report.Show) *Page        { return &Page{} }
func viewSummary(a *report.Accounts) *Page { return &Page{} }
func viewInspect(a *report.Inspect) *Page  { return &Page{} }
func viewProve(a *report.Prove) *Page      { return &Page{} }
