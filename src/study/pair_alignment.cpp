#include "study/pair_alignment.h"

#include <algorithm>

#include "image/codec.h"
#include "image/transform.h"
#include "quality/alignment.h"
#include "study/free_painting.h"

namespace kizu::study {
namespace {

namespace fs = std::filesystem;

/// The good photo as the pair has it: the published presets make pairs of another size than the photo's.
Image as_made(Image good, const Image& made) {
  if (good.channels != made.channels) good = made.channels == 3 ? to_rgb(good) : to_grey(good);
  if (good.depth != made.depth && made.depth == 8) good = to_8bit(good);
  return resize(good, made.width, made.height);
}

}  // namespace

Json alignment_of_pairs(const pipeline::Workspace& workspace, const std::vector<Json>& records,
                        const std::vector<Json>& repainted, WorkerPool& pool) {
  std::vector<quality::Alignment> each(records.size());
  pool.run(static_cast<int64_t>(records.size()), [&](int, int64_t i) {
    const auto file = [&](const char* key) {
      return workspace.step("pairs") / fs::u8path(records[i].at(key).get<std::string>());
    };
    const auto good =
        read_image(workspace.data / fs::u8path(records[i].at("source").at("file").get<std::string>()));
    const auto made = read_image(file("image"));
    each[i] = quality::alignment_of(as_made(good, made), made, read_mask(file("mask")));
  });
  double auroc = 0, defined = 0, inside = 0, outside = 0, visible = 0, leak = 0;
  const double count = std::max<double>(1, static_cast<double>(each.size()));
  for (const auto& a : each) {
    if (a.auroc) auroc += *a.auroc, defined++;
    inside += a.inside / count, outside += a.outside / count;
    visible += a.visible / count, leak += a.leak / count;
  }
  const auto free = free_alignment(workspace, repainted, pool);
  return {{"auroc", defined > 0 ? Json(auroc / defined) : Json(nullptr)},
          {"auroc_unblended", free ? Json(*free) : Json(nullptr)},
          {"inside", inside},
          {"outside", outside},
          {"visible", visible},
          {"leak", leak}};
}

}  // namespace kizu::study
