#include "pipeline/score_file.h"

#include "core/error.h"
#include "tensor/convert.h"

namespace kizu::pipeline {
namespace {

template <class Value>
void append(std::vector<Value>& all, const std::vector<Value>& part) {
  all.insert(all.end(), part.begin(), part.end());
}

torch::Tensor row(const std::vector<int32_t>& values) {
  return torch::tensor(values, torch::kInt32);
}

template <class Value>
std::vector<Value> part(const torch::Tensor& all, int64_t begin, int64_t end) {
  const Value* from = all.data_ptr<Value>();
  return {from + begin, from + end};
}

}  // namespace

void write_score_bins(const std::filesystem::path& file, const std::vector<metrics::ScoreBins>& photos) {
  metrics::ScoreBins all;
  std::vector<int32_t> offsets{0}, regions;
  for (const auto& photo : photos) {
    append(all.bins, photo.bins);
    append(all.positives, photo.positives);
    append(all.negatives, photo.negatives);
    append(all.overlap, photo.overlap);
    offsets.push_back(static_cast<int32_t>(all.bins.size()));
    regions.push_back(photo.regions);
  }
  write_tensors(file, {{"bins", row(all.bins)},
                       {"positives", row(all.positives)},
                       {"negatives", row(all.negatives)},
                       {"overlap", torch::tensor(all.overlap, torch::kFloat64)},
                       {"offsets", row(offsets)},
                       {"regions", row(regions)}});
}

std::vector<metrics::ScoreBins> read_score_bins(const std::filesystem::path& file) {
  const auto tensors = read_tensors(file);
  const auto refuse = [&] { throw Error(file.string() + " is damaged; remove its folder and run again"); };
  for (const char* name : {"bins", "positives", "negatives", "offsets", "regions"})
    if (!tensors.count(name) || tensors.at(name).scalar_type() != torch::kInt32) refuse();
  if (!tensors.count("overlap") || tensors.at("overlap").scalar_type() != torch::kFloat64) refuse();
  const auto offsets = part<int32_t>(tensors.at("offsets"), 0, tensors.at("offsets").numel());
  const int64_t cells = tensors.at("bins").numel();
  for (const char* name : {"positives", "negatives", "overlap"})
    if (tensors.at(name).numel() != cells) refuse();
  if (offsets.empty() || tensors.at("regions").numel() + 1 != static_cast<int64_t>(offsets.size())) refuse();
  std::vector<metrics::ScoreBins> photos;
  for (std::size_t i = 0; i + 1 < offsets.size(); i++) {
    const int32_t begin = offsets[i], end = offsets[i + 1];
    if (begin < 0 || end < begin || end > cells) refuse();
    photos.push_back(
        {part<int32_t>(tensors.at("bins"), begin, end), part<int32_t>(tensors.at("positives"), begin, end),
         part<int32_t>(tensors.at("negatives"), begin, end), part<double>(tensors.at("overlap"), begin, end),
         tensors.at("regions").data_ptr<int32_t>()[i]});
    for (const int32_t bin : photos.back().bins)
      if (bin < 0 || bin >= metrics::ScoreBins::kBins) refuse();
  }
  return photos;
}

}  // namespace kizu::pipeline
