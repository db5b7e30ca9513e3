#include "anomaly/concepts.h"

#include "anomaly/token_splice.h"
#include "core/error.h"
#include "ldm/tokenizer.h"

namespace kizu::anomaly {

std::vector<Trainable> Concepts::trainables() const {
  std::vector<Trainable> all;
  for (const auto& [name, embedding] : embeddings)
    if (embedding.requires_grad()) all.push_back({"embedding." + name, embedding, 1});
  all.insert(all.end(), shared.begin(), shared.end());
  return all;
}

const torch::Tensor& Concepts::embedding(const std::string& name) const {
  const auto found = embeddings.find(name);
  if (found != embeddings.end()) return found->second;
  std::string known;
  for (const auto& each : embeddings) known += (known.empty() ? "" : ", ") + each.first;
  throw Error("no embedding for '" + name + "'; there are: " + known);
}

torch::Tensor Concepts::inserted(const std::vector<std::string>& names, const torch::Tensor& mask) const {
  std::vector<torch::Tensor> rows;
  for (const auto& name : names) rows.push_back(embedding(name));
  const auto learned = torch::stack(rows);
  return spatial ? torch::cat({learned, spatial(mask)}, 1) : learned;
}

Context context_of(ldm::TextEncoder text, const torch::Tensor& ids, const torch::Tensor& inserted) {
  const auto embedded = text->embed(ids);
  const auto spliced = splice_tokens(ids, embedded, inserted.to(embedded.options()),
                                     ldm::placeholder_id(text->config().family));
  return {text->encode(spliced.embedded), spliced.ranges};
}

Context context_of(ldm::TextEncoder text, const torch::Tensor& ids) {
  return {text->forward(ids), torch::zeros({ids.size(0), 2}, torch::kInt64)};
}

}  // namespace kizu::anomaly
