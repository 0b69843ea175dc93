#include "ui/course/interpreter_needs.h"

#include "ui/text/free_text.h"

#include <algorithm>

namespace timeslice {

namespace {

/// Empty: nothing special.
std::string specialNeed(const VariantSpec& variant)
{
    if (!isPython(variant.engine)) {
        return {};
    }
    const std::string& need = variant.python.interpreter;
    return need.empty() || need == "cpython" ? std::string() : need;
}

} // namespace

bool needsInterpreters(const Scenario& scenario)
{
    return std::any_of(scenario.variants.begin(), scenario.variants.end(),
        [](const VariantSpec& variant) { return !specialNeed(variant).empty(); });
}

QStringList cannotRun(const Scenario& scenario, const std::vector<Interpreter>& interpreters)
{
    QStringList lines;
    for (const VariantSpec& variant : scenario.variants) {
        const std::string need = specialNeed(variant);
        if (!need.empty() && !chooseInterpreter(interpreters, need)) {
            lines << tr("Not run here – %1: %2").arg(text(variant.title), text(whyNoInterpreter(interpreters, need)));
        }
    }
    return lines;
}

} // namespace timeslice
