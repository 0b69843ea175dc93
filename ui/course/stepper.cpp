#include "ui/course/stepper.h"

#include "ui/text/free_text.h"

#include <QSocketNotifier>
#include <algorithm>
#include <utility>

namespace timeslice {

namespace {

bool beginsWith(const Schedule& whole, const Schedule& part)
{
    return part.size() <= whole.size() && std::equal(part.begin(), part.end(), whole.begin());
}

bool sameWays(const std::vector<Stepper::Way>& a, const std::vector<Stepper::Way>& b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Stepper::Way& one, const Stepper::Way& other) {
        const PythonSpec& script = one.variant.python;
        const PythonSpec& otherScript = other.variant.python;
        return one.title == other.title && one.variant.workload == other.variant.workload
            && one.variant.code == other.variant.code && script.stepped == otherScript.stepped
            && script.arguments == otherScript.arguments && script.interpreter == otherScript.interpreter;
    });
}

} // namespace

Stepper::Stepper(QObject* parent)
    : QObject(parent)
{
}

Stepper::~Stepper()
{
    letGo();
}

void Stepper::show(const Scenario* scenario)
{
    std::vector<Way> ways;
    if (scenario != nullptr && traitsOf(scenario->view).stepsThreads) {
        for (const VariantSpec& variant : scenario->variants) {
            if (Result<SteppedSpec> spec = steppedOf(variant, scenario->limits)) {
                ways.push_back({text(variant.title), variant, std::move(*spec), {}, std::nullopt});
            }
        }
        m_limits = scenario->limits;
    }
    if (sameWays(m_ways, ways)) {
        return;
    }
    const bool scriptRan = m_stepping != nullptr && isScript();
    leave();
    m_ways = std::move(ways);
    const std::string lesson = scenario != nullptr ? scenario->id : std::string();
    const bool same = lesson == m_lesson; // of which a knob was set
    m_way = same && !m_ways.empty() ? std::min(m_way, m_ways.size() - 1) : 0;
    m_lesson = lesson;
    Left before;
    if (const auto left = m_left.find(m_lesson); left != m_left.end() && sameWays(left->second.ways, m_ways)) {
        before = std::move(left->second);
        m_ways = std::move(before.ways); // with what is known of their orders
        m_way = before.way;
    }
    begin(std::move(before.ahead));
    if (!before.wanted.empty()) {
        m_wanted = std::move(before.wanted);
        m_chosen = m_wanted.back();
    }
    emit waysChanged();
    if (!m_wanted.empty()) {
        go();
    } else if (scriptRan && same && !m_ways.empty() && isScript()) { // a knob was turned: what are its steps now?
        ready([this] { go(); });
    }
}

void Stepper::leave()
{
    letGo();
    if (!m_ways.empty()) {
        m_left[m_lesson] = {std::move(m_ways), m_way, std::move(m_wanted), std::move(m_ahead)};
        m_ways.clear();
    }
}

void Stepper::chooseWay(std::size_t way)
{
    if (way < m_ways.size() && way != m_way) {
        letGo();
        m_way = way;
        begin({});
        emit changed();
        if (isScript()) {
            ready([this] { go(); });
        }
    }
}

/// Nothing is taken; `ahead` is gone along by next().
void Stepper::begin(Schedule ahead)
{
    m_wanted.clear();
    m_ahead = std::move(ahead);
    m_chosen = 0;
    m_problem.clear();
    if (m_stepping) {
        go();
    } else {
        m_history.clear();
    }
}

StepState Stepper::state() const
{
    StepState state(spec().job);
    state.steps(m_wanted);
    return state;
}

const StepText* Stepper::nextText(std::size_t thread) const
{
    const std::vector<StepText>& texts = m_ways[m_way].texts;
    const auto position = static_cast<std::size_t>(std::count(m_wanted.begin(), m_wanted.end(), thread));
    return position < texts.size() ? &texts[position] : nullptr;
}

std::optional<std::size_t> Stepper::chosen() const
{
    if (followsAnOrder()) {
        return m_ahead[m_wanted.size()];
    }
    const StepState now = state();
    const std::size_t threads = spec().names.size();
    for (std::size_t i = 0; i < threads; ++i) {
        if (const std::size_t thread = (m_chosen + i) % threads; now.mayStep(thread)) {
            return thread;
        }
    }
    return std::nullopt;
}

void Stepper::choose(int direction)
{
    const std::optional<std::size_t> from = chosen();
    if (!from) {
        return;
    }
    const StepState now = state();
    const std::size_t threads = spec().names.size();
    const std::size_t step = direction > 0 ? 1 : threads - 1;
    std::size_t thread = *from;
    do {
        thread = (thread + step) % threads;
    } while (!now.mayStep(thread)); // at the latest the one that it began with
    m_ahead.clear();
    m_chosen = thread;
    emit changed();
}

