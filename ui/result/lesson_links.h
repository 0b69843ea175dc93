// Texts that point to another lesson: "lesson:gil-io" in a scenario's why.
#pragma once

#include <QColor>
#include <QString>
#include <functional>

namespace timeslice {

/// The text as rich text, in which each "lesson:ID" is a link in `color` that reads as the lesson's title in quotes and
/// leads to its id. Where there is no such lesson, the id stands there as it is. Line breaks are kept.
QString withLessonLinks(
    const QString& text, const std::function<QString(const QString& id)>& title, const QColor& color);

} // namespace timeslice
