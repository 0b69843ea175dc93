// Stepper: a lesson's threads, whose next step the viewer chooses; without widgets.
//
//   taken      the steps that are asked for: those of `wanted`; the threads follow within microseconds
//   ahead      an order that next() goes along: one that was found or replayed, or what was undone
//
// The threads are those of a Stepping, one for the way (a variant of the scenario) that is looked at: a worker's or a
// script's. It is made when the first step is asked for, of a script when it is chosen, and is gone with the lesson;
// the order is kept, and when the lesson comes back, other threads take the same steps.
#pragma once

#include "core/session/stepping.h"

#include <QObject>
#include <QString>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

class QSocketNotifier;

namespace timeslice {

/// Belongs to the UI thread.
class Stepper : public QObject {
    Q_OBJECT
public:
    /// One of the lesson's variants.
    struct Way {
        QString title;
        VariantSpec variant;
        SteppedSpec spec;
        std::vector<StepText> texts; ///< of a script, once it has told: what each thread's steps are
        std::optional<SteppingOutcomes> outcomes; ///< once all orders were run
    };

    /// How to run a script. Nothing: not now; if the viewer, who is asked, agrees, `then` is called.
    using MayRun = std::function<std::optional<RunOptions>(std::function<void()> then)>;

    explicit Stepper(QObject* parent = nullptr);
    ~Stepper() override;

    /// Asked before a script's threads are made. Unset: they may be.
    void setMayRun(MayRun mayRun) { m_mayRun = std::move(mayRun); }

    /// Takes the scenario's variants that can be stepped; null: none. What has not changed stays as it is, or comes
    /// back as it was left.
    void show(const Scenario* scenario);
    const std::vector<Way>& ways() const noexcept { return m_ways; } ///< empty: there is nothing to step
    std::size_t way() const noexcept { return m_way; }
    /// Of a script, its threads are made at once: it is they who tell what its steps are.
    void chooseWay(std::size_t way);

    // Of the way that is looked at; there must be one.

    bool isScript() const { return isPython(m_ways[m_way].variant.engine); }
    /// What a script calls the thread's next step; null: nothing more is known than state() says.
    const StepText* nextText(std::size_t thread) const;

    const SteppedSpec& spec() const { return m_ways[m_way].spec; }
    const Schedule& wanted() const noexcept { return m_wanted; }
    /// Where the model is after wanted(): what may be chosen next.
    StepState state() const;
    /// What the threads have told: all of wanted() as soon as they are there.
    const std::vector<StepTaken>& history() const noexcept { return m_history; }
    /// The thread that next() takes a step of; nothing: all have ended.
    std::optional<std::size_t> chosen() const;
    /// Chooses the next (1) or the previous (-1) of those that may take a step.
    void choose(int direction);

    /// Nothing happens where it may not.
    void take(std::size_t thread);
    bool canGoBack() const noexcept { return !m_wanted.empty(); }
    /// A step further, a step back. False: there is none.
    bool next();
    bool back();
    void restart();
    /// Puts an order ahead that loses an update, at its beginning. False: there is none.
    bool findLoss();
    /// Runs every order on the threads.
    void runAll();
    /// How many of how many are run; nothing: none is being run.
    std::optional<SteppingOutcomes> progress() const { return m_progress; }
    /// Puts an order ahead that really ended with this value, at its beginning: at each call the next of them.
    void replay(std::size_t way, std::int64_t value);
    bool followsAnOrder() const noexcept { return m_wanted.size() < m_ahead.size(); }
    /// What went wrong; the threads are started anew at the next step.
    const QString& problem() const noexcept { return m_problem; }

signals:
    void waysChanged(); ///< and whatever else
    void changed();

private:
    /// A lesson's, while another is shown.
    struct Left {
        std::vector<Way> ways;
        std::size_t way = 0;
        Schedule wanted;
        Schedule ahead;
    };
    void leave();
    void begin(Schedule wanted);
    void go();
    bool ready(std::function<void()> then);
    void onReadable();
    void letGo();

    MayRun m_mayRun;
    std::string m_lesson; ///< the scenario's id
    std::map<std::string, Left> m_left;
    Limits m_limits;
    std::vector<Way> m_ways;
    std::size_t m_way = 0;
    Schedule m_wanted;
    Schedule m_ahead; ///< wanted() is a part of it, from the beginning, or it is empty
    std::size_t m_chosen = 0;
    std::vector<StepTaken> m_history;
    std::map<std::pair<std::size_t, std::int64_t>, std::size_t> m_replayed; ///< by way and value: the next order
    std::optional<SteppingOutcomes> m_progress;
    QString m_problem;
    std::unique_ptr<Stepping> m_stepping; ///< null: not begun, or gone
    std::unique_ptr<QSocketNotifier> m_notifier;
};

} // namespace timeslice
