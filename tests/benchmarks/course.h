// What benchmarks of the window and of runs begin with: the shipped course, or a word why not.
#pragma once

#include "core/scenario/catalogue.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

namespace timeslice {

[[noreturn]] inline void giveUp(const std::string& why)
{
    std::fprintf(stderr, "%s\n", why.c_str());
    std::exit(1);
}

inline Catalogue shippedCourse()
{
    const auto resources = findResources();
    auto catalogue =
        resources ? readCatalogue(*resources / "scenarios") : Result<Catalogue>(tl::unexpected(resources.error()));
    if (!catalogue) {
        giveUp(catalogue.error().message);
    }
    return std::move(*catalogue);
}

} // namespace timeslice
