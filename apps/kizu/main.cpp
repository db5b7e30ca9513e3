#include <filesystem>
#include <iostream>
#include <new>
#include <string>

#include "core/error.h"
#include "core/json.h"
#include "core/memory.h"
#include "core/run_folder.h"
#include "core/stop.h"
#include "layers/exact.h"
#include "progress_line.h"
#include "verbs.h"

namespace {

constexpr const char* kFooter =
    "A run from photos to a report:\n"
    "  kizu samples demo\n"
    "  kizu run --data demo --category brushed_plate --out demo-run\n"
    "Exit codes: 0 done, 1 failed (a full disk, no memory), 2 wrong use, options or input, 130 interrupted "
    "(the same\n"
    "command goes on from there).";

int carry_out(int argc, char** argv) {
  kizu::ProgressLine progress;
  kizu::Program program{progress};
  CLI::App app{"kizu paints rare defects onto photos of good parts and shows whether that helps inspection",
               "kizu"};
  app.footer(kFooter);
  app.set_version_flag("--version", "kizu " KIZU_VERSION);
  app.require_subcommand(1);
  app.set_config("--config", "", "Read options from a TOML or INI file; an unknown key is an error");
  app.allow_config_extras(false);
  app.add_flag_callback(
      "--exact",
      [] {
        kizu::layers::set_exact(true);
        kizu::RunFolder::every_run_has({{"exact", true}});
      },
      "Compute with libtorch's plain operators instead of kizu's own loops: slower, the same up to rounding");
  app.get_formatter()->column_width(34);
  for (const auto add :
       {kizu::add_run, kizu::add_doctor, kizu::add_samples, kizu::add_split, kizu::add_learn, kizu::add_masks,
        kizu::add_generate, kizu::add_train, kizu::add_evaluate, kizu::add_compare, kizu::add_quality,
        kizu::add_benchmark, kizu::add_detect, kizu::add_report, kizu::add_presets, kizu::add_import,
        kizu::add_export, kizu::add_pretrain, kizu::add_measure}) {
    add(app, program);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::RequiredError& error) {
    if (!app.get_subcommands().empty() || app.remaining().empty()) return app.exit(error) == 0 ? 0 : 2;
    throw kizu::Error("there is no subcommand '" + app.remaining().front() + "'; kizu --help lists them");
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  kizu::catch_stop_signals();
  kizu::keep_freed_memory();
  try {
    return carry_out(argc, argv);
  } catch (const kizu::Interrupted& stop) {
    std::cerr << "kizu: " << stop.what() << '\n';
    return 130;
  } catch (const kizu::Error& error) {
    std::cerr << "kizu: " << error.what() << '\n';
    return 2;
  } catch (const std::filesystem::filesystem_error& error) {
    const bool full = error.code() == std::errc::no_space_on_device;
    std::cerr << "kizu: " << error.path1().string() << ": " << error.code().message()
              << (full ? "; free space, then run the same command again\n"
                       : "; see that it is there and may be read and written\n");
    return full ? 1 : 2;
  } catch (const kizu::Json::exception& error) {
    std::cerr << "kizu: a JSON file among the inputs does not hold what it should (" << error.what()
              << "); remove the folder of the step that wrote it and run again\n";
    return 2;
  } catch (const std::bad_alloc&) {
    std::cerr << "kizu: not enough memory; close other programs, or use smaller photos or --workers 1\n";
    return 1;
  } catch (const std::exception& error) {
    const std::string message = error.what();  // further lines are a trace for programmers
    std::cerr << "kizu: " << message.substr(0, message.find('\n')) << '\n';
    return 1;
  }
}
