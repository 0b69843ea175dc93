// What the budgets of the design say of a result, in a sentence beside it: "ratio 1.12, at most 1.5: kept".
#pragma once

#include <benchmark/benchmark.h>
#include <cstdio>
#include <string>

namespace timeslice {

/// The budgets of one benchmark; say() writes them all into its line.
class Budgets {
public:
    Budgets& atMost(const char* what, double measured, double most, const char* unit = "")
    {
        char text[160];
        std::snprintf(text, sizeof text, "%s %.4g%s, at most %.4g%s: %s", what, measured, unit, most, unit,
            measured <= most ? "kept" : "MISSED");
        m_text += (m_text.empty() ? "" : "; ") + std::string(text);
        return *this;
    }
    void say(benchmark::State& state) const { state.SetLabel(m_text); }

private:
    std::string m_text;
};

} // namespace timeslice
