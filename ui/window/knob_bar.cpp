#include "ui/window/knob_bar.h"

#include "core/base/duration_text.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/flow_layout.h"
#include "ui/window/python_chooser.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSpinBox>
#include <algorithm>
#include <cmath>

namespace timeslice {

namespace {

/// "5ms" as people write it: "5 ms".
QString spaced(const std::string& value)
{
    const auto duration = parseDurationText(value);
    return QString::fromStdString(duration ? toDurationText(*duration, " ") : value);
}

/// As scenario files write it; what is no duration is passed on for setKnob() to refuse.
std::string compact(const QString& value)
{
    const std::string text = QString(value).replace(QChar(0xA0), ' ').trimmed().toStdString();
    const auto duration = parseDurationText(text);
    return duration ? toDurationText(*duration) : text;
}

QString explain(const Knob& knob)
{
    const QString label = QString::fromStdString(knob.label);
    const QString unit = knob.unit.empty() ? QString() : ' ' + QString::fromStdString(knob.unit);
    const auto duration = [](double ns) { return QString::fromStdString(toDurationText(static_cast<Nanos>(ns), " ")); };
    switch (knob.type) {
    case Knob::Type::Integer:
        return KnobBar::tr("%1: %2 to %3%4").arg(label).arg(knob.minimum).arg(knob.maximum).arg(unit);
    case Knob::Type::Duration:
        return knob.maximum > knob.minimum
            ? KnobBar::tr("%1: %2 to %3").arg(label, duration(knob.minimum), duration(knob.maximum))
            : label;
    case Knob::Type::Choice:
    case Knob::Type::Toggle:
        return label;
    case Knob::Type::Jobs:
        return KnobBar::tr("%1: a table, which can be edited below").arg(label);
    }
    return label;
}

} // namespace

KnobBar::KnobBar(QWidget* parent)
    : QWidget(parent)
    , m_flow(new FlowLayout(this, 20, 6))
    , m_python(new PythonChooser(this))
{
    m_python->hide();
    setObjectName("knobBar");
    setProperty("role", "strip");
    setAttribute(Qt::WA_StyledBackground);
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Preferred);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void KnobBar::showScenario(const Scenario& scenario)
{
    while (QLayoutItem* item = m_flow->takeAt(0)) {
        if (QWidget* widget = item->widget(); widget != nullptr && widget != m_python) {
            widget->hide();
            widget->setParent(nullptr);
            widget->deleteLater();
        }
        delete item;
    }
    m_fields.clear();
    m_reset = nullptr;
    m_scenario = scenario;
    for (const Knob& knob : m_scenario.knobs) {
        auto* group = new QWidget(this);
        auto* row = new QHBoxLayout(group);
        row->setContentsMargins(0, 0, 0, 0);
        row->setSpacing(8);
        QWidget* field = makeField(knob);
        field->setObjectName("knob-" + QString::fromStdString(knob.id));
        field->installEventFilter(this);
        field->setToolTip(explain(knob));
        field->setAccessibleName(QString::fromStdString(knob.label));
        field->setAccessibleDescription(explain(knob));
        if (knob.type != Knob::Type::Toggle) {
            auto* label = new ElidedLabel(group); // rather than wider than there is room
            label->setText(QString::fromStdString(knob.label));
            label->setProperty("role", "muted");
            label->setBuddy(field);
            row->addWidget(label);
        }
        row->addWidget(field);
        m_fields[knob.id] = field;
        m_flow->addWidget(group);
        group->show();
        showValue(knob);
    }
    const bool python = std::any_of(m_scenario.variants.begin(), m_scenario.variants.end(),
        [](const VariantSpec& variant) { return variant.engine == Engine::CPython; });
    m_python->setVisible(python);
    if (python) {
        m_flow->addWidget(m_python);
    }
    m_reset = new QPushButton(tr("Reset"), this);
    m_reset->setObjectName("resetKnobs");
    m_reset->setProperty("role", "plain");
    m_reset->setAutoDefault(true);
    m_reset->setToolTip(tr("Back to the values that the scenario comes with"));
    m_reset->setAccessibleName(tr("Reset the settings of this scenario"));
    connect(m_reset, &QPushButton::clicked, this, [this] {
        for (const Knob& knob : m_scenario.knobs) {
            offer(knob.id, knob.initial);
        }
    });
    m_flow->addWidget(m_reset);
    m_hasSomething = !m_scenario.knobs.empty() || python;
    setVisible(m_hasSomething);
    setLocked(m_locked);
    updateReset();
    updateGeometry();
}

QWidget* KnobBar::makeField(const Knob& knob)
{
    const std::string id = knob.id;
    switch (knob.type) {
    case Knob::Type::Integer: {
        auto* box = new QSpinBox;
        box->setRange(static_cast<int>(std::lround(knob.minimum)), static_cast<int>(std::lround(knob.maximum)));
        box->setSingleStep(std::max(1, static_cast<int>(std::lround(knob.step))));
        box->setGroupSeparatorShown(knob.maximum >= 10'000);
        if (!knob.unit.empty()) {
            box->setSuffix(QChar(0xA0) + QString::fromStdString(knob.unit));
        }
        box->setKeyboardTracking(false);
        connect(box, &QSpinBox::valueChanged, this, [this, id](int value) { offer(id, std::to_string(value)); });
        return box;
    }
    case Knob::Type::Duration: {
        auto* box = new QComboBox;
        box->setEditable(true);
        box->setInsertPolicy(QComboBox::NoInsert);
        for (const std::string& choice : knob.choices) {
            box->addItem(spaced(choice));
        }
        box->setMinimumContentsLength(6);
        box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
        box->lineEdit()->setAccessibleName(QString::fromStdString(knob.label));
        const auto commit = [this, id, box] { offer(id, compact(box->currentText())); };
        connect(box, &QComboBox::activated, this, commit);
        connect(box, &QComboBox::activated, this, &KnobBar::left);
        connect(box->lineEdit(), &QLineEdit::returnPressed, this, &KnobBar::left);
        connect(box->lineEdit(), &QLineEdit::editingFinished, this, commit);
        return box;
    }
    case Knob::Type::Choice:
    case Knob::Type::Jobs: {
        auto* box = new QComboBox;
        for (const std::string& choice : knob.choices) {
            box->addItem(QString::fromStdString(choice));
        }
        box->setMinimumContentsLength(6);
        box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
        const auto named = static_cast<int>(knob.choices.size()); // behind them stands what has been edited
        connect(box, &QComboBox::activated, this, [this, id, box, named](int index) {
            if (index < named) {
                offer(id, box->currentText().toStdString());
            }
        });
        return box;
    }
    case Knob::Type::Toggle: {
        auto* box = new QCheckBox(QString::fromStdString(knob.label));
        connect(box, &QCheckBox::toggled, this, [this, id](bool on) { offer(id, on ? "true" : "false"); });
        return box;
    }
    }
    return nullptr;
}

bool KnobBar::eventFilter(QObject* watched, QEvent* event)
{
    // Space starts the run from here, too: a number has none in it, a duration only while it is being typed ("5 ms").
    if (event->type() == QEvent::ShortcutOverride && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Space) {
        const auto* combo = qobject_cast<QComboBox*>(watched);
        if (combo == nullptr || !combo->isEditable() || !combo->lineEdit()->isModified()) {
            event->ignore();
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

void KnobBar::offer(const std::string& id, const std::string& value)
{
    const auto knob = std::find_if(
        m_scenario.knobs.begin(), m_scenario.knobs.end(), [&](const Knob& candidate) { return candidate.id == id; });
    if (knob == m_scenario.knobs.end() || value == knobValue(m_scenario, id)) {
        return;
    }
    if (const auto set = setKnob(m_scenario, id, value); !set) {
        showValue(*knob);
        emit refused(QString::fromStdString(set.error().message));
        return;
    }
    showValue(*knob);
    updateReset();
    emit changed(id, value);
}

void KnobBar::showValue(const Knob& knob)
{
    QWidget* field = m_fields[knob.id];
    const QSignalBlocker blocker(field);
    const std::string value = knobValue(m_scenario, knob.id);
    if (auto* spin = qobject_cast<QSpinBox*>(field)) {
        spin->setValue(QString::fromStdString(value).toInt());
    } else if (auto* check = qobject_cast<QCheckBox*>(field)) {
        check->setChecked(value == "true");
    } else if (auto* combo = qobject_cast<QComboBox*>(field)) {
        const QString shown = knob.type == Knob::Type::Duration ? spaced(value) : QString::fromStdString(value);
        if (knob.type == Knob::Type::Jobs) {
            const auto named = static_cast<int>(knob.choices.size());
            const bool edited = combo->findText(shown) < 0 || combo->findText(shown) >= named;
            if (edited && combo->count() == named) {
                combo->addItem(tr("edited"));
            } else if (!edited && combo->count() > named) {
                combo->removeItem(named);
            }
            combo->setCurrentIndex(edited ? named : combo->findText(shown));
            return;
        }
        combo->setCurrentIndex(combo->findText(shown));
        if (combo->isEditable()) {
            combo->setEditText(shown);
        }
    }
}

void KnobBar::setLocked(bool locked)
{
    m_locked = locked;
    for (const auto& [id, field] : m_fields) {
        field->setEnabled(!locked);
    }
    m_python->setEnabled(!locked);
    updateReset();
}

void KnobBar::updateReset()
{
    if (m_reset == nullptr) {
        return;
    }
    const bool changed = std::any_of(m_scenario.knobs.begin(), m_scenario.knobs.end(),
        [&](const Knob& knob) { return knobValue(m_scenario, knob.id) != knob.initial; });
    m_reset->setVisible(changed);
    m_reset->setEnabled(!m_locked);
    m_flow->invalidate();
}

} // namespace timeslice
