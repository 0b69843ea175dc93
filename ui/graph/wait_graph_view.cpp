#include "ui/graph/wait_graph_view.h"

#include "core/analysis/names.h"
#include "ui/plot/format_time.h"
#include "ui/plot/row_list.h"

#include <QEvent>
#include <QFontInfo>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>
#include <utility>

namespace timeslice {

namespace {

constexpr std::size_t kMostSentences = 5;
constexpr double kTextEm = 0.92;
constexpr double kAirAboveText = 0.4; // em
/// Of a live run one thread's latest events may be known and another's not yet.
constexpr Nanos kStands = 40 * kMillisecond;

void forgetCircle(WaitGraph& graph)
{
    graph.deadlockSince.reset();
    for (auto* edges : {&graph.holds, &graph.waits}) {
        for (WaitGraph::Edge& edge : *edges) {
            edge.inCycle = false;
        }
    }
}

QRect logical(const QRectF& rect, double ratio)
{
    return QRectF(rect.left() / ratio, rect.top() / ratio, rect.width() / ratio, rect.height() / ratio).toAlignedRect();
}

} // namespace

WaitGraphView::WaitGraphView(QWidget* parent)
    : QWidget(parent)
{
    setObjectName("waitGraph");
    setAccessibleName(tr("Who waits for whom"));
    setMouseTracking(true);
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void WaitGraphView::setExploration(Exploration& exploration)
{
    m_exploration = &exploration;
    connect(m_exploration, &Exploration::pointedChanged, this, [this] {
        showMoment();
        update(); // the node
    });
}

void WaitGraphView::setTheme(const Theme& theme)
{
    m_theme = &Theme::of(theme.kind);
    update();
}

void WaitGraphView::setRun(RunPicture run)
{
    m_known.clear();
    m_graph = {};
    m_sentences.clear();
    m_boxes.clear();
    m_variant = 0;
    grow(std::move(run));
    update();
}

void WaitGraphView::grow(RunPicture run)
{
    m_run = std::move(run);
    takeIn();
    showMoment();
}

/// What the timelines have come to tell since the last time.
void WaitGraphView::takeIn()
{
    bool more = false;
    for (std::size_t v = 0; v < m_run.variants.size(); ++v) {
        const VariantPicture& variant = m_run.variants[v];
        Known& known = m_known[v];
        const Timeline* timeline = timelineOf(v);
        if (timeline == nullptr || known.whole) {
            continue;
        }
        more = known.picture.update(*timeline) || more;
        known.whole = variant.phase == VariantPicture::Phase::Ended;
    }
    const bool has =
        std::any_of(m_known.begin(), m_known.end(), [](const auto& known) { return known.second.picture.hasLocks(); });
    if (more || has != m_hasSomething) {
        m_hasSomething = has;
        m_boxes.clear();
        updateGeometry();
        update();
        emit contentChanged();
    }
}

const Timeline* WaitGraphView::timelineOf(std::size_t variant) const
{
    return variant < m_run.variants.size() && m_run.variants[variant].recording != nullptr
        ? &m_run.variants[variant].recording->timeline
        : nullptr;
}

const WaitPicture* WaitGraphView::picture() const
{
    const auto known = m_known.find(m_variant);
    return known != m_known.end() ? &known->second.picture : nullptr;
}

/// That under the pointer; the one that runs; the one that ended in a deadlock; the last in which anybody waited.
std::size_t WaitGraphView::variantToShow() const
{
    if (const auto& pointed = m_exploration != nullptr ? m_exploration->pointed() : std::nullopt) {
        if (pointed->variant < m_run.variants.size()) {
            return pointed->variant;
        }
    }
    std::size_t found = 0;
    for (std::size_t v = 0; v < m_run.variants.size(); ++v) {
        const auto known = m_known.find(v);
        const bool waited = known != m_known.end() && !known->second.picture.empty();
        if (m_run.variants[v].phase == VariantPicture::Phase::Running || (waited && m_run.variants[v].deadlock)) {
            return v;
        }
        found = waited ? v : found;
    }
    return found;
}

void WaitGraphView::showMoment()
{
    const std::size_t variant = variantToShow();
    const Timeline* timeline = timelineOf(variant);
    const auto& pointed = m_exploration != nullptr ? m_exploration->pointed() : std::nullopt;
    const std::optional<Nanos> moment =
        pointed && pointed->moment && pointed->variant == variant ? pointed->moment : std::nullopt;
    const auto known = m_known.find(variant);
    WaitGraph graph;
    if (timeline != nullptr && known != m_known.end() && !known->second.picture.empty()) {
        const Nanos t = moment ? std::min(originOf(*timeline) + *moment, timeline->end) : timeline->end;
        graph = known->second.picture.at(*timeline, t);
        const bool grows = m_run.variants[variant].phase == VariantPicture::Phase::Running;
        if (grows && graph.deadlockSince && timeline->end - *graph.deadlockSince < kStands) {
            forgetCircle(graph);
        }
    }
    if (variant == m_variant && moment == m_moment && graph == m_graph) {
        return;
    }
    if (variant != m_variant) {
        m_boxes.clear();
    }
    m_variant = variant;
    m_moment = moment;
    m_graph = std::move(graph);
    m_sentences = timeline != nullptr ? waitSentences(m_graph, *timeline) : std::vector<WaitSentence>();
    update();
}

QString WaitGraphView::momentText() const
{
    const Timeline* timeline = timelineOf(m_variant);
    if (timeline == nullptr) {
        return {};
    }
    if (m_moment && originOf(*timeline) + *m_moment < timeline->end) {
        return tr("at %1").arg(formatInstant(*m_moment, 10 * kMicrosecond));
    }
    return m_run.variants[m_variant].phase == VariantPicture::Phase::Running ? tr("now") : tr("at the end");
}

QStringList WaitGraphView::sentences() const
{
    QStringList all;
    for (const WaitSentence& sentence : m_sentences) {
        all << sentence.text;
    }
    return all;
}

// --- Sizes

Canvas WaitGraphView::canvas(QPainter* painter) const
{
    Canvas canvas;
    canvas.painter = painter;
    canvas.theme = m_theme;
    canvas.font = font();
    canvas.unit = devicePixelRatioF();
    canvas.em = QFontInfo(font()).pixelSize() * canvas.unit;
    canvas.font.setPixelSize(std::max(1, static_cast<int>(std::lround(canvas.em))));
    return canvas;
}

/// In logical pixels, as all that a layout asks for: rings of few nodes need less room than rings of many.
int WaitGraphView::graphHeight(int width) const
{
    std::size_t most = 4;
    for (const auto& [variant, known] : m_known) {
        most = std::max(most, known.picture.nodes().size());
    }
    const double em = QFontInfo(font()).pixelSize();
    const double wanted = em * (5.5 + 1.35 * static_cast<double>(std::min<std::size_t>(most, 12)));
    return static_cast<int>(std::min(wanted, std::max(em * 10, 0.95 * width)));
}

/// As much as the sentences can ever need, so that what is below does not jump.
int WaitGraphView::textHeight(int width) const
{
    std::size_t threads = 0;
    int lines = 1;
    const Canvas measure = canvas(nullptr);
    const QFontMetrics metrics(scaledFont(measure, kTextEm));
    const double ratio = measure.unit;
    for (const auto& [variant, known] : m_known) {
        const Timeline* timeline = timelineOf(variant);
        if (timeline == nullptr) {
            continue;
        }
        QString thread;
        QString lock;
        for (const WaitNode& node : known.picture.nodes()) {
            const bool isThread = node.kind == WaitNode::Kind::Thread;
            const QString name =
                QString::fromStdString(isThread ? threadName(*timeline, node.index) : lockName(*timeline, node.index));
            QString& longest = isThread ? thread : lock;
            longest = name.size() > longest.size() ? name : longest;
        }
        const QString longest = QStringLiteral("%1 holds %2, waits for %2 from 8888.8 ms on").arg(thread, lock);
        const QRect room(0, 0, static_cast<int>(width * ratio), 1 << 20);
        lines = std::max(
            lines, metrics.boundingRect(room, Qt::TextWordWrap, longest).height() / std::max(1, metrics.lineSpacing()));
        threads = std::max(threads, known.picture.threads());
    }
    const auto kept = static_cast<int>(std::min(threads, kMostSentences));
    return static_cast<int>(std::ceil(kept * (lines * metrics.lineSpacing() + measure.px(0.25)) / ratio));
}

int WaitGraphView::heightForWidth(int width) const
{
    const Canvas measure = canvas(nullptr);
    const int line = static_cast<int>(std::ceil(QFontMetrics(scaledFont(measure, kTextEm)).height() / measure.unit));
    const int air = static_cast<int>(std::ceil(measure.px(kAirAboveText) / measure.unit));
    return 2 * line + air + graphHeight(width) + textHeight(width);
}

QSize WaitGraphView::sizeHint() const
{
    constexpr int kWidth = 232;
    return {kWidth, heightForWidth(kWidth)};
}

void WaitGraphView::plan()
{
    const Timeline* timeline = timelineOf(m_variant);
    const WaitPicture* shown = picture();
    m_boxes.clear();
    if (timeline == nullptr || shown == nullptr || shown->empty()) {
        return;
    }
    const Canvas measure = canvas(nullptr);
    const double ratio = measure.unit;
    const double line = QFontMetrics(scaledFont(measure, kTextEm)).height();
    const double air = measure.px(0.4);
    const QRectF room(0, line, width() * ratio, graphHeight(width()) * ratio);
    m_boxes = planWaitBoxes(measure, *shown, *timeline, room.adjusted(air, air, -air, -air));
}

// --- Painting

bool WaitGraphView::event(QEvent* event)
{
    switch (event->type()) {
    case QEvent::FontChange:
    case QEvent::StyleChange:
    case QEvent::ScreenChangeInternal:
        m_boxes.clear();
        updateGeometry();
        update();
        break;
    default:
        break;
    }
    return QWidget::event(event);
}

void WaitGraphView::resizeEvent(QResizeEvent*)
{
    m_boxes.clear();
}

void WaitGraphView::paintEvent(QPaintEvent*)
{
    const Timeline* timeline = timelineOf(m_variant);
    if (timeline == nullptr) {
        return;
    }
    if (m_boxes.empty()) {
        plan();
    }
    QPainter painter(this);
    const double ratio = devicePixelRatioF();
    painter.scale(1 / ratio, 1 / ratio);
    const Canvas surface = canvas(&painter);
    const QFont font = scaledFont(surface, kTextEm);
    const int line = QFontMetrics(font).height();
    const int across = static_cast<int>(width() * ratio);
    QRect top(0, 0, across, line);
    QString told = m_run.variants.size() > 1
        ? QString::fromStdString(m_run.variants[m_variant].recording->title) + QStringLiteral(" · ") + momentText()
        : momentText();
    if (const WaitPicture* shown = picture(); shown != nullptr && shown->omitted() > 0) {
        told += tr(" · %1 more not shown").arg(shown->omitted());
    }
    paintText(surface, top, Qt::AlignLeft | Qt::AlignVCenter, told, font, m_theme->mutedText);
    const ThreadColors colors = threadColors(m_run.variants)[m_variant];
    paintWaitGraph(surface, {m_boxes, m_graph, *timeline, colors, pointedNode()});
    const int below = line + static_cast<int>(graphHeight(width()) * ratio);
    const int text = below + line + surface.px(kAirAboveText);
    paintWaitKey(surface, QRect(0, below, across, line), kTextEm);
    paintSentences(surface, QRect(0, text, across, static_cast<int>(height() * ratio) - text));
}

void WaitGraphView::paintSentences(const Canvas& canvas, QRect room) const
{
    std::vector<WaitSentence> told(m_sentences.begin(),
        m_sentences.begin() + static_cast<std::ptrdiff_t>(std::min(m_sentences.size(), kMostSentences)));
    if (m_sentences.size() > kMostSentences) {
        told.back() = {tr("and %1 more wait").arg(m_sentences.size() - kMostSentences + 1), false};
    }
    const bool over = m_run.variants[m_variant].phase == VariantPicture::Phase::Ended;
    const bool hint = told.empty() && over && !m_moment;
    if (hint) {
        told.push_back({tr("Point at a moment in the timeline to see who waited then."), false});
    }
    const QFont font = scaledFont(canvas, kTextEm);
    const QFontMetrics metrics(font);
    const int gap = canvas.px(0.25);
    std::vector<int> heights;
    int needed = 0;
    for (const WaitSentence& sentence : told) {
        heights.push_back(metrics.boundingRect(room, Qt::TextWordWrap, sentence.text).height() + gap);
        needed += heights.back();
    }
    if (needed - gap > room.height()) {
        return;
    }
    QPainter& painter = *canvas.painter;
    painter.setFont(font);
    for (std::size_t i = 0; i < told.size(); ++i) {
        painter.setPen(told[i].inCycle ? m_theme->bad : hint ? m_theme->mutedText : m_theme->text);
        painter.drawText(room, Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap, told[i].text);
        room.setTop(room.top() + heights[i]);
    }
}

// --- Pointing

std::optional<WaitNode> WaitGraphView::pointedNode() const
{
    const auto& pointed = m_exploration != nullptr ? m_exploration->pointed() : std::nullopt;
    if (!pointed || !pointed->track || pointed->variant != m_variant || pointed->track->row == SliceRef::Row::Core) {
        return std::nullopt;
    }
    return WaitNode{pointed->track->row == SliceRef::Row::Thread ? WaitNode::Kind::Thread : WaitNode::Kind::Lock,
        static_cast<std::uint32_t>(pointed->track->index)};
}

void WaitGraphView::mouseMoveEvent(QMouseEvent* event)
{
    if (m_exploration == nullptr) {
        return;
    }
    const double ratio = devicePixelRatioF();
    const auto under = std::find_if(m_boxes.begin(), m_boxes.end(),
        [&](const WaitBox& box) { return logical(box.rect, ratio).contains(event->position().toPoint()); });
    m_pointing = under != m_boxes.end();
    setToolTip(m_pointing ? under->name : QString());
    if (!m_pointing) {
        m_exploration->point(std::nullopt);
        return;
    }
    const bool thread = under->node.kind == WaitNode::Kind::Thread;
    m_exploration->point(Pointed{m_variant, std::nullopt,
        Pointed::Track{thread ? SliceRef::Row::Thread : SliceRef::Row::Lock, under->node.index}});
}

void WaitGraphView::leaveEvent(QEvent*)
{
    if (m_exploration != nullptr && std::exchange(m_pointing, false)) {
        m_exploration->point(std::nullopt);
    }
}

} // namespace timeslice
