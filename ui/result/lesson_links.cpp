#include "ui/result/lesson_links.h"

#include <QRegularExpression>

namespace timeslice {

QString withLessonLinks(
    const QString& text, const std::function<QString(const QString& id)>& title, const QColor& color)
{
    static const QRegularExpression kLesson(QStringLiteral("lesson:([a-z0-9]+(?:-[a-z0-9]+)*)"));
    QString rich;
    qsizetype done = 0;
    for (auto matches = kLesson.globalMatch(text); matches.hasNext();) {
        const QRegularExpressionMatch match = matches.next();
        const QString id = match.captured(1);
        const QString called = title ? title(id) : QString();
        rich += text.mid(done, match.capturedStart() - done).toHtmlEscaped();
        rich += called.isEmpty() ? id
                                 : QStringLiteral("<a href=\"%1\" style=\"color:%2;text-decoration:none\">“%3”</a>")
                                       .arg(id, color.name(), called.toHtmlEscaped());
        done = match.capturedEnd();
    }
    rich += text.mid(done).toHtmlEscaped();
    return rich.replace(u'\n', QStringLiteral("<br>"));
}

} // namespace timeslice