void Stepper::take(std::size_t thread)
{
    if (m_ways.empty() || thread >= spec().names.size() || !state().mayStep(thread)
        || !ready([this, thread] { take(thread); })) {
        return;
    }
    m_wanted.push_back(static_cast<std::uint8_t>(thread));
    m_chosen = thread;
    if (!beginsWith(m_ahead, m_wanted)) {
        m_ahead.clear();
    }
    go();
}

bool Stepper::next()
{
    const auto thread = m_ways.empty() ? std::nullopt : chosen();
    if (thread) {
        take(*thread);
    }
    return thread.has_value();
}

bool Stepper::back()
{
    if (m_wanted.empty()) {
        return false;
    }
    if (m_ahead.size() < m_wanted.size()) {
        m_ahead = m_wanted;
    }
    m_wanted.pop_back();
    go();
    return true;
}

void Stepper::restart()
{
    if (!m_ways.empty()) {
        begin({});
        emit changed();
    }
}

bool Stepper::findLoss()
{
    const auto wrong = m_ways.empty() ? std::nullopt : firstWrongSchedule(spec().job);
    if (wrong) {
        begin(*wrong);
        emit changed();
    }
    return wrong.has_value();
}

void Stepper::runAll()
{
    if (!m_ways.empty() && !m_progress && ready([this] { runAll(); })) {
        m_progress = SteppingOutcomes{0, countSchedules(spec().job), {}};
        m_stepping->runAll();
        emit changed();
    }
}

void Stepper::replay(std::size_t way, std::int64_t value)
{
    if (way >= m_ways.size() || !m_ways[way].outcomes) {
        return;
    }
    const auto orders = m_ways[way].outcomes->ends.find(value);
    if (orders == m_ways[way].outcomes->ends.end()) {
        return;
    }
    if (way != m_way) {
        letGo();
        m_way = way;
    }
    const std::size_t order = m_replayed[{way, value}]++ % orders->second.size();
    begin(orders->second[order]);
    emit changed();
}

// --- The threads

/// False: there are none. problem() says why, or the viewer is asked whether they may be, and then `then` follows.
bool Stepper::ready(std::function<void()> then)
{
    if (m_stepping) {
        return true;
    }
    if (m_ways.empty()) { // since it was asked
        return false;
    }
    std::optional<RunOptions> options{std::in_place};
    if (isScript() && m_mayRun) {
        options = m_mayRun(std::move(then));
    }
    if (!options) {
        return false;
    }
    m_problem.clear();
    auto started = Stepping::start(m_ways[m_way].variant, m_limits, *options);
    if (!started) {
        m_problem = text(started.error().message);
        emit changed();
        return false;
    }
    m_stepping = std::move(*started);
    m_notifier = std::make_unique<QSocketNotifier>(m_stepping->updateFd(), QSocketNotifier::Read);
    connect(m_notifier.get(), &QSocketNotifier::activated, this, &Stepper::onReadable);
    return true;
}

void Stepper::go()
{
    m_progress.reset(); // another order ends it
    if (ready([this] { go(); })) {
        if (const Result<void> went = m_stepping->go(m_wanted); !went) {
            m_problem = text(went.error().message);
        }
    }
    emit changed();
}

void Stepper::onReadable()
{
    for (SteppingUpdate& update : m_stepping->poll()) {
        if (auto* texts = std::get_if<SteppingTexts>(&update)) {
            m_ways[m_way].texts = std::move(texts->steps);
        } else if (auto* at = std::get_if<SteppingAt>(&update)) {
            m_history = std::move(at->history);
        } else if (auto* outcomes = std::get_if<SteppingOutcomes>(&update)) {
            if (!m_progress) {
                continue; // it was ended meanwhile
            }
            if (outcomes->complete()) {
                m_ways[m_way].outcomes = std::move(*outcomes);
                m_progress.reset();
            } else {
                m_progress = std::move(*outcomes);
            }
        } else if (const auto* ended = std::get_if<SteppingEnded>(&update)) {
            m_problem = text(ended->why);
            m_progress.reset();
        }
    }
    if (!m_problem.isEmpty()) {
        // It is in the middle of its own signal: the notifier goes later.
        m_notifier->setEnabled(false);
        m_notifier.release()->deleteLater();
        m_stepping.reset();
    }
    emit changed();
}

void Stepper::letGo()
{
    m_notifier.reset();
    m_stepping.reset();
    m_progress.reset();
    m_history.clear();
}

} // namespace timeslice
