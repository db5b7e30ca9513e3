#include "tensor/convert.h"

#include <cstring>
#include <stdexcept>

#include "core/error.h"

namespace kizu {
namespace {

/// Interleaved picture -> planes [3, H, W]; value v becomes v * scale + offset.
torch::Tensor planes(const Image& image, float scale, float offset) {
  auto out = torch::empty({3, image.height, image.width}, torch::kFloat32);
  float* to = out.data_ptr<float>();
  const std::size_t pixels = static_cast<std::size_t>(image.height) * image.width;
  for (int c = 0; c < 3; c++) {
    const std::uint16_t* from = image.values.data() + (image.channels == 3 ? c : 0);
    for (std::size_t i = 0; i < pixels; i++) to[c * pixels + i] = from[i * image.channels] * scale + offset;
  }
  return out;
}

/// Planes in [0, 1] -> interleaved picture. Numbers that are none become black.
Image interleaved(const torch::Tensor& rgb_01, int channels, int depth) {
  TORCH_CHECK(rgb_01.dim() == 3 && rgb_01.size(0) == 3, "from_01: expected [3, H, W], got ", rgb_01.sizes());
  TORCH_CHECK((channels == 1 || channels == 3) && (depth == 8 || depth == 16),
              "from_01: 1 or 3 channels, 8 or 16 bits");
  const auto height = static_cast<int>(rgb_01.size(1)), width = static_cast<int>(rgb_01.size(2));
  Image image = Image::blank(width, height, channels, depth);
  auto values = channels == 1 ? rgb_01.mean(0, true) : rgb_01;
  values = values.nan_to_num(0.0).clamp(0, 1).mul(image.max_value()).round().permute({1, 2, 0}).contiguous();
  const float* from = values.data_ptr<float>();
  for (std::size_t i = 0; i < image.values.size(); i++) image.values[i] = static_cast<std::uint16_t>(from[i]);
  return image;
}

torch::Tensor float_cpu(const torch::Tensor& tensor) {
  return tensor.detach().to(torch::TensorOptions().device(torch::kCPU).dtype(torch::kFloat32));
}

struct DtypePair {
  Dtype file;
  torch::ScalarType tensor;
};
constexpr DtypePair kDtypes[] = {{Dtype::F64, torch::kFloat64}, {Dtype::F32, torch::kFloat32},
                                 {Dtype::F16, torch::kFloat16}, {Dtype::BF16, torch::kBFloat16},
                                 {Dtype::I64, torch::kInt64},   {Dtype::I32, torch::kInt32},
                                 {Dtype::I16, torch::kInt16},   {Dtype::I8, torch::kInt8},
                                 {Dtype::U8, torch::kUInt8},    {Dtype::Bool, torch::kBool}};

}  // namespace

torch::Tensor to_01(const Image& image) {
  return planes(image, 1.0f / static_cast<float>(image.max_value()), 0.0f);
}

torch::Tensor to_pm1(const Image& image) {
  return planes(image, 2.0f / static_cast<float>(image.max_value()), -1.0f);
}

Image from_01(const torch::Tensor& rgb, int channels, int depth) {
  return interleaved(float_cpu(rgb), channels, depth);
}

Image from_pm1(const torch::Tensor& rgb, int channels, int depth) {
  return interleaved(float_cpu(rgb).add(1).div(2), channels, depth);
}

torch::Tensor to_u8(const torch::Tensor& pm1) {
  return ((pm1 + 1) * 127.5).round().clamp(0, 255).to(torch::kUInt8);
}

torch::Tensor to_tensor(const Mask& mask) {
  auto out = torch::empty({1, mask.height, mask.width}, torch::kFloat32);
  float* to = out.data_ptr<float>();
  for (std::size_t i = 0; i < mask.values.size(); i++) to[i] = mask.values[i] != 0 ? 1.0f : 0.0f;
  return out;
}

Mask to_mask(const torch::Tensor& mask) {
  TORCH_CHECK(mask.dim() == 3 && mask.size(0) == 1, "to_mask: expected [1, H, W], got ", mask.sizes());
  const auto values = float_cpu(mask).contiguous();
  Mask out = Mask::blank(static_cast<int>(mask.size(2)), static_cast<int>(mask.size(1)));
  const float* from = values.data_ptr<float>();
  for (std::size_t i = 0; i < out.values.size(); i++) out.values[i] = from[i] >= 0.5f ? 1 : 0;
  return out;
}

torch::Tensor to_tensor(const RawTensor& raw, bool as_float) {
  torch::ScalarType type = torch::kFloat32;
  for (const DtypePair& pair : kDtypes)
    if (pair.file == raw.dtype) type = pair.tensor;
  auto out = torch::empty(raw.shape, type);
  TORCH_CHECK(out.nbytes() == raw.bytes.size(), "to_tensor: ", raw.bytes.size(), " bytes for shape ",
              out.sizes());
  if (!raw.bytes.empty()) std::memcpy(out.data_ptr(), raw.bytes.data(), raw.bytes.size());
  // A bool other than 0 and 1 is undefined behaviour in C++.
  if (raw.dtype == Dtype::Bool)
    for (std::size_t i = 0; i < raw.bytes.size(); i++) out.data_ptr<bool>()[i] = raw.bytes[i] != 0;
  const bool half = raw.dtype == Dtype::F16 || raw.dtype == Dtype::BF16;
  return as_float && half ? out.to(torch::kFloat32) : out;
}

RawTensor to_raw(const torch::Tensor& tensor) {
  const auto values = tensor.detach().to(torch::kCPU).contiguous();
  RawTensor raw;
  bool known = false;
  for (const DtypePair& pair : kDtypes)
    if (pair.tensor == values.scalar_type()) raw.dtype = pair.file, known = true;
  TORCH_CHECK(known, "to_raw: a tensor of ", values.dtype().name(), " cannot be written");
  raw.shape = values.sizes().vec();
  raw.bytes.resize(values.nbytes());
  if (!raw.bytes.empty()) std::memcpy(raw.bytes.data(), values.data_ptr(), raw.bytes.size());
  return raw;
}

NamedTensors read_tensors(const std::filesystem::path& file, bool as_float) {
  Safetensors content = Safetensors::read(file);
  NamedTensors tensors;
  for (auto& [name, raw] : content.tensors) {
    tensors[name] = to_tensor(raw, as_float);
    raw = {};  // so that the peak is one copy of the file and one tensor
  }
  return tensors;
}

void write_tensors(const std::filesystem::path& file, const NamedTensors& tensors,
                   const std::map<std::string, std::string>& metadata) {
  Safetensors content;
  content.metadata = metadata;
  for (const auto& [name, tensor] : tensors) content.tensors[name] = to_raw(tensor);
  content.write(file);
}

namespace {

std::string listed(const std::string& what, const std::vector<std::string>& names) {
  if (names.empty()) return "";
  constexpr std::size_t kShown = 5;
  std::string text = "; " + std::to_string(names.size()) + " " + what + ": ";
  for (std::size_t i = 0; i < std::min(kShown, names.size()); i++) text += (i ? ", " : "") + names[i];
  return names.size() > kShown ? text + ", ..." : text;
}

}  // namespace

void load_state(torch::nn::Module& module, const NamedTensors& tensors, const std::string& prefix,
                const std::string& origin) {
  const NamedTensors own = state_of(module, prefix);
  std::vector<std::string> missing, unknown, misshapen;
  for (const auto& [name, into] : own) {
    const auto found = tensors.find(name);
    if (found == tensors.end())
      missing.push_back(name);
    else if (found->second.sizes() != into.sizes())
      misshapen.push_back(name + " " + c10::str(found->second.sizes()) + " for " + c10::str(into.sizes()));
  }
  for (const auto& [name, tensor] : tensors)
    if (name.compare(0, prefix.size(), prefix) == 0 && own.count(name) == 0) unknown.push_back(name);
  if (!missing.empty() || !unknown.empty() || !misshapen.empty())
    throw Error(origin + " does not fit this network" + listed("missing", missing) +
                listed("unknown", unknown) + listed("of another shape", misshapen));
  torch::NoGradGuard no_gradients;
  for (const auto& [name, into] : own) torch::Tensor(into).copy_(tensors.at(name));
}

NamedTensors state_of(const torch::nn::Module& module, const std::string& prefix) {
  NamedTensors state;
  for (const auto& item : module.named_parameters()) state[prefix + item.key()] = item.value().detach();
  for (const auto& item : module.named_buffers()) state[prefix + item.key()] = item.value().detach();
  return state;
}

}  // namespace kizu
