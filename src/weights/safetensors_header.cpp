#include "weights/safetensors_header.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <tuple>

#include "core/error.h"
#include "core/json.h"

namespace kizu {
namespace {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "safetensors bytes are used as they are");

constexpr std::uint64_t kMaxHeader = 32u << 20;
constexpr std::size_t kMaxRank = 16;

struct DtypeName {
  Dtype dtype;
  const char* name;
  std::size_t size;
};
constexpr DtypeName kDtypes[] = {{Dtype::F64, "F64", 8},   {Dtype::F32, "F32", 4}, {Dtype::F16, "F16", 2},
                                 {Dtype::BF16, "BF16", 2}, {Dtype::I64, "I64", 8}, {Dtype::I32, "I32", 4},
                                 {Dtype::I16, "I16", 2},   {Dtype::I8, "I8", 1},   {Dtype::U8, "U8", 1},
                                 {Dtype::Bool, "BOOL", 1}};

const DtypeName& entry(Dtype dtype) {
  return *std::find_if(std::begin(kDtypes), std::end(kDtypes),
                       [&](const auto& e) { return e.dtype == dtype; });
}

using Span = SafetensorsHeader::Span;

/// Everything that can be wrong with a file ends here, with the file's name before it.
class HeaderReader {
 public:
  HeaderReader(const std::string& origin, std::uint64_t data_size) : origin_(origin), data_size_(data_size) {}

  SafetensorsHeader parse(const std::string& text) const {
    const Json json = parse_json(text, origin_ + ", its header");
    if (!json.is_object()) refuse("the header is not a JSON object");
    SafetensorsHeader header;
    for (const auto& [name, value] : json.items()) {
      if (name == "__metadata__")
        read_metadata(value, header.metadata);
      else
        header.spans.push_back(read_entry(name, value, header.tensors[name]));
    }
    std::sort(header.spans.begin(), header.spans.end(), [](const Span& a, const Span& b) {
      return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
    });
    check_cover(header.spans);
    return header;
  }

  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(origin_ + " is not a usable safetensors file: " + what);
  }

 private:
  void read_metadata(const Json& value, std::map<std::string, std::string>& into) const {
    if (!value.is_object()) refuse("__metadata__ is not an object");
    for (const auto& [key, text] : value.items()) {
      if (!text.is_string()) refuse("__metadata__ entry \"" + key + "\" is not text");
      into[key] = text.get<std::string>();
    }
  }

  Span read_entry(const std::string& name, const Json& value, TensorInfo& tensor) const {
    const std::string who = "tensor \"" + name + "\" ";
    if (!value.is_object() || value.size() != 3 || !value.contains("dtype") || !value.contains("shape") ||
        !value.contains("data_offsets"))
      refuse(who + "must have exactly dtype, shape and data_offsets");
    tensor.dtype = read_dtype(who, value.at("dtype"));
    const std::uint64_t bytes = read_shape(who, value.at("shape"), tensor);
    const Json& offsets = value.at("data_offsets");
    if (!offsets.is_array() || offsets.size() != 2) refuse(who + "needs two data_offsets");
    const std::uint64_t begin = read_number(who + "data_offsets", offsets[0]);
    const std::uint64_t end = read_number(who + "data_offsets", offsets[1]);
    if (begin > end) refuse(who + "ends before it begins");
    if (end > data_size_)
      refuse(who + "ends at byte " + std::to_string(end) + " of " + std::to_string(data_size_) +
             "; the file is cut short, copy it again from its source");
    if (end - begin != bytes)
      refuse(who + "has " + std::to_string(end - begin) + " bytes where its shape needs " +
             std::to_string(bytes));
    return {name, begin, end};
  }

  Dtype read_dtype(const std::string& who, const Json& value) const {
    if (!value.is_string()) refuse(who + "has a dtype that is not text");
    for (const DtypeName& known : kDtypes)
      if (value.get_ref<const std::string&>() == known.name) return known.dtype;
    refuse(who + "has the unsupported dtype " + value.get<std::string>());
  }

