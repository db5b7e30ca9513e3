#include "weights/tensor_source.h"

#include <algorithm>

#include "core/error.h"
#include "core/input_file.h"
#include "weights/safetensors_file.h"
#include "weights/torch_checkpoint.h"

namespace kizu {
namespace {

/// The first bytes of the file, at most 64.
std::string beginning(const std::filesystem::path& file) {
  InputFile input(file);
  std::string bytes(static_cast<std::size_t>(std::min<std::uint64_t>(input.size(), 64)), '\0');
  input.read(bytes.data(), bytes.size());
  return bytes;
}

bool starts(const std::string& bytes, std::string_view with) {
  return bytes.compare(0, with.size(), with) == 0;
}

/// What a file is that holds no tensors, where that can be told; how to get the right one.
std::string mistaken(const std::string& bytes) {
  if (bytes.empty()) return "it is empty; copy it again from its source";
  if (starts(bytes, "version https://git-lfs"))
    return "it is only a pointer to the weights in a Git large-file store; fetch the file itself (git lfs "
           "pull)";
  if (bytes[bytes.find_first_not_of(" \t\r\n") % bytes.size()] == '<')
    return "it is a web page, as a failed download leaves; download it again";
  return "it is neither a safetensors file nor a checkpoint of torch";
}

}  // namespace

std::unique_ptr<TensorSource> open_tensors(const std::filesystem::path& file) {
  const std::string bytes = beginning(file);
  // Safetensors first: the length that it begins with may look like the start of a pickle.
  if (bytes.size() > 8 && bytes[8] == '{') return std::make_unique<SafetensorsFile>(file);
  if (starts(bytes, "PK\x03\x04") || starts(bytes, "\x80")) return std::make_unique<TorchCheckpoint>(file);
  throw Error(file.string() + " holds no weights: " + mistaken(bytes));
}

}  // namespace kizu
