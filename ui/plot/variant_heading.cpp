#include "ui/plot/variant_heading.h"

#include "ui/plot/format_time.h"
#include "ui/plot/row_names.h"
#include "ui/plot/work_marks.h"

#include <QFontMetrics>
#include <algorithm>

namespace timeslice {

HeadingResult headingResult(const VariantPicture& variant)
{
    if (variant.deadlock) {
        return {QStringLiteral("deadlock"), true};
    }
    switch (variant.phase) {
    case VariantPicture::Phase::Waiting:
        return {};
    case VariantPicture::Phase::Running:
        return {QStringLiteral("running"), false};
    case VariantPicture::Phase::Analysing:
        return {QStringLiteral("adding up"), false};
    case VariantPicture::Phase::Ended:
        break;
    }
    if (!notRunReason(variant).isEmpty()) {
        return {QStringLiteral("not run"), false};
    }
    if (variant.recording != nullptr && !variant.recording->failure.empty()) {
        return {QString::fromStdString(variant.recording->failure), true};
    }
    if (variant.calculated) {
        return {formatDuration(variant.wall) + QStringLiteral(" · calculated"), false};
    }
    const double cores = variant.parallelism;
    const QString parallelism = QString::number(cores, 'f', 2);
    return {QStringLiteral("%1 · %2 %3")
                .arg(formatDuration(variant.wall), parallelism,
                    parallelism == QLatin1String("1.00") ? QStringLiteral("core") : QStringLiteral("cores")),
        false};
}

void paintHeading(const Canvas& canvas, const TimelineScene& scene, const Row& row)
{
    const VariantPicture& variant = scene.variants[row.content.variant];
    const TimelineLayout& layout = *scene.layout;
    const Theme& theme = *canvas.theme;
    const QFont titleFont = scaledFont(canvas, 1.15, true);
    const QFont noteFont = scaledFont(canvas, 0.95);
    const QFont resultFont = scaledFont(canvas, 1.0, true);
    const QFontMetrics titleMetrics(titleFont);
    const int left = scene.origin.x() + layout.headingLeft;
    const int right = scene.origin.x() + layout.laneRight;
    const int height = row.height - workMarkStrip(canvas, variant);
    const int baseline =
        scene.origin.y() + row.top - scene.scroll + height / 2 + titleMetrics.capHeight() / 2 + canvas.px(0.1);

    // The result is what the picture is about: it goes first, the title gets what is left, then the note.
    const HeadingResult result = scene.excerpt.isEmpty() ? headingResult(variant) : HeadingResult{scene.excerpt, false};
    const int resultWidth = std::min(QFontMetrics(resultFont).horizontalAdvance(result.text), right - left);
    const bool runs = notRunReason(variant).isEmpty();
    paintWithin(canvas, right - resultWidth, baseline, resultWidth, result.text, resultFont,
        !runs            ? theme.mutedText
            : result.bad ? theme.bad
                         : theme.text);
    int room = right - left - resultWidth - canvas.px(1.2);
    const int titleWidth =
        paintWithin(canvas, left, baseline, room, row.content.label, titleFont, runs ? theme.text : theme.mutedText);
    room -= titleWidth + canvas.px(1.1);
    if (room > canvas.px(4)) {
        const std::size_t index = row.content.variant;
        const QString note =
            index < scene.notes.size() ? scene.notes[index] : QString::fromStdString(variant.recording->note);
        paintWithin(canvas, left + titleWidth + canvas.px(1.1), baseline, room, note, noteFont, theme.mutedText);
    }
}

} // namespace timeslice
