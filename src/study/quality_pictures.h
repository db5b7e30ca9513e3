#pragma once
#include <string>
#include <vector>

#include "dataset/split.h"
#include "pipeline/workspace.h"
#include "quality/defect_window.h"
#include "tensor/worker_pool.h"

namespace kizu::study {

/// Pictures of one kind: what is near each defect, the whole photo at 256 x 256 (RGB in [0, 1]), and the
/// piece it shows ("" = its own).
struct PictureList {
  std::vector<quality::DefectPicture> near;
  std::vector<torch::Tensor> whole, whole_masks;  // [3, 256, 256], [1, 256, 256]
  std::vector<std::string> piece;

  std::size_t size() const { return near.size(); }
  /// What only the defects show, [3, 128, 128] each: around it mid-grey.
  std::vector<torch::Tensor> alone() const;
  /// The whole pictures with black where the mask is not.
  std::vector<torch::Tensor> masked() const;
};

/// Real photos of a split, with their masks.
PictureList real_pictures(const pipeline::Workspace& workspace,
                          const std::vector<dataset::SplitPhoto>& photos, WorkerPool& pool);
/// Pairs of a run, by their records.
PictureList pair_pictures(const pipeline::Workspace& workspace, const std::vector<Json>& records,
                          WorkerPool& pool);
/// The yardstick: shots cut out and pasted onto good photos, turned, scaled and mirrored, about where the
/// shot had them. `count` of them; none without shots or good photos.
PictureList crop_paste_pictures(const pipeline::Workspace& workspace,
                                const std::vector<dataset::SplitPhoto>& shots,
                                const std::vector<dataset::SplitPhoto>& good, int64_t count, uint64_t seed,
                                WorkerPool& pool);

}  // namespace kizu::study
