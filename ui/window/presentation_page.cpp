#include "ui/window/presentation_page.h"

#include "ui/result/legend_strip.h"
#include "ui/result/lock_facts.h"
#include "ui/result/outcome.h"
#include "ui/result/trust.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/headline_label.h"
#include "ui/widgets/wrapped_label.h"
#include "ui/window/choices_board.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QRegularExpression>
#include <QVBoxLayout>
#include <algorithm>

namespace timeslice {

namespace {

/// Type is set in parts of the window's height, so that it reads the same from afar on every projector.
constexpr double kText = 1.0 / 36;
constexpr double kTitle = 1.0 / 20;
constexpr double kQuestion = 1.0 / 32;
constexpr double kHeadline = 1.0 / 10;
constexpr double kCaption = 1.0 / 27;
constexpr double kPageMargin = 1.0 / 28;
constexpr int kAnswerSpacing = 32; // pixels

void setType(QLabel* label, double pixels, bool bold, const QColor& color)
{
    label->setStyleSheet(QStringLiteral("font-size: %1px; font-weight: %2; color: %3;")
                             .arg(std::max(10, static_cast<int>(pixels)))
                             .arg(bold ? 700 : 400)
                             .arg(color.name()));
}

} // namespace

PresentationPage::PresentationPage(QWidget* parent)
    : QWidget(parent)
    , m_title(new ElidedLabel(this))
    , m_place(new QLabel(this))
    , m_question(new WrappedLabel(this))
    , m_slot(new QVBoxLayout)
    , m_board(new ChoicesBoard(this))
    , m_legend(new LegendStrip(this))
    , m_headline(new HeadlineLabel(this))
    , m_caption(new WrappedLabel(this))
    , m_sentence(new WrappedLabel(this))
    , m_source(new QLabel(this))
    , m_facts(new ElidedLabel(this))
{
    setObjectName("presentation");
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_StyledBackground);
    m_headline->setObjectName("presentationHeadline");
    m_question->setObjectName("presentationQuestion");
    auto* top = new QHBoxLayout;
    top->setSpacing(24);
    top->addWidget(m_title, 1);
    top->addWidget(m_place, 0, Qt::AlignBottom);
    auto* words = new QVBoxLayout;
    words->setSpacing(4);
    words->addStretch(1);
    words->addWidget(m_caption);
    words->addWidget(m_sentence);
    words->addStretch(1);
    auto* answer = new QHBoxLayout;
    answer->setSpacing(kAnswerSpacing);
    answer->addWidget(m_headline, 0, Qt::AlignVCenter);
    answer->addLayout(words, 1);
    auto* foot = new QHBoxLayout;
    foot->setSpacing(12);
    foot->addWidget(m_source);
    foot->addWidget(m_facts, 1);
    auto* layout = new QVBoxLayout(this);
    layout->addLayout(top);
    layout->addWidget(m_question);
    layout->addLayout(m_slot, 1);
    layout->addWidget(m_board, 1);
    layout->addWidget(m_legend);
    layout->addLayout(answer);
    layout->addLayout(foot);
    connect(m_board, &ChoicesBoard::chosen, this, &PresentationPage::chosen);
    connect(m_board, &ChoicesBoard::handsChanged, this, &PresentationPage::handsChanged);
}

void PresentationPage::setTheme(const Theme& theme)
{
    m_theme = &theme;
    m_board->setTheme(theme);
    m_legend->setTheme(theme);
    applySizes();
}

void PresentationPage::setTimeline(QWidget* timeline)
{
    m_timeline = timeline;
    if (timeline != nullptr) {
        m_slot->addWidget(timeline);
        timeline->show();
    }
}

void PresentationPage::showScenario(const QString& title, const QString& question, const QString& definition,
    const QString& place, const QStringList& choices)
{
    m_asked = question;
    m_definition = definition;
    m_choices = choices;
    m_board->setChoices(choices);
    m_title->setText(title);
    m_question->setText(question);
    m_question->setVisible(!question.isEmpty());
    m_place->setText(place);
}

