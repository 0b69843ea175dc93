// KnobBar: what the viewer may set before a run, one field per knob of the scenario.
#pragma once

#include "core/scenario/scenario.h"

#include <QWidget>
#include <map>

class QPushButton;

namespace timeslice {

class FlowLayout;
class PythonChooser;

/// Fields are rebuilt for each scenario. A value goes through setKnob() of the copy that the bar holds; what it
/// refuses is shown beside the field and taken back.
class KnobBar : public QWidget {
    Q_OBJECT
public:
    explicit KnobBar(QWidget* parent = nullptr);

    /// Hides itself if the scenario has no knobs.
    void showScenario(const Scenario& scenario);
    /// As if the viewer had set it there.
    void set(const std::string& id, const std::string& value) { offer(id, value); }
    void setLocked(bool locked);
    bool hasSomething() const noexcept { return m_hasSomething; } ///< there is something to set
    PythonChooser& python() { return *m_python; }

signals:
    /// A valid new value, as written in scenario files.
    void changed(const std::string& id, const std::string& value);
    /// `message` says why a value was refused.
    void refused(const QString& message);
    /// A value was typed to its end or picked from a list: the keyboard is wanted elsewhere.
    void left();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QWidget* makeField(const Knob& knob);
    void offer(const std::string& id, const std::string& value);
    void showValue(const Knob& knob);
    void updateReset();

    Scenario m_scenario;
    FlowLayout* m_flow;
    std::map<std::string, QWidget*> m_fields;
    PythonChooser* m_python; ///< shown where the scenario runs scripts
    QPushButton* m_reset = nullptr;
    bool m_hasSomething = false;
    bool m_locked = false;
};

} // namespace timeslice
