// Arithmetic over knobs, as scenario files write it: "=work / threads", "{threads} threads".
#pragma once

#include "core/base/result.h"

#include <map>
#include <string>
#include <string_view>

namespace timeslice {

/// What a name in an expression stands for.
struct KnobText {
    std::string raw; ///< as written: "5ms", "2", "true"
    std::string prose; ///< as read in a sentence: "5 ms"
    double number = 0; ///< Duration: microseconds; Toggle: 1 or 0; Choice, Jobs: index of the choice
};
using KnobTexts = std::map<std::string, KnobText, std::less<>>;

/// Open: what the knobs' values are is not known, only their names; a result means nothing, and none is wrong.
enum class KnobNumbers : unsigned char { Known, Open };

/// + - * / ^ (power), parentheses, numbers, names, min(a, b), max(a, b), floor(a), ceil(a), round(a).
/// Errors (Usage): what is wrong, and the names there are if one is unknown; a result that is not finite.
Result<double> evaluate(std::string_view expression, const KnobTexts& knobs, KnobNumbers numbers = KnobNumbers::Known);

/// How numbers read: for people in groups of three, "200,000"; in code and workloads as they are.
enum class NumberStyle : unsigned char { Prose, Code };

/// Replaces each "{EXPR}": a lone knob's name gives the knob's text (`raw` if it is the whole of `text`, else `prose`),
/// any other expression its number with at most three decimals. "{{" and "}}" stand for braces.
Result<std::string> substitute(std::string_view text, const KnobTexts& knobs, NumberStyle style = NumberStyle::Prose,
    KnobNumbers numbers = KnobNumbers::Known);

} // namespace timeslice
