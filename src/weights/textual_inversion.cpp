#include "weights/textual_inversion.h"

#include "core/atomic_file.h"
#include "core/error.h"
#include "weights/pickle_writer.h"
#include "weights/printable.h"
#include "weights/zip_writer.h"

namespace kizu {
namespace {

constexpr std::string_view kParameter = "string_to_param.", kToken = "string_to_token.";
constexpr std::int32_t kPlaceholder = 265;  // "*" in CLIP's vocabulary, which web UIs write and do not read

bool starts(const std::string& name, std::string_view with) {
  return name.compare(0, with.size(), with) == 0;
}

bool is_embedding(const TensorInfo& tensor) {
  const bool floating =
      tensor.dtype == Dtype::F32 || tensor.dtype == Dtype::F16 || tensor.dtype == Dtype::BF16;
  return floating && (tensor.shape.size() == 1 || tensor.shape.size() == 2) && elements_of(tensor) > 0;
}

}  // namespace

bool holds_embeddings(const TensorInfos& tensors) {
  for (const auto& [name, tensor] : tensors) {
    if (starts(name, kParameter)) return true;
    // A layer's weight has a dot in its name; a token has none, or stands in angle brackets.
    const bool layer = name.find('.') != std::string::npos && name.front() != '<';
    if (!is_embedding(tensor) || layer) return false;
  }
  return !tensors.empty();
}

std::map<std::string, RawTensor> read_embeddings(const TensorSource& source, const std::string& origin) {
  std::map<std::string, RawTensor> embeddings;
  for (const auto& [name, info] : source.tensors()) {
    if (starts(name, kToken)) continue;
    if (!is_embedding(info))
      throw Error(origin + ": " + printable(name) + " is no embedding (a table of floating numbers)");
    RawTensor raw = source.read(name);
    if (raw.shape.size() == 1) raw.shape.insert(raw.shape.begin(), 1);
    embeddings[starts(name, kParameter) ? name.substr(kParameter.size()) : name] = std::move(raw);
  }
  if (embeddings.empty()) throw Error(origin + " holds no embeddings");
  return embeddings;
}

void write_inversion_pt(const std::filesystem::path& file, const std::string& name,
                        const RawTensor& embedding) {
  PickleWriter pickle;
  pickle.begin_dict();
  pickle.text("string_to_token").begin_dict().text("*").integer(kPlaceholder).end_dict();
  pickle.text("string_to_param").begin_dict().text("*");
  pickle.tensor({embedding.dtype, embedding.shape}, "0").end_dict();
  pickle.text("name").text(name).text("step").integer(0);
  pickle.text("sd_checkpoint").none().text("sd_checkpoint_name").none();
  const std::string values(embedding.bytes.begin(), embedding.bytes.end());
  write_file(file, zip_of({{"archive/data.pkl", pickle.end_dict().bytes()},
                           {"archive/data/0", values},
                           {"archive/version", "3\n"}}));
}

void write_learned_embeds(const std::filesystem::path& file, const std::string& name,
                          const RawTensor& embedding) {
  Safetensors content;
  content.tensors[name] = embedding;
  content.write(file);
}

}  // namespace kizu
