#include "importing/import_model.h"

#include <malloc.h>

#include <cstdio>
#include <cstring>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/input_file.h"
#include "core/json.h"
#include "core/memory.h"
#include "core/staged_folder.h"
#include "core/utf8.h"
#include "importing/checkpoint_fit.h"
#include "ldm/latent_diffusion.h"
#include "ldm/tokenizer.h"
#include "tensor/convert.h"
#include "weights/safetensors_writer.h"

namespace kizu::importing {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMegabyte = 1000000;

std::string plural(int64_t number, const std::string& what) {
  return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

torch::ScalarType scalar_type(Dtype dtype) {
  return dtype == Dtype::F16 ? torch::kFloat16 : dtype == Dtype::BF16 ? torch::kBFloat16 : torch::kFloat32;
}

/// "ldm-bert, 1,499 million parameters ..." for people.
std::string found_text(const ldm::ModelSource& model, const TensorInfos& needed, Dtype stored) {
  int64_t elements = 0;
  for (const auto& [name, tensor] : needed) elements += elements_of(tensor);
  const auto& unet = model.config.unet;
  char number[32];
  std::snprintf(number, sizeof number, "%.1f", static_cast<double>(elements) / 1e6);
  return std::string("found a ") + model.kind + ": " + ldm::name_of(model.config.family()) + ", " + number +
         " million parameters, " + name_of(stored) + "; U-Net of " +
         plural(int64_t(unet.channel_mult.size()), "level") + " from " + std::to_string(unet.model_channels) +
         " channels with " + plural(unet.num_heads, "head") + ", text encoder of " +
         plural(model.config.text.layers, "layer") + " " + std::to_string(model.config.text.width) +
         " wide with " + plural(model.config.text.heads, "head");
}

/// The floating type that most of the needed weights have.
Dtype usual_dtype(const TensorInfos& tensors, const TensorInfos& needed) {
  std::map<Dtype, int64_t> elements;
  for (const auto& [name, tensor] : needed) elements[tensors.at(name).dtype] += elements_of(tensor);
  Dtype most = Dtype::F32;
  for (const auto& [dtype, count] : elements)
    if (count > elements[most]) most = dtype;
  return most == Dtype::F16 || most == Dtype::BF16 ? most : Dtype::F32;
}

/// False if an element of `Bits` has an exponent of ones only: infinity, or not a number.
template <class Bits>
bool all_finite(const std::vector<std::uint8_t>& bytes, Bits exponent) {
  for (size_t at = 0; at < bytes.size(); at += sizeof(Bits)) {
    Bits element;
    std::memcpy(&element, bytes.data() + at, sizeof element);
    if ((element & exponent) == exponent) return false;
  }
  return true;
}

bool all_finite(const std::vector<std::uint8_t>& bytes, Dtype dtype) {
  if (dtype == Dtype::F32) return all_finite<uint32_t>(bytes, 0x7F800000u);
  return all_finite<uint16_t>(bytes, dtype == Dtype::F16 ? 0x7C00u : 0x7F80u);
}

/// The tensor's bytes as `dtype`. Holds the source's bytes and the result, never more.
std::vector<std::uint8_t> converted(const TensorSource& source, const std::string& name, Dtype dtype,
                                    const std::string& origin) {
  RawTensor raw = source.read(name);
  const auto type = raw.dtype == Dtype::F64 ? torch::kFloat64 : scalar_type(raw.dtype);
  const auto given = torch::from_blob(raw.bytes.data(), raw.shape, torch::TensorOptions(type));
  if (raw.dtype != dtype) {
    std::vector<std::uint8_t> bytes(static_cast<size_t>(given.numel()) * size_of(dtype));
    auto wanted = torch::from_blob(bytes.data(), raw.shape, torch::TensorOptions(scalar_type(dtype)));
    wanted.copy_(given);
    raw.bytes = std::move(bytes);
  }
  if (!all_finite(raw.bytes, dtype))
    throw Error(origin + ": " + name + " has values that are no numbers" +
                (dtype == Dtype::F16 ? " in half precision; choose --dtype bf16 or fp32"
                                     : "; the file is damaged, get it again from its source"));
  return std::move(raw.bytes);
}

/// Writes the files of the networks, tensor by tensor.
class PartWriter {
 public:
  PartWriter(const TensorSource& source, const TensorInfos& needed, Dtype dtype, std::string origin,
             Observer& observer)
      : source_(source), needed_(needed), dtype_(dtype), origin_(std::move(origin)), observer_(observer) {
    for (const auto& [name, tensor] : needed) total_ += bytes_of(tensor);
  }

  uint64_t total() const { return total_; }

  void write(const fs::path& file, const char* prefix) {
    TensorInfos infos;
    for (auto at = needed_.lower_bound(prefix); at != needed_.end() && at->first.rfind(prefix, 0) == 0; ++at)
      infos[at->first] = {dtype_, at->second.shape};
    SafetensorsWriter writer(file, infos, {});
    for (const auto& name : writer.order()) {
      if (observer_.wants_stop()) throw Interrupted();
      writer.append(converted(source_, name, dtype_, origin_));
      // Or the heap keeps what tensors of many sizes leave behind: more than a gigabyte of the full model.
      ::malloc_trim(0);
      done_ += bytes_of(infos.at(name));
      tell();
    }
    writer.commit();
  }

 private:
  /// Once for each megabyte.
  void tell() {
    const auto megabytes = static_cast<int64_t>(done_ / kMegabyte) + 1;
    if (megabytes == told_) return;
    told_ = megabytes;
    observer_.progressed("import", megabytes, static_cast<int64_t>(total_ / kMegabyte) + 1, "MB");
  }
  uint64_t bytes_of(const TensorInfo& tensor) const {
    return static_cast<uint64_t>(elements_of(tensor)) * size_of(dtype_);
  }

  const TensorSource& source_;
  const TensorInfos& needed_;
  Dtype dtype_;
  std::string origin_;
  Observer& observer_;
  uint64_t done_ = 0, total_ = 0;
  int64_t told_ = 0;
};

void require_disk(const fs::path& out, uint64_t needed) {
  const uint64_t room = free_disk(out);
  if (room == 0 || room > needed + 64 * kMegabyte) return;
  throw Error("--out " + out.string() + ": the model needs " + std::to_string(needed / kMegabyte) +
              " MB, its disk has " + std::to_string(room / kMegabyte) +
              " MB free; free space, choose another --out, or --dtype fp16 for half the size");
}

/// Copies the tokenizer's files under the names by which the model's folder is known.
void copy_vocabulary(const std::vector<std::pair<std::string, fs::path>>& files, const fs::path& folder) {
  for (const auto& [name, file] : files) write_file(folder / name, read_file(file));
}

}  // namespace

void import_model(const fs::path& source, const fs::path& out, const ImportOptions& options,
                  Observer& observer) {
  const auto model = ldm::open_model_source(source, options.heads);
  const auto needed = ldm::needed_tensors(model.config);
  const auto ignored =
      check_fit(model.tensors->tensors(), needed, ldm::known_extras(model.config), source.string());
  const Dtype stored = usual_dtype(model.tensors->tensors(), needed);
  observer.said(found_text(model, needed, stored));
  if (!ignored.empty()) observer.said("left out, as it plays no part here: " + ignored);
  const auto files = vocabulary_files(model, options.vocabulary, options.merges);
  if (fs::exists(out) && options.force && !fs::is_empty(out) && !fs::exists(out / "model.json"))
    throw Error(out.string() + " is no model; --force replaces only a model. Choose another --out");
  const Dtype dtype = options.dtype.value_or(stored);
  PartWriter writer(*model.tensors, needed, dtype, source.string(), observer);
  require_disk(out, writer.total());
  make_folders(fs::absolute(out).lexically_normal().parent_path());
  StagedFolder folder(out, options.force);
  writer.write(folder.path() / ldm::kUNetFile, ldm::kUNetPrefix);
  writer.write(folder.path() / ldm::kAutoencoderFile, ldm::kAutoencoderPrefix);
  writer.write(folder.path() / ldm::kTextFile, ldm::kTextPrefix);
  copy_vocabulary(files, folder.path());
  write_json(folder.path() / "model.json",
             {{"architecture", ldm::name_of(model.config.family())},
              {"config", model.config},
              {"about", {{"source", utf8(source.filename())}, {"dtype", name_of(dtype)}}}});
  folder.commit();
  observer.said("wrote " + out.string() + "; use it with --model " + out.string());
}

}  // namespace kizu::importing
