#include "anomaly/captions.h"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "core/error.h"
#include "ldm/tokenizer.h"

namespace kizu::anomaly {
namespace {

std::vector<std::string> make_captions() {
  std::vector<std::string> all;
  // One round with each noun; what does not begin with it occurs in all three.
  for (const std::string noun : {"a photo of ", "an illustration of ", "a depiction of "}) {
    for (const std::string rest : {"~a",
                                   "a rendering of a",
                                   "a cropped photo of the",
                                   "the photo of a",
                                   "~a clean",
                                   "~a dirty",
                                   "a dark photo of the",
                                   "~my",
                                   "~the cool",
                                   "a close-up photo of a",
                                   "a bright photo of the",
                                   "a cropped photo of a",
                                   "~the",
                                   "a good photo of the",
                                   "~one",
                                   "a close-up photo of the",
                                   "a rendition of the",
                                   "~the clean",
                                   "a rendition of a",
                                   "~a nice",
                                   "a good photo of a",
                                   "~the nice",
                                   "~the small",
                                   "~the weird",
                                   "~the large",
                                   "~a cool",
                                   "~a small"})
      all.push_back((rest[0] == '~' ? noun + rest.substr(1) : rest) + " *");
  }
  return all;
}

/// Word pieces of bert-base-uncased.
const std::map<std::string, std::vector<int64_t>>& words() {
  static const std::map<std::string, std::vector<int64_t>> table = {{"*", {1008}},
                                                                    {"a", {1037}},
                                                                    {"an", {2019}},
                                                                    {"bright", {4408}},
                                                                    {"clean", {4550}},
                                                                    {"cool", {4658}},
                                                                    {"cropped", {10416, 5669}},
                                                                    {"dark", {2601}},
                                                                    {"depiction", {15921}},
                                                                    {"dirty", {6530}},
                                                                    {"good", {2204}},
                                                                    {"illustration", {14614}},
                                                                    {"large", {2312}},
                                                                    {"my", {2026}},
                                                                    {"nice", {3835}},
                                                                    {"of", {1997}},
                                                                    {"one", {2028}},
                                                                    {"photo", {6302}},
                                                                    {"rendering", {14259}},
                                                                    {"rendition", {19187}},
                                                                    {"small", {2235}},
                                                                    {"the", {1996}},
                                                                    {"weird", {6881}},
                                                                    {"close-up", {2485, 1011, 2039}}};
  return table;
}

}  // namespace

const std::vector<std::string>& published_captions() {
  static const auto captions = make_captions();
  return captions;
}

std::vector<int64_t> caption_ids(const std::string& caption, int64_t max_length) {
  constexpr int64_t kStart = 101, kEnd = 102, kPadding = 0;
  std::vector<int64_t> ids{kStart};
  std::istringstream in(caption);
  for (std::string word; in >> word;) {
    const auto known = words().find(word);
    if (known == words().end())
      throw Error("caption '" + caption + "': the word '" + word + "' is not built in; give a vocabulary");
    ids.insert(ids.end(), known->second.begin(), known->second.end());
  }
  ids.resize(static_cast<size_t>(std::min<int64_t>(static_cast<int64_t>(ids.size()), max_length - 1)));
  ids.push_back(kEnd);
  ids.resize(static_cast<size_t>(max_length), kPadding);
  return ids;
}

namespace {

/// Ids of a published caption on any base.
torch::Tensor ids_on(const ldm::TextEncoderConfig& text, const ldm::Tokenizer* tokenizer,
                     const std::string& caption) {
  if (text.family == ldm::BaseFamily::kLdmBert)
    return torch::tensor(caption_ids(caption, text.max_length), torch::kInt64);
  if (tokenizer == nullptr)
    throw Error(
        "random captions need the vocabulary of this base; import it again with --vocab and --merges, or use "
        "fixed captions");
  const auto ids = tokenizer->encode(caption);
  if (std::count(ids.begin(), ids.end(), ldm::placeholder_id(text.family)) != 1)
    throw Error("the vocabulary of this base does not know \"*\" as token " +
                std::to_string(ldm::placeholder_id(text.family)) +
                "; import it again with the vocab.json and merges.txt of CLIP ViT-L/14");
  return torch::tensor(ids, torch::kInt64);
}

}  // namespace

torch::Tensor draw_captions(const ldm::TextEncoderConfig& text, const ldm::Tokenizer* tokenizer,
                            CaptionChoice choice, int64_t rows, NoiseStream& stream) {
  if (choice == CaptionChoice::kFixed) return ldm::fixed_caption(text).repeat({rows, 1});
  const auto& captions = published_captions();
  std::vector<torch::Tensor> all;
  for (int64_t row = 0; row < rows; row++)
    all.push_back(ids_on(text, tokenizer,
                         captions[static_cast<size_t>(stream.below(static_cast<int64_t>(captions.size())))]));
  return torch::stack(all);
}

torch::Tensor all_captions(const ldm::TextEncoderConfig& text, const ldm::Tokenizer* tokenizer,
                           CaptionChoice choice) {
  if (choice == CaptionChoice::kFixed) return ldm::fixed_caption(text);
  const std::set<std::string> different(published_captions().begin(), published_captions().end());
  std::vector<torch::Tensor> all;
  for (const auto& caption : different) all.push_back(ids_on(text, tokenizer, caption));
  return torch::stack(all);
}

}  // namespace kizu::anomaly
