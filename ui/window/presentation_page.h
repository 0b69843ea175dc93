// PresentationPage: the same run for the last row of a lecture hall: title, question, thick tracks, one large number.
#pragma once

#include "core/analysis/report.h"
#include "ui/course/lesson_book.h"
#include "ui/plot/state_signs.h"
#include "ui/theme/theme.h"

#include <QWidget>
#include <optional>

class QLabel;
class QVBoxLayout;

namespace timeslice {

class ChoicesBoard;
class ElidedLabel;
class HeadlineLabel;
class LegendStrip;

class PresentationPage : public QWidget {
    Q_OBJECT
public:
    explicit PresentationPage(QWidget* parent = nullptr);

    void setTheme(const Theme& theme);
    /// Takes the timeline in, or (null) has none.
    void setTimeline(QWidget* timeline);
    /// `choices`: the predictions, for the class to vote on before the run.
    /// `definition`: what a beginner cannot know; shown until the picture needs the room.
    void showScenario(const QString& title, const QString& question, const QString& definition, const QString& place,
        const QStringList& choices);
    /// `lesson`: what the class has said; null: a recording, or nothing. `asking`: the class, in the place of the run.
    void showRun(const RunModel* model, const Lesson* lesson, const MachineFacts& machine, bool asking);
    void showSigns(std::optional<SignContents> contents); ///< what of them is in the picture; none: it is no timeline
    /// Of everything that is not larger: 1/36 of the window's height.
    double fontPoints() const;

signals:
    void chosen(std::size_t choice);
    void handsChanged(std::size_t choice, int hands);
    void fontPointsChanged(double points);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    /// So many of the sentences as leave the picture its room; the first in any case.
    QString fitting() const;
    /// What the type was set for.
    struct Applied {
        int height = 0;
        const Theme* theme = nullptr;
        bool measured = true;
        friend bool operator==(const Applied&, const Applied&) = default;
    };
    void applySizes();

    Applied m_applied;
    ElidedLabel* m_title;
    QLabel* m_place;
    QLabel* m_question;
    QVBoxLayout* m_slot;
    QWidget* m_timeline = nullptr;
    ChoicesBoard* m_board;
    LegendStrip* m_legend;
    HeadlineLabel* m_headline;
    QLabel* m_caption;
    QLabel* m_sentence;
    QLabel* m_source;
    ElidedLabel* m_facts;
    QStringList m_choices;
    QString m_asked;
    QStringList m_sentences; ///< of the answer
    QString m_definition;
    const Theme* m_theme = &Theme::light();
};

} // namespace timeslice
