// A small scenario that is right in every way; tests change one thing about it.
#pragma once

#include <nlohmann/json.hpp>

namespace timeslice {

inline nlohmann::json madeScenario()
{
    return nlohmann::json::parse(R"json({
  "id": "made-up", "chapter": "gil", "order": 3,
  "title": "Made up",
  "question": "“It is so.” Is it?",
  "claims": ["same-time"],
  "predictions": [
    {"id": "yes", "text": "yes", "from": 0, "to": 1},
    {"id": "no", "text": "no", "from": 1, "to": "=threads + 1"}
  ],
  "knobs": [
    {"id": "threads", "label": "Threads", "type": "integer", "min": 2, "max": 8, "step": 2, "unit": "threads", "initial": 2},
    {"id": "work", "label": "Work", "type": "duration", "min": "1ms", "max": "1s", "choices": ["5ms"], "initial": "5ms"},
    {"id": "how", "label": "How", "type": "choice", "choices": ["plain", "atomic"], "initial": "plain"},
    {"id": "loud", "label": "Loud", "type": "toggle", "initial": false}
  ],
  "variants": [
    {"id": "a", "title": "{threads} threads", "note": "{work} each", "code": ["one", "two"],
     "workload": {"tasks": {"Thread": {"instance": "=threads", "do": [{"run": "{work}"}, {"run": "=work / threads"}]}}}},
    {"id": "b", "title": "B", "engine": "model", "expects": "deadlock", "workload": {"tasks": {}}}
  ],
  "verdict": {
    "claim": "same-time", "text": "It is so.",
    "metric": {"variant": "a", "value": "/wall_s", "over": {"variant": "b", "value": "/wall_s"}},
    "band": [0.5, "=threads"], "format": "{:.2f}×", "caption": "as much", "holds": "Yes.", "fails": "No.",
    "needsCores": 2, "maxStolen": 0.1, "maxForeign": 0.2, "needsMeasured": true
  },
  "why": ["First.", "Second."],
  "lookFor": ["This."],
  "sources": ["A book, page 7", "Another"],
  "limits": {"time": "3s", "threads": 10, "memoryMegabytes": 64, "realtimeCpu": "500ms"}
})json");
}

} // namespace timeslice