void PresentationPage::showRun(const RunModel* run, const Lesson* lesson, const MachineFacts& machine, bool asking)
{
    const auto prediction = lesson != nullptr ? lesson->prediction : std::nullopt;
    const bool steps = lesson != nullptr && traitsOf(lesson->scenario.view).stepsThreads;
    const RunModel* model = asking ? nullptr : run; // the answer is not to be seen beside the question
    const Outcome outcome = outcomeOf(model);
    m_board->setEnabled(run == nullptr); // the class has said what it had to say; another choice would forget the run
    m_board->setVisible(asking);
    m_question->setText(asking && !m_definition.isEmpty() ? m_asked + u'\n' + m_definition : m_asked);
    m_board->setChosen(prediction);
    m_board->setHands(lesson != nullptr ? lesson->hands : std::vector<int>());
    if (m_timeline != nullptr) {
        m_timeline->setVisible(!asking);
    }
    const bool none = outcome.kind == Outcome::Kind::NotRun;
    m_headline->setVisible(!outcome.headline.isEmpty());
    m_headline->setText(outcome.headline);
    m_headline->updateGeometry(); // the sentence stands beside it
    m_headline->setColor(outcome.kind == Outcome::Kind::NotVisible ? m_theme->mutedText : QColor());
    const bool exception = outcome.kind == Outcome::Kind::NotVisible || outcome.kind == Outcome::Kind::Stopped
        || outcome.kind == Outcome::Kind::Failed;
    // The projector has no room for the panel's heading: what is no plain answer says so in the caption.
    QString caption = outcome.caption;
    if (exception) {
        const QString heading = outcome.heading.left(1) + outcome.heading.mid(1).toLower();
        const bool said = outcome.sentence.startsWith(heading, Qt::CaseInsensitive); // by the sentence below
        caption = said && !caption.isEmpty() ? caption
            : caption.isEmpty()              ? heading
                                             : heading + QStringLiteral(" · ") + caption;
    }
    m_caption->setText(!none ? caption : asking || steps ? QString() : tr("Press Space."));
    m_caption->setVisible(!m_caption->text().isEmpty());
    QStringList sentences;
    if (model != nullptr) {
        if (const QString score = scoreHands(*model, lesson != nullptr ? lesson->hands : std::vector<int>());
            !score.isEmpty()) {
            sentences << score;
        } else if (const auto said = scorePrediction(*model, prediction, tr("The class"))) {
            sentences << (!said->right
                    ? said->said
                    : said->said.chopped(1) + (*said->right ? tr(" and was right.") : tr(" and was wrong.")));
        }
    }
    static const QRegularExpression between(QStringLiteral("(?<=[.!?]) "));
    // Who had the cores is in the panel; here the picture needs the room.
    sentences << (outcome.inBrief.isEmpty() ? outcome.sentence : outcome.inBrief).split(between, Qt::SkipEmptyParts);
    m_sentences = none ? QStringList() : sentences;
    m_sentence->setVisible(!m_sentences.isEmpty());

    const SourceText source = model != nullptr ? describeSource(*model) : SourceText();
    m_source->setVisible(!source.word.isEmpty());
    m_source->setText((source.measured ? QStringLiteral("● ") : QStringLiteral("○ ")) + source.word);
    m_source->setProperty("measured", source.measured);
    QStringList facts{source.exception, describeMachine(machine)};
    if (model != nullptr && model->finished()) {
        facts << gilLine(model->report());
    }
    if (source.lossy) {
        facts << tr("events were lost");
    }
    facts.removeAll(QString());
    m_facts->setText(facts.join(QStringLiteral(" · ")));
    applySizes();
    m_sentence->setText(fitting());
}

QString PresentationPage::fitting() const
{
    constexpr int kMostLines = 3;
    QFont font = m_sentence->font();
    font.setPixelSize(std::max(10, static_cast<int>(height() * kQuestion)));
    const QFontMetrics metrics(font);
    const int margins = static_cast<int>(height() * kPageMargin) * 3;
    const int headline = m_headline->isVisibleTo(this)
        ? std::min(m_headline->sizeHint().width(), m_headline->maximumWidth()) + kAnswerSpacing
        : 0;
    const QRect room(0, 0, std::max(1, width() - margins - headline), 1 << 20);
    QString text;
    for (const QString& sentence : m_sentences) {
        const QString longer = text.isEmpty() ? sentence : text + u' ' + sentence;
        const int lines = metrics.boundingRect(room, Qt::TextWordWrap, longer).height() / metrics.lineSpacing();
        if (lines > kMostLines && !text.isEmpty()) {
            break;
        }
        text = longer;
    }
    return text;
}

void PresentationPage::showSigns(std::optional<SignContents> contents)
{
    m_legend->setVisible(contents.has_value());
    if (contents) {
        contents->cpu = false; // few thick rows
        m_legend->setContents(*contents);
    }
}

double PresentationPage::fontPoints() const
{
    return std::max(10.0, height() * kText) * 72 / logicalDpiY();
}

void PresentationPage::applySizes()
{
    const double h = height();
    const bool measured = m_source->property("measured").toBool();
    const Applied now{height(), m_theme, measured};
    if (now == m_applied) {
        return; // styling is costly, and figures come in several times a second
    }
    m_applied = now;
    setType(m_title, h * kTitle, true, m_theme->text);
    setType(m_place, h * kText, false, m_theme->mutedText);
    m_board->setPageHeight(height());
    m_legend->setPixelSize(static_cast<int>(h * kText));
    setType(m_question, h * kQuestion, false, m_theme->mutedText);
    setType(m_caption, h * kCaption, true, m_theme->text);
    setType(m_sentence, h * kQuestion, false, m_theme->mutedText);
    setType(m_source, h * kText, true, measured ? m_theme->good : m_theme->warning);
    setType(m_facts, h * kText, false, m_theme->mutedText);
    m_headline->setPixelSize(static_cast<int>(h * kHeadline));
    m_headline->setMaximumWidth(width() * 45 / 100);
    const int margin = static_cast<int>(h * kPageMargin);
    layout()->setContentsMargins(margin * 3 / 2, margin, margin * 3 / 2, margin / 2);
    layout()->setSpacing(margin / 4);
}

void PresentationPage::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    applySizes();
    m_sentence->setText(fitting());
    emit fontPointsChanged(fontPoints());
}

} // namespace timeslice
