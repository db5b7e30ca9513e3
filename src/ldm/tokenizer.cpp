#include "ldm/tokenizer.h"

#include "core/error.h"
#include "ldm/byte_pairs.h"
#include "ldm/word_pieces.h"

namespace kizu::ldm {
namespace {

/// Ids that are the same in every vocabulary of a family; as published, of bert-base-uncased and CLIP.
struct KnownIds {
  int64_t start, end, padding, placeholder;
  std::vector<int64_t> fixed_caption;
};

const KnownIds& known_ids(BaseFamily family) {
  static const KnownIds bert = {101, 102, 0, 1008, {1037, 6302, 1997, 1037, 1008}};
  static const KnownIds clip = {49406, 49407, 49407, 265, {320, 1125, 539, 320, 265}};
  return family == BaseFamily::kLdmBert ? bert : clip;
}

torch::Tensor framed(const TextEncoderConfig& config, const std::vector<int64_t>& words) {
  const auto& known = known_ids(config.family);
  std::vector<int64_t> ids = {known.start};
  ids.insert(ids.end(), words.begin(), words.end());
  ids.push_back(known.end);
  ids.resize(static_cast<size_t>(config.max_length), known.padding);
  return torch::tensor(ids, torch::kInt64).unsqueeze(0);
}

}  // namespace

torch::Tensor encode_all(const Tokenizer& tokenizer, const std::vector<std::string>& texts) {
  std::vector<torch::Tensor> rows;
  for (const auto& text : texts) rows.push_back(torch::tensor(tokenizer.encode(text), torch::kInt64));
  return torch::stack(rows);
}

std::unique_ptr<Tokenizer> open_tokenizer(const TextEncoderConfig& config,
                                          const std::filesystem::path& vocabulary) {
  std::unique_ptr<Tokenizer> tokenizer;
  const bool folder = std::filesystem::is_directory(vocabulary);
  if (config.family == BaseFamily::kLdmBert) {
    tokenizer =
        std::make_unique<WordPieces>(folder ? vocabulary / "vocab.txt" : vocabulary, config.max_length);
  } else {
    if (!folder)
      throw Error(vocabulary.string() +
                  ": this base needs a folder with vocab.json and merges.txt as its vocabulary");
    tokenizer =
        std::make_unique<BytePairs>(vocabulary / "vocab.json", vocabulary / "merges.txt", config.max_length);
  }
  if (tokenizer->size() != config.vocabulary)
    throw Error(vocabulary.string() + " has " + std::to_string(tokenizer->size()) +
                " entries, but the base model knows " + std::to_string(config.vocabulary) +
                " tokens; give the vocabulary that belongs to it");
  return tokenizer;
}

torch::Tensor fixed_caption(const TextEncoderConfig& config) {
  return framed(config, known_ids(config.family).fixed_caption);
}

torch::Tensor empty_caption(const TextEncoderConfig& config) {
  return framed(config, {});
}

int64_t placeholder_id(BaseFamily family) {
  return known_ids(family).placeholder;
}

}  // namespace kizu::ldm
