#include "core/scenario/expression.h"

#include "core/base/did_you_mean.h"
#include "core/scenario/number_format.h"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <vector>

namespace timeslice {

namespace {

constexpr int kDeepest = 64; ///< nested parentheses; a file is no reason to run out of stack

bool isNameStart(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

/// Recursive descent; the first complaint ends it.
///     sum     = product { ("+" | "-") product }
///     product = power { ("*" | "/") power }
///     power   = ["-"] atom [ "^" power ]
///     atom    = NUMBER | NAME | NAME "(" sum { "," sum } ")" | "(" sum ")"
class Parser {
public:
    Parser(std::string_view text, const KnobTexts& knobs, KnobNumbers numbers)
        : m_text(text)
        , m_knobs(knobs)
        , m_open(numbers == KnobNumbers::Open)
    {
    }

    Result<double> run()
    {
        const double value = sum();
        skipSpace();
        if (!m_error && m_at < m_text.size()) {
            complain("unexpected '" + std::string(1, m_text[m_at]) + "'");
        }
        if (!m_error && !m_open && !std::isfinite(value)) {
            complain("the result is not a finite number");
        }
        if (m_error) {
            return fail("in the expression '" + std::string(m_text) + "': " + *m_error, ErrorKind::Usage);
        }
        return value;
    }

private:
    double complain(std::string what)
    {
        if (!m_error) {
            m_error = std::move(what);
        }
        m_at = m_text.size(); // ends every loop
        return 0;
    }

    void skipSpace()
    {
        while (m_at < m_text.size() && m_text[m_at] == ' ') {
            ++m_at;
        }
    }

    bool take(char c)
    {
        skipSpace();
        if (m_at < m_text.size() && m_text[m_at] == c) {
            ++m_at;
            return true;
        }
        return false;
    }

    double sum()
    {
        double value = product();
        for (;;) {
            if (take('+')) {
                value += product();
            } else if (take('-')) {
                value -= product();
            } else {
                return value;
            }
        }
    }

    double product()
    {
        double value = power();
        for (;;) {
            if (take('*')) {
                value *= power();
            } else if (take('/')) {
                const double divisor = power();
                if (divisor == 0 && !m_open) {
                    return complain("division by zero");
                }
                value /= divisor;
            } else {
                return value;
            }
        }
    }

    double power()
    {
        if (++m_depth > kDeepest) {
            return complain("nested too deeply");
        }
        double value = 0;
        if (take('-')) {
            value = -power();
        } else {
            value = atom();
            if (take('^')) {
                value = std::pow(value, power());
            }
        }
        --m_depth;
        return value;
    }

    double atom()
    {
        skipSpace();
        if (m_at >= m_text.size()) {
            return complain("expected a number, a knob or '(', found the end");
        }
        if (take('(')) {
            const double value = sum();
            return take(')') ? value : complain("expected ')'");
        }
        const char c = m_text[m_at];
        if (isNameStart(c)) {
            return named();
        }
        if (isDigit(c) || c == '.') {
            return number();
        }
        return complain("expected a number, a knob or '(', found '" + std::string(1, c) + "'");
    }

    double number()
    {
        double value = 0;
        const char* first = m_text.data() + m_at;
        const auto [end, error] =
            std::from_chars(first, m_text.data() + m_text.size(), value, std::chars_format::fixed);
        if (error != std::errc{}) {
            return complain(std::string{'\'', *first} + "' is not a number");
        }
        m_at += static_cast<std::size_t>(end - first);
        return value;
    }

    double named()
    {
        const std::size_t first = m_at;
        while (m_at < m_text.size() && (isNameStart(m_text[m_at]) || isDigit(m_text[m_at]))) {
            ++m_at;
        }
        const std::string name(m_text.substr(first, m_at - first));
        if (take('(')) {
            return call(name);
        }
        const auto it = m_knobs.find(name);
        if (it == m_knobs.end()) {
            std::vector<std::string> known;
            for (const auto& [id, ignored] : m_knobs) {
                known.push_back(id);
            }
            const std::string guess = didYouMean(name, known);
            return complain("unknown knob '" + name + "'" + (guess.empty() ? "; known: " + joinNames(known) : guess));
        }
        return it->second.number;
    }

    double call(const std::string& name)
    {
        std::vector<double> arguments{sum()};
        while (take(',')) {
            arguments.push_back(sum());
        }
        if (!take(')')) {
            return complain("expected ')' after the arguments of " + name);
        }
        static const std::vector<std::string> kFunctions = {"min", "max", "floor", "ceil", "round"};
        const bool two = name == "min" || name == "max";
        if (std::find(kFunctions.begin(), kFunctions.end(), name) == kFunctions.end()) {
            return complain("unknown function '" + name + "'; known: " + joinNames(kFunctions));
        }
        if (arguments.size() != (two ? 2U : 1U)) {
            return complain(name + " takes " + (two ? "two arguments" : "one argument"));
        }
        if (name == "min") {
            return std::min(arguments[0], arguments[1]);
        }
        if (name == "max") {
            return std::max(arguments[0], arguments[1]);
        }
        return name == "floor" ? std::floor(arguments[0])
            : name == "ceil"   ? std::ceil(arguments[0])
                               : std::round(arguments[0]);
    }

    std::string_view m_text;
    const KnobTexts& m_knobs;
    bool m_open; ///< KnobNumbers::Open
    std::size_t m_at = 0;
    int m_depth = 0;
    std::optional<std::string> m_error;
};

/// "2", "1.5", "0.333", "200000": never with an exponent, which nobody reads in a sentence.
std::string numberText(double value)
{
    std::array<char, 400> digits{}; // DBL_MAX has 309 digits
    const double rounded = std::round(value * 1000) / 1000;
    const auto [end, error] = std::to_chars(
        digits.data(), digits.data() + digits.size(), rounded == 0 ? 0 : rounded, std::chars_format::fixed);
    return error == std::errc{} ? std::string(digits.data(), end) : std::string("?");
}

} // namespace

Result<double> evaluate(std::string_view expression, const KnobTexts& knobs, KnobNumbers numbers)
{
    return Parser(expression, knobs, numbers).run();
}

Result<std::string> substitute(std::string_view text, const KnobTexts& knobs, NumberStyle style, KnobNumbers numbers)
{
    const auto styled = [style](const std::string& number) {
        return style == NumberStyle::Prose ? groupedDigits(number) : number;
    };
    std::string result;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        const bool doubled = at + 1 < text.size() && text[at + 1] == c;
        if ((c == '{' || c == '}') && doubled) {
            result += c;
            ++at;
        } else if (c == '}') {
            return fail("'}' without '{' in \"" + std::string(text) + "\"; write '}}' for a brace", ErrorKind::Usage);
        } else if (c != '{') {
            result += c;
        } else {
            const std::size_t end = text.find('}', at);
            if (end == std::string_view::npos) {
                return fail(
                    "'{' without '}' in \"" + std::string(text) + "\"; write '{{' for a brace", ErrorKind::Usage);
            }
            const std::string_view inside = text.substr(at + 1, end - at - 1);
            if (const auto knob = knobs.find(inside); knob != knobs.end()) {
                const bool whole = at == 0 && end + 1 == text.size();
                result += whole ? knob->second.raw : styled(knob->second.prose);
            } else if (const auto value = evaluate(inside, knobs, numbers)) {
                result += styled(numberText(*value));
            } else {
                return tl::unexpected(value.error());
            }
            at = end;
        }
    }
    return result;
}

} // namespace timeslice
