#pragma once
#include <CLI/CLI.hpp>

#include "core/observer.h"

namespace kizu {

/// What every verb gets from the program: where to report to.
struct Program {
  Observer& observer;
};

/// One function per subcommand, one file per verb: adds it to `app` with its options and, as callback, the
/// work.
void add_run(CLI::App& app, Program& program);
void add_doctor(CLI::App& app, Program& program);
void add_samples(CLI::App& app, Program& program);
void add_split(CLI::App& app, Program& program);
void add_learn(CLI::App& app, Program& program);
void add_masks(CLI::App& app, Program& program);
void add_generate(CLI::App& app, Program& program);
void add_train(CLI::App& app, Program& program);
void add_evaluate(CLI::App& app, Program& program);
void add_detect(CLI::App& app, Program& program);
void add_quality(CLI::App& app, Program& program);
void add_benchmark(CLI::App& app, Program& program);
void add_compare(CLI::App& app, Program& program);
void add_report(CLI::App& app, Program& program);
void add_presets(CLI::App& app, Program& program);
void add_import(CLI::App& app, Program& program);
void add_export(CLI::App& app, Program& program);
void add_pretrain(CLI::App& app, Program& program);
void add_measure(CLI::App& app, Program& program);

}  // namespace kizu
