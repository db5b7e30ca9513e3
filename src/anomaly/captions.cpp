#include "anomaly/captions.h"

#include <map>
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

torch::Tensor draw_captions(const ldm::TextEncoderConfig& text, CaptionChoice choice, int64_t rows,
                            NoiseStream& stream) {
  if (choice == CaptionChoice::kRandom && text.family != ldm::BaseFamily::kLdmBert)
    throw Error("captions: random ones are built in only for txt2img-f8-large; use fixed captions");
  const auto& captions = published_captions();
  std::vector<torch::Tensor> all;
  for (int64_t row = 0; row < rows; row++) {
    if (choice == CaptionChoice::kFixed) {
      all.push_back(ldm::fixed_caption(text)[0]);
      continue;
    }
    const auto& caption = captions[static_cast<size_t>(stream.below(static_cast<int64_t>(captions.size())))];
    all.push_back(torch::tensor(caption_ids(caption, text.max_length), torch::kInt64));
  }
  return torch::stack(all);
}

}  // namespace kizu::anomaly
