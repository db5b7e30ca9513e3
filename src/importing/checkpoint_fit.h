#pragma once
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "ldm/model_source.h"

namespace kizu::importing {

/// Compares what a file has with what a network needs. Throws Error, beginning with `origin`, with the lists
/// of tensors that are missing, unknown, or of another shape or kind. Returns for people what is left out:
/// `extras`, copies of a moving average, a training loss and counters, which published checkpoints have;
/// empty if nothing is.
std::string check_fit(const TensorInfos& found, const TensorInfos& needed, const TensorInfos& extras,
                      const std::string& origin);

/// The tokenizer's files that go into a model's folder, by the names they get there: those that the user
/// gives, else those of the source. Throws Error when they do not belong to the model.
std::vector<std::pair<std::string, std::filesystem::path>> vocabulary_files(
    const ldm::ModelSource& model, const std::filesystem::path& vocabulary,
    const std::filesystem::path& merges);

}  // namespace kizu::importing
