#include "ui/script/consent_dialog.h"

#include "core/base/duration_text.h"
#include "core/base/json_out.h"
#include "ui/text/free_text.h"
#include "ui/text/number_text.h"
#include "ui/widgets/code_view.h"
#include "ui/widgets/elided_label.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>
#include <set>

namespace timeslice {

namespace {

constexpr QSize kSize(820, 600);

QLabel* paragraph(const QString& text, const char* name, QWidget* parent)
{
    auto* made = new QLabel(text, parent);
    made->setObjectName(name);
    made->setTextFormat(Qt::PlainText);
    made->setWordWrap(true);
    return made;
}

QPushButton* button(const QString& text, const char* name, QWidget* parent)
{
    auto* made = new QPushButton(text, parent);
    made->setObjectName(name);
    made->setAutoDefault(false); // Return is Cancel, wherever the focus is
    return made;
}

bool hasScript(const Scenario& scenario)
{
    return std::any_of(scenario.variants.begin(), scenario.variants.end(),
        [](const VariantSpec& variant) { return isPython(variant.engine); });
}

} // namespace

QString limitsText(const Limits& limits)
{
    return ConsentDialog::tr("Each run of a variant is ended after %1, and when it has more than %2 threads and "
                             "processes; each process gets "
                             "at most %3 MB of memory. Stop ends it at once, with all that it started.")
        .arg(text(toDurationText(limits.time, " ")))
        .arg(limits.threads)
        .arg(countText(limits.memoryBytes >> 20));
}

QString programsText(const Scenario& scenario)
{
    QStringList parts;
    std::set<std::filesystem::path> scripts;
    for (const VariantSpec& variant : scenario.variants) {
        if (!isPython(variant.engine)) {
            parts << QStringLiteral("# %1\n%2\n")
                         .arg(text(variant.title), text(jsonText(variant.workload, JsonLayout::Indented)));
        } else if (scripts.insert(variant.python.script).second) {
            parts << QStringLiteral("# %1\n%2").arg(text(variant.python.script.string()), text(variant.code));
        }
    }
    return parts.join(u'\n');
}

ConsentDialog::ConsentDialog(const Scenario& scenario, const Theme& theme, QWidget* parent)
    : QDialog(parent)
{
    setObjectName("consentDialog");
    setWindowTitle(tr("Run a lesson of your own"));
    setModal(true);
    auto* title = new ElidedLabel(this);
    title->setProperty("role", "title");
    title->setText(tr("Run “%1”?").arg(text(scenario.title)));
    const QString rights = hasScript(scenario)
        ? tr("A script runs with your own rights: it can read, change and delete whatever you can. Run it only if you "
             "trust it.")
        : tr("Its threads and processes run with your own rights; they do what stands below, and nothing else.");
    auto* warning =
        paragraph(tr("This did not come with Timeslice: %1.").arg(text(scenario.sourcePath)) + u' ' + rights,
            "consentWarning", this);
    auto* limits = paragraph(limitsText(scenario.limits), "consentLimits", this);
    auto* code = new CodeView(this);
    code->setObjectName("consentPrograms");
    code->setAccessibleName(tr("What is run"));
    code->setTheme(theme);
    code->setMostLines(0);
    code->setMinimumHeight(120);
    code->setCode(programsText(scenario));
    QPushButton* cancel = button(tr("Cancel"), "cancelLesson", this);
    cancel->setDefault(true);
    QPushButton* run = button(tr("▶  Run"), "allowLesson", this);
    run->setAccessibleName(tr("Run"));
    run->setProperty("role", "primary");
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(run, &QPushButton::clicked, this, &QDialog::accept);

    auto* row = new QHBoxLayout;
    row->addWidget(paragraph(tr("Asked once, as long as these stay as they are."), "consentOnce", this), 1);
    row->addWidget(cancel);
    row->addWidget(run);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(22, 18, 22, 18);
    layout->setSpacing(10);
    layout->addWidget(title);
    layout->addWidget(warning);
    layout->addWidget(limits);
    layout->addWidget(code, 1);
    layout->addLayout(row);
    cancel->setFocus();
    resize(kSize.boundedTo(parent != nullptr ? parent->size() - QSize(40, 40) : kSize));
}

} // namespace timeslice
