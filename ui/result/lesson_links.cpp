#include "ui/result/lesson_links.h"

#include "core/scenario/lesson_links.h"

#include <string>

namespace timeslice {

QString withLessonLinks(
    const QString& text, const std::function<QString(const QString& id)>& title, const QColor& color)
{
    const std::string utf8 = text.toStdString();
    QString rich;
    std::size_t done = 0;
    const auto plainUntil = [&](std::size_t end) {
        rich += QString::fromStdString(utf8.substr(done, end - done)).toHtmlEscaped();
    };
    for (const LessonLink& link : lessonLinks(utf8)) {
        const QString id = QString::fromStdString(link.id);
        const QString called = title ? title(id) : QString();
        plainUntil(link.offset);
        rich += called.isEmpty() ? id
                                 : QStringLiteral("<a href=\"%1\" style=\"color:%2;text-decoration:none\">“%3”</a>")
                                       .arg(id, color.name(), called.toHtmlEscaped());
        done = link.offset + link.length;
    }
    plainUntil(utf8.size());
    return rich.replace(u'\n', QStringLiteral("<br>"));
}

} // namespace timeslice
