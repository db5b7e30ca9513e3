#include "weights/safetensors_file.h"

#include <algorithm>
#include <cstring>

#include "weights/safetensors_header.h"

namespace kizu {

SafetensorsFile::SafetensorsFile(const std::filesystem::path& file) : file_(file) {
  const std::string_view bytes = file_.bytes();
  std::uint64_t first = 0;
  if (bytes.size() >= sizeof first) std::memcpy(&first, bytes.data(), sizeof first);
  const std::uint64_t size = SafetensorsHeader::size(first, bytes.size(), file.string());
  const std::uint64_t data = sizeof first + size;
  auto header = SafetensorsHeader::parse(std::string(bytes.substr(sizeof first, size)), bytes.size() - data,
                                         file.string());
  tensors_ = std::move(header.tensors);
  metadata_ = std::move(header.metadata);
  for (const auto& span : header.spans) spans_[span.name] = {data + span.begin, span.end - span.begin};
}

std::string_view SafetensorsFile::bytes(const std::string& name) const {
  const Span& span = spans_.at(name);
  return file_.bytes().substr(span.begin, span.size);
}

void SafetensorsFile::release(const std::string& name) const {
  const Span& span = spans_.at(name);
  file_.release(span.begin, span.size);
}

RawTensor SafetensorsFile::read(const std::string& name) const {
  constexpr std::uint64_t kPiece = 8u << 20;
  const TensorInfo& info = tensors_.at(name);
  const Span& span = spans_.at(name);
  RawTensor tensor{info.dtype, info.shape, {}};
  tensor.bytes.resize(span.size);
  for (std::uint64_t done = 0; done < span.size; done += kPiece) {
    const std::uint64_t count = std::min(kPiece, span.size - done);
    std::memcpy(tensor.bytes.data() + done, file_.bytes().data() + span.begin + done, count);
    file_.release(span.begin + done, count);
  }
  return tensor;
}

}  // namespace kizu
