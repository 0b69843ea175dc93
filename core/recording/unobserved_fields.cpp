#include "core/recording/unobserved_fields.h"

#include "core/base/json_fields.h"

namespace timeslice {

nlohmann::json unobservedFields(const UnobservedProcess& process)
{
    nlohmann::json fields{{"pid", process.pid}, {"name", process.name}, {"why", process.why},
        {"has_gil", process.hasGil}, {"begin", process.begin}, {"end", process.end}};
    if (process.unrecorded) {
        fields["unrecorded"] = true;
    }
    return fields;
}

std::string readUnobservedFields(const nlohmann::json& entry, UnobservedProcess& process)
{
    const JsonFields fields(entry);
    process.pid = fields.integer<Pid>("pid");
    process.name = fields.text("name");
    process.why = fields.text("why");
    process.hasGil = fields.boolean("has_gil");
    process.begin = fields.time("begin");
    process.end = fields.time("end");
    process.unrecorded = fields.has("unrecorded") && fields.boolean("unrecorded");
    return fields.trouble();
}

} // namespace timeslice
