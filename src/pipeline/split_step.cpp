#include "core/error.h"
#include "core/run_folder.h"
#include "core/sha256.h"
#include "core/utf8.h"
#include "dataset/examine.h"
#include "pipeline/steps.h"

namespace kizu::pipeline {

void split_step(const Workspace& workspace, const dataset::SplitOptions& options, Observer& observer) {
  options.check();
  const auto category = dataset::scan(workspace.data, workspace.category);
  // Cheap to make and the same every time, so its content is what tells whether the step is complete already.
  const auto split = dataset::make_split(category, options);
  Json photos = Json::array();
  for (const auto& photo : split.photos)
    photos.push_back({photo.image, photo.image_sha256, photo.mask_sha256, photo.group});
  RunFolder run(workspace.step("split"), "split",
                {{"data", utf8(workspace.data)}, {"shots", options.shots}, {"types", options.types}},
                {{"photos", sha256(photos.dump())}});
  if (run.is_complete()) return;
  JournalObserver journal(run, observer);
  const auto examination = dataset::examine(category, options, &journal);
  if (!examination.faults.empty()) journal.said(dataset::describe(examination));
  if (examination.stops()) {
    throw Error(workspace.data.string() +
                ": the photos have faults that stop a run (listed above); mend them and try again");
  }
  dataset::write_split(run.path() / "split.json", split);
  run.finish({{"file", "split.json"}});
}

}  // namespace kizu::pipeline
