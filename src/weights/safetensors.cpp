#include "weights/safetensors.h"

#include <cstring>

#include "core/input_file.h"
#include "weights/safetensors_header.h"
#include "weights/safetensors_writer.h"

namespace kizu {
namespace {

/// `source` has size() and read(void*, count).
template <typename Source>
Safetensors read_from(Source& source, const std::string& origin) {
  std::uint64_t first = 0;
  if (source.size() >= sizeof first) source.read(&first, sizeof first);
  std::string text(static_cast<std::size_t>(SafetensorsHeader::size(first, source.size(), origin)), '\0');
  source.read(text.data(), text.size());
  SafetensorsHeader header =
      SafetensorsHeader::parse(text, source.size() - sizeof first - text.size(), origin);

  Safetensors result;
  result.metadata = std::move(header.metadata);
  for (const auto& span : header.spans) {
    TensorInfo& info = header.tensors.at(span.name);
    RawTensor& tensor = result.tensors[span.name] = {info.dtype, std::move(info.shape), {}};
    tensor.bytes.resize(static_cast<std::size_t>(span.end - span.begin));
    source.read(tensor.bytes.data(), tensor.bytes.size());
  }
  return result;
}

/// Bytes in memory with the face of an InputFile.
struct MemorySource {
  std::string_view bytes;
  std::size_t at = 0;
  std::uint64_t size() const { return bytes.size(); }
  void read(void* into, std::size_t count) {
    if (count > 0) std::memcpy(into, bytes.data() + at, count);
    at += count;
  }
};

}  // namespace

Safetensors Safetensors::read(const std::filesystem::path& file) {
  InputFile input(file);
  return read_from(input, file.string());
}

Safetensors Safetensors::parse(std::string_view bytes, const std::string& origin) {
  MemorySource source{bytes};
  return read_from(source, origin);
}

void Safetensors::write(const std::filesystem::path& file) const {
  TensorInfos infos;
  for (const auto& [name, tensor] : tensors) infos[name] = {tensor.dtype, tensor.shape};
  SafetensorsWriter writer(file, infos, metadata);
  for (const std::string& name : writer.order()) writer.append(tensors.at(name).bytes);
  writer.commit();
}

}  // namespace kizu
