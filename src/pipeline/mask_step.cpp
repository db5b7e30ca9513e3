#include "core/atomic_file.h"
#include "core/error.h"
#include "core/run_folder.h"
#include "core/utf8.h"
#include "image/codec.h"
#include "pipeline/good_photos.h"
#include "pipeline/steps.h"
#include "tensor/noise.h"
#include "tensor/worker_pool.h"

namespace kizu::pipeline {
namespace {

// Other places for the same shot's defect, tried in turn when a surface swallows it.
constexpr int kSpares = 3;

Json describe(const MaskStep& step, uint64_t seed) {
  const auto& v = step.options.variation;
  return {
      {"pairs", step.pairs},  {"flips", v.flips},     {"rotation", v.rotation}, {"smallest", v.smallest},
      {"largest", v.largest}, {"elastic", v.elastic}, {"jitter", v.jitter},     {"tries", step.options.tries},
      {"spares", kSpares},    {"seed", seed}};
}

// Where the part is, in the good photos and around the shots' defects.
struct Product {
  anomaly::PartFinder finder;
  std::vector<dataset::SplitPhoto> good;
  std::vector<anomaly::Layout> layouts;  // of each good photo
};

Product look_at_good_photos(const Workspace& workspace, const dataset::Split& split) {
  Product product;
  product.good = split.good_train();
  product.finder = learn_part_finder(workspace, split);
  product.layouts.resize(product.good.size());
  WorkerPool pool(workspace.workers);
  pool.run(static_cast<int64_t>(product.good.size()), [&](int, int64_t i) {
    const auto photo = read_image(workspace.data / std::filesystem::u8path(product.good[i].image));
    product.layouts[i] = product.finder.layout(photo);
  });
  return product;
}

std::vector<anomaly::MaskSource> sources_of(const Workspace& workspace, const dataset::Split& split,
                                            const std::string& type, const anomaly::PartFinder& finder) {
  std::vector<anomaly::MaskSource> sources;
  for (const auto& photo : split.shots(type)) {
    const auto image = read_image(workspace.data / std::filesystem::u8path(photo.image));
    sources.push_back(
        {read_mask(workspace.data / std::filesystem::u8path(photo.mask)), photo.mask, finder.layout(image)});
  }
  return sources;
}

/// The masks of one type.
struct MaskMaker {
  const Product& product;
  const std::vector<anomaly::MaskSource> sources;
  const std::string type;
  const std::filesystem::path folder;  // of the step

  Json make(uint64_t seed, const anomaly::MaskOptions& options, const std::string& name) const {
    const auto photo = NoiseStream(mix(seed, "photo")).below(static_cast<int64_t>(product.good.size()));
    const auto made =
        anomaly::make_mask(sources, product.layouts[photo], product.finder.arrangement(), seed, options);
    const auto file = std::filesystem::u8path(file_name_of(type)) / (name + ".png");
    make_folders((folder / file).parent_path());
    write_png(folder / file, made.mask);
    return {{"type", type},
            {"file", generic_utf8(file)},
            {"photo", product.good[photo].image},
            {"photo_sha256", product.good[photo].image_sha256},
            {"origin", made.origin},
            {"seed", seed}};
  }

  Json make_with_spares(uint64_t seed, anomaly::MaskOptions options, int64_t number) const {
    auto mask = make(seed, options, number_text(number));
    options.shot = mask["origin"]["shot"];
    for (int i = 1; i <= kSpares; i++) {
      mask["spares"].push_back(
          make(mix(seed, "spare", i), options, number_text(number) + ".spare" + std::to_string(i)));
    }
    return mask;
  }
};

}  // namespace

void MaskStep::check() const {
  if (pairs < 1 || pairs > 100000) throw Error("--pairs: between 1 and 100000");
  options.variation.check();
}

void mask_step(const Workspace& workspace, const MaskStep& step, Observer& observer) {
  step.check();
  const auto split = workspace.split();
  RunFolder run(workspace.step("masks"), "masks", describe(step, workspace.seed),
                {{"split", hash_of_result(workspace.step("split") / "split.json", "split")}});
  if (run.is_complete()) return;
  JournalObserver journal(run, observer);
  const auto product = look_at_good_photos(workspace, split);
  journal.said("masks: " + product.finder.why());
  WorkerPool pool(workspace.workers);
  Json masks = Json::array();
  const auto types = split.types();
  for (size_t t = 0; t < types.size(); t++) {
    if (journal.wants_stop()) throw Interrupted();
    const MaskMaker maker{product, sources_of(workspace, split, types[t], product.finder), types[t],
                          run.path()};
    std::vector<Json> made(step.pairs);
    pool.run(step.pairs, [&](int, int64_t i) {
      made[i] = maker.make_with_spares(mix(workspace.seed, "mask " + types[t], i), step.options, i + 1);
    });
    for (auto& each : made) masks.push_back(std::move(each));
    journal.progressed("masks", static_cast<int64_t>(t + 1) * step.pairs,
                       static_cast<int64_t>(types.size()) * step.pairs, types[t]);
  }
  write_json(run.path() / "masks.json", {{"masks", masks}});
  run.finish({{"masks", masks.size()},
              {"foreground", product.finder.why()},
              {"aligned", product.finder.arrangement().aligned}});
}

}  // namespace kizu::pipeline
