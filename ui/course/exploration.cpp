#include "ui/course/exploration.h"

#include <utility>

namespace timeslice {

Exploration::Exploration(QObject* parent)
    : QObject(parent)
{
}

void Exploration::restore(State state)
{
    const bool selected = m_state.selection || state.selection;
    const bool folded = m_state.folds != state.folds;
    const bool otherLoss = m_state.loss != state.loss;
    const bool turned = m_state.variant != state.variant;
    m_state = std::move(state);
    m_sinceMove.invalidate();
    point(std::nullopt); // what it was at is another picture now
    if (folded) {
        emit foldsChanged();
    }
    emit rangeChanged();
    if (selected) {
        emit selectionChanged();
    }
    if (otherLoss) {
        emit lossChanged();
    }
    if (turned) {
        emit variantChanged();
    }
}

void Exploration::remember()
{
    if (m_state.before.size() == kMostRemembered) {
        m_state.before.erase(m_state.before.begin());
    }
    m_state.before.push_back(m_state.range);
}

void Exploration::show(const Range& range)
{
    m_sinceMove.invalidate();
    if (range != m_state.range) {
        remember();
        m_state.range = range;
    }
    emit rangeChanged(); // also where the whole has grown
}

void Exploration::move(ViewRange range)
{
    if (range == m_state.range) {
        return;
    }
    if (!m_sinceMove.isValid() || m_sinceMove.elapsed() > kPause) {
        remember();
    }
    m_sinceMove.start();
    m_state.range = range;
    emit rangeChanged();
}

void Exploration::foldStartUp(bool folded)
{
    m_state.startUpUnfolded = !folded;
    show(std::nullopt);
}

void Exploration::undo()
{
    if (!canUndo()) {
        return;
    }
    m_sinceMove.invalidate();
    m_state.range = m_state.before.back();
    m_state.before.pop_back();
    emit rangeChanged();
}

void Exploration::select(std::optional<SliceRef> slice)
{
    m_state.selection = std::move(slice);
    emit selectionChanged();
}

void Exploration::lookAt(LossRef loss)
{
    m_state.loss = loss;
    emit lossChanged();
}

void Exploration::point(std::optional<Pointed> at)
{
    if (at != m_pointed) {
        m_pointed = at;
        emit pointedChanged();
    }
}

void Exploration::turnTo(std::size_t variant)
{
    if (m_state.variant != variant) {
        m_state.variant = variant;
        emit variantChanged();
    }
}

void Exploration::setUnfolded(ProcessRef process, bool unfolded)
{
    const auto [known, added] = m_state.folds.emplace(process, unfolded);
    if (added || std::exchange(known->second, unfolded) != unfolded) {
        emit foldsChanged();
    }
}

} // namespace timeslice
