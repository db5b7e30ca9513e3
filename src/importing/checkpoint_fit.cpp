#include "importing/checkpoint_fit.h"

#include "core/error.h"
#include "ldm/byte_pairs.h"
#include "ldm/word_pieces.h"
#include "weights/printable.h"

namespace kizu::importing {
namespace {

namespace fs = std::filesystem;
using ldm::BaseFamily;

constexpr size_t kShown = 12;

/// Lists of names, cut where they are long.
std::string listed(const std::string& what, const std::vector<std::string>& names) {
  if (names.empty()) return "";
  std::string text = "\n  " + std::to_string(names.size()) + " " + what + ":";
  for (size_t i = 0; i < std::min(kShown, names.size()); ++i) text += "\n    " + printable(names[i]);
  if (names.size() > kShown) text += "\n    and " + std::to_string(names.size() - kShown) + " more";
  return text;
}

std::string shape_text(const std::vector<int64_t>& shape) {
  std::string text;
  for (const int64_t size : shape) text += (text.empty() ? "" : " x ") + std::to_string(size);
  return shape.empty() ? "a single number" : text;
}

bool is_floating(Dtype dtype) {
  return dtype == Dtype::F32 || dtype == Dtype::F16 || dtype == Dtype::BF16 || dtype == Dtype::F64;
}

/// What trainings leave in checkpoints beside the model (golden manifest, notes); empty for anything else.
std::string remainder(const std::string& name) {
  const auto starts = [&](const char* with) { return name.rfind(with, 0) == 0; };
  if (starts("model_ema.")) return "copies of a moving average";
  if (starts("first_stage_model.loss.")) return "the autoencoder's training loss";
  if (name == "logvar" || name == "lvlb_weights" || name == "scale_factor") return "counters of the training";
  return "";
}

[[noreturn]] void refuse_vocabulary(const fs::path& file, const ldm::Tokenizer& tokenizer, int64_t wanted) {
  throw Error("--vocab " + file.string() + " has " + std::to_string(tokenizer.size()) +
              " entries, but the model knows " + std::to_string(wanted) +
              " tokens; give the vocabulary that belongs to it");
}

}  // namespace

std::string check_fit(const TensorInfos& found, const TensorInfos& needed, const TensorInfos& extras,
                      const std::string& origin) {
  std::vector<std::string> missing, unknown, wrong;
  for (const auto& [name, tensor] : needed) {
    const auto at = found.find(name);
    if (at == found.end())
      missing.push_back(name);
    else if (at->second.shape != tensor.shape)
      wrong.push_back(name + " is " + shape_text(at->second.shape) + " instead of " +
                      shape_text(tensor.shape));
    else if (is_floating(at->second.dtype) != is_floating(tensor.dtype))
      wrong.push_back(name + " is of type " + name_of(at->second.dtype) + " instead of " +
                      name_of(tensor.dtype));
  }
  std::map<std::string, int64_t> left_out;
  for (const auto& [name, tensor] : found) {
    if (needed.count(name) != 0) continue;
    if (extras.count(name) != 0)
      left_out["buffers that the model does not need"]++;
    else if (const std::string what = remainder(name); !what.empty())
      left_out[what]++;
    else
      unknown.push_back(name);
  }
  if (!missing.empty() || !unknown.empty() || !wrong.empty())
    throw Error(origin +
                " does not fit the model that its shapes describe; it is damaged or another kind of model" +
                listed("missing", missing) + listed("unknown", unknown) + listed("of another shape", wrong));
  std::string text;
  for (const auto& [what, count] : left_out)
    text += (text.empty() ? "" : ", ") + std::to_string(count) + " tensors (" + what + ")";
  return text;
}

std::vector<std::pair<std::string, fs::path>> vocabulary_files(const ldm::ModelSource& model,
                                                               const fs::path& vocabulary,
                                                               const fs::path& merges) {
  const auto& text = model.config.text;
  const bool bert = text.family == BaseFamily::kLdmBert;
  if (bert && !merges.empty())
    throw Error("--merges: this model has a word-piece tokenizer, which needs only --vocab vocab.txt");
  if (!bert && !vocabulary.empty() && merges.empty())
    throw Error("--vocab: this model has a byte-pair tokenizer; give --merges merges.txt with it");
  if (vocabulary.empty() && !merges.empty()) throw Error("--merges needs --vocab vocab.json with it");
  if (vocabulary.empty() && model.vocabulary.empty()) return {};
  const char* name = bert ? "vocab.txt" : "vocab.json";
  const fs::path words = vocabulary.empty() ? model.vocabulary / name : vocabulary;
  if (bert) {
    const ldm::WordPieces tokenizer(words, text.max_length);
    if (tokenizer.size() != text.vocabulary) refuse_vocabulary(words, tokenizer, text.vocabulary);
    return {{name, words}};
  }
  const fs::path pairs = vocabulary.empty() ? model.vocabulary / "merges.txt" : merges;
  const ldm::BytePairs tokenizer(words, pairs, text.max_length);
  if (tokenizer.size() != text.vocabulary) refuse_vocabulary(words, tokenizer, text.vocabulary);
  return {{name, words}, {"merges.txt", pairs}};
}

}  // namespace kizu::importing
