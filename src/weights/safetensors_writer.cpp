#include "weights/safetensors_writer.h"

#include <stdexcept>

#include "weights/safetensors_header.h"

namespace kizu {

SafetensorsWriter::SafetensorsWriter(const std::filesystem::path& file, const TensorInfos& tensors,
                                     const std::map<std::string, std::string>& metadata)
    : output_(file) {
  const auto header = SafetensorsHeader::plan(tensors, metadata);
  for (const auto& span : header.spans) {
    order_.push_back(span.name);
    sizes_.push_back(span.end - span.begin);
  }
  output_.write(header.text());
}

void SafetensorsWriter::append(const std::vector<std::uint8_t>& bytes) {
  if (next_ >= order_.size() || bytes.size() != sizes_[next_])
    throw std::logic_error("SafetensorsWriter: tensor " + std::to_string(next_) + " does not fit its shape");
  output_.write(bytes.data(), bytes.size());
  next_++;
}

void SafetensorsWriter::commit() {
  if (next_ != order_.size()) throw std::logic_error("SafetensorsWriter: tensors are missing");
  output_.commit();
}

}  // namespace kizu
