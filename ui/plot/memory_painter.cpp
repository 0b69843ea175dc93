#include "ui/plot/memory_painter.h"

#include <algorithm>
#include <cmath>

namespace timeslice {

namespace {

constexpr std::uint64_t kKibibyte = 1024;
constexpr std::uint64_t kMebibyte = kKibibyte * kKibibyte;

} // namespace

std::uint64_t memoryScale(std::span<const VariantPicture> variants)
{
    std::uint64_t most = 0;
    for (const VariantPicture& variant : variants) {
        if (variant.recording != nullptr) {
            for (const MemorySample& sample : variant.recording->timeline.memory) {
                most = std::max(most, sample.rss);
            }
        }
    }
    for (std::uint64_t decade = kMebibyte;; decade *= 10) {
        for (const std::uint64_t factor : {1, 2, 5}) {
            if (factor * decade >= most) {
                return factor * decade;
            }
        }
    }
}

QString memoryText(std::uint64_t bytes)
{
    const double mebibytes = static_cast<double>(bytes) / static_cast<double>(kMebibyte);
    if (mebibytes < 1) {
        return QStringLiteral("%1 KiB").arg(bytes / kKibibyte);
    }
    const bool whole = mebibytes >= 10 || bytes % kMebibyte == 0;
    return QStringLiteral("%1 MiB").arg(mebibytes, 0, 'f', whole ? 0 : 1);
}

std::vector<MemoryStep> memorySteps(const Timeline& timeline, const ProcessLife& life)
{
    std::vector<MemoryStep> steps;
    for (const MemorySample& sample : memoryOf(timeline, life)) {
        if (!steps.empty()) {
            steps.back().end = sample.time;
        }
        steps.push_back({sample, life.exited != 0 ? life.exited : timeline.end});
    }
    return steps;
}

void paintMemory(const Canvas& canvas, const QRect& lane, const Timeline& timeline, const ProcessLife& life,
    const TimeScale& scale, std::uint64_t top)
{
    const Theme& theme = *canvas.theme;
    canvas.painter->fillRect(lane, theme.lane);
    const Nanos origin = originOf(timeline);
    const auto pixel = [&](Nanos t) {
        const double x = timeToPixel(scale, static_cast<double>(t - origin));
        return static_cast<int>(std::lround(std::clamp<double>(x, lane.left(), lane.right() + 1)));
    };
    const auto level = [&](std::uint64_t bytes) {
        const double share = std::min(1.0, static_cast<double>(bytes) / static_cast<double>(top));
        return lane.bottom() + 1 - static_cast<int>(std::lround(share * lane.height()));
    };
    const QColor own = mix(theme.lane, theme.accent, 0.6);
    const QColor shared = mix(theme.lane, theme.accent, 0.25);
    const int width = canvas.line(1.6);
    int before = -1; // where the RSS line came from
    for (const MemoryStep& step : memorySteps(timeline, life)) {
        const int from = pixel(step.sample.time);
        const int to = pixel(step.end);
        if (to <= from) {
            continue;
        }
        const int bottom = lane.bottom() + 1;
        const int privateTop = level(step.sample.own);
        const int pssTop = level(step.sample.pss);
        const int rss = std::min(level(step.sample.rss), bottom - width);
        canvas.painter->fillRect(QRect(from, privateTop, to - from, bottom - privateTop), own);
        canvas.painter->fillRect(QRect(from, pssTop, to - from, privateTop - pssTop), shared);
        canvas.painter->fillRect(QRect(from, rss, to - from, width), theme.mutedText);
        if (before >= 0 && before != rss) {
            canvas.painter->fillRect(
                QRect(from, std::min(before, rss), width, std::abs(before - rss) + width), theme.mutedText);
        }
        before = rss;
    }
}

} // namespace timeslice
