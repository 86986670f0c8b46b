package sim

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// cleanUser is CleanUserPermissions: a clean of several clusters, or of all, in a task that is asked for by its id [DOC]. What it
// does, it does when the task ends.
func (a *Account) cleanUser(q *request) answer {
	force, refusal := a.cleanable(q)
	if refusal != nil {
		return *refusal
	}
	var clusters []string
	var skipped []taskResult
	for _, id := range a.targets(q.params) {
		refusal := a.cleanableOn(q.UID, id, force)
		switch {
		case refusal == nil:
			clusters = append(clusters, id)
		case a.estate.behaviour.task.refuse == refuseCluster:
			skipped = append(skipped, taskResult{id, resultSkipped, refusal.code + ": " + refusal.message})
		default:
			return *refusal
		}
	}
	t, ending := a.newTask(q, force, clusters, skipped)
	if len(ending) > 0 {
		a.change(q, t.ends.Add(a.estate.behaviour.cleanEffect), func(h *holdings) {
			for _, id := range ending {
				a.cleaning(id)(h)
			}
		})
	}
	return ok(struct {
		RequestID string `json:"request_id"`
		TaskID    string `json:"task_id"`
	}{q.RequestID, t.id})
}

// targets are the clusters that a CleanUserPermissions is about, each once, by id: those it names, in one parameter with commas or
// in one each [SDK, DOC], or else all that there are.
func (a *Account) targets(params url.Values) []string {
	var out []string
	for key, values := range params {
		number, numbered := strings.CutPrefix(key, "ClusterIds.")
		if _, err := strconv.Atoi(number); key != "ClusterIds" && (!numbered || err != nil) {
			continue
		}
		for id := range strings.SplitSeq(strings.Join(values, ","), ",") {
			if id = strings.TrimSpace(id); id != "" {
				out = append(out, id)
			}
		}
	}
	if out == nil || a.estate.behaviour.task.reach == reachAll {
		out = nil
		for _, c := range a.estate.clusters {
			if !c.gone() {
				out = append(out, c.id)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// taskInfo is the answer of DescribeTaskInfo, with all its fields; what they hold for a task of this kind is not documented.
type taskInfo struct {
	TaskID       string          `json:"task_id"`
	ClusterID    string          `json:"cluster_id"`
	TaskType     string          `json:"task_type"`
	State        string          `json:"state"`
	Created      string          `json:"created"`
	Updated      string          `json:"updated"`
	Target       taskTarget      `json:"target"`
	Parameters   map[string]any  `json:"parameters"`
	CurrentStage string          `json:"current_stage"`
	Stages       []taskStage     `json:"stages"`
	Events       []taskEvent     `json:"events"`
	Result       []taskResultRow `json:"task_result"`
	Error        taskError       `json:"error"`
}

type taskTarget struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

type taskStage struct {
	State     string         `json:"state"`
	StartTime string         `json:"start_time"`
	EndTime   string         `json:"end_time"`
	Message   string         `json:"message"`
	Outputs   map[string]any `json:"outputs"`
}

type taskEvent struct {
	Action    string `json:"action"`
	Level     string `json:"level"`
	Message   string `json:"message"`
	Reason    string `json:"reason"`
	Source    string `json:"source"`
	Timestamp string `json:"timestamp"`
}

type taskResultRow struct {
	Data   string `json:"data"`
	Status string `json:"status"`
}

type taskError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (a *Account) describeTask(q *request) answer {
	t, known := a.tasks.byID[q.task]
	if !known {
		return *refuse(http.StatusNotFound, "ErrorTaskNotFound", "task %s not found", q.task)
	}
	const stage = "clean_user_permissions"
	start := t.created.UTC().Format(time.RFC3339)
	info := taskInfo{
		TaskID: t.id, TaskType: stage, State: "running", Created: start, Updated: start, CurrentStage: stage,
		Target: taskTarget{t.uid, string(a.people[t.uid].kind)}, Parameters: map[string]any{"force": t.force},
		Stages: []taskStage{{State: "running", StartTime: start, Outputs: map[string]any{}}}, Events: []taskEvent{}, Result: []taskResultRow{},
	}
	if !a.ended(t) {
		return ok(info)
	}
	end := t.created.Add(t.after).UTC().Format(time.RFC3339)
	info.State, info.Updated, info.CurrentStage = t.state, end, ""
	info.Stages[0].State, info.Stages[0].EndTime = t.state, end
	if t.state != endsWell {
		info.Error = taskError{"CleanUserPermissionsFailed", fmt.Sprintf("the permissions of %s were not cleaned on every cluster", t.uid)}
	}
	for _, r := range t.results {
		info.Result = append(info.Result, taskResultRow{r.cluster, r.status})
		if r.message != "" {
			e := taskEvent{Action: stage, Level: "Warning", Message: r.message, Reason: r.status, Source: r.cluster, Timestamp: end}
			info.Events = append(info.Events, e)
		}
	}
	return ok(info)
}