  /// Returns the bytes that the shape needs. Zero dimensions count as one in the overflow check, because
  /// whoever computes strides multiplies the others.
  std::uint64_t read_shape(const std::string& who, const Json& value, TensorInfo& tensor) const {
    if (!value.is_array()) refuse(who + "has a shape that is not a list");
    if (value.size() > kMaxRank) refuse(who + "has more than " + std::to_string(kMaxRank) + " dimensions");
    std::uint64_t product = size_of(tensor.dtype);
    bool none = false;
    for (const Json& element : value) {
      const std::uint64_t dimension = read_number(who + "shape", element);
      none = none || dimension == 0;
      const std::uint64_t factor = std::max<std::uint64_t>(dimension, 1);
      if (factor > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) / product)
        refuse(who + "has a shape too large for any machine");
      product *= factor;
      tensor.shape.push_back(static_cast<std::int64_t>(dimension));
    }
    return none ? 0 : product;
  }

  std::uint64_t read_number(const std::string& what, const Json& value) const {
    if (!value.is_number_unsigned()) refuse(what + " holds " + value.dump() + ", not a whole number from 0");
    return value.get<std::uint64_t>();
  }

  /// The spans must cover the data exactly: no overlap, no gap, nothing after the last.
  void check_cover(const std::vector<Span>& spans) const {
    std::uint64_t at = 0;
    for (const Span& span : spans) {
      if (span.begin < at) refuse("tensor \"" + span.name + "\" overlaps the one before it");
      if (span.begin > at) refuse("there are unused bytes before tensor \"" + span.name + "\"");
      at = span.end;
    }
    if (at != data_size_) refuse(std::to_string(data_size_ - at) + " bytes follow the last tensor");
  }

  const std::string& origin_;
  std::uint64_t data_size_;
};

}  // namespace

std::size_t size_of(Dtype dtype) {
  return entry(dtype).size;
}

const char* name_of(Dtype dtype) {
  return entry(dtype).name;
}

std::int64_t elements_of(const TensorInfo& tensor) {
  std::int64_t product = 1;
  for (const std::int64_t dimension : tensor.shape) product *= dimension;
  return product;
}

std::uint64_t SafetensorsHeader::size(std::uint64_t first_bytes, std::uint64_t file_size,
                                      const std::string& origin) {
  const HeaderReader start(origin, 0);
  if (file_size < sizeof first_bytes) start.refuse("it has only " + std::to_string(file_size) + " bytes");
  if (first_bytes > kMaxHeader)
    start.refuse("its header would have " + std::to_string(first_bytes) + " bytes");
  if (first_bytes > file_size - sizeof first_bytes)
    start.refuse("it ends within its header; copy it again from its source");
  return first_bytes;
}

SafetensorsHeader SafetensorsHeader::parse(const std::string& text, std::uint64_t data_size,
                                           const std::string& origin) {
  return HeaderReader(origin, data_size).parse(text);
}

SafetensorsHeader SafetensorsHeader::plan(const TensorInfos& tensors,
                                          std::map<std::string, std::string> metadata) {
  SafetensorsHeader header;
  header.tensors = tensors;
  header.metadata = std::move(metadata);
  for (const auto& [name, tensor] : tensors) {
    if (name == "__metadata__") throw std::logic_error("SafetensorsHeader: a tensor of this name: " + name);
    header.spans.push_back(
        {name, 0, static_cast<std::uint64_t>(elements_of(tensor)) * size_of(tensor.dtype)});
  }
  std::stable_sort(header.spans.begin(), header.spans.end(), [&](const Span& a, const Span& b) {
    return size_of(tensors.at(a.name).dtype) > size_of(tensors.at(b.name).dtype);
  });
  std::uint64_t at = 0;
  for (Span& span : header.spans) {
    span.begin = at;
    at = span.end += at;
  }
  return header;
}

std::string SafetensorsHeader::text() const {
  Json json = Json::object();
  if (!metadata.empty()) json["__metadata__"] = metadata;
  for (const Span& span : spans) {
    const TensorInfo& tensor = tensors.at(span.name);
    json[span.name] = {
        {"dtype", name_of(tensor.dtype)}, {"shape", tensor.shape}, {"data_offsets", {span.begin, span.end}}};
  }
  std::string text = json.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  const std::uint64_t size = text.size();
  std::string bytes(sizeof size, '\0');
  std::memcpy(bytes.data(), &size, sizeof size);
  return bytes + text;
}

}  // namespace kizu
